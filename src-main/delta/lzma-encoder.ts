import lzma from 'lzma-native'
import { LzmaDecoder, type LzmaSettings } from '../wire/delta/lzma-decoder'

/** As long as matches can be: nothing is good enough to stop looking for better. */
const LONGEST_MATCH = 273

/** A packed stream with the end mark that liblzma writes, and how it was packed. */
export interface RawLzma {
  readonly raw: Uint8Array
  readonly settings: LzmaSettings
}

/**
 * The stream without its first byte, which is always 0, and without what comes after the last
 * byte: whoever decodes knows how many bytes there are.
 */
export function trimmed({ raw, settings }: RawLzma, bytes: number): Uint8Array {
  if (bytes === 0) return new Uint8Array(0)
  const whole = raw.subarray(1)
  const decoder = new LzmaDecoder('bytes', whole, bytes, settings)
  for (let count = 0; count < bytes; count++) decoder.next()
  return whole.slice(0, decoder.consumed)
}

/** Packs with raw LZMA1. */
export async function encodeLzma(bytes: Uint8Array, settings: LzmaSettings): Promise<RawLzma> {
  const { lc, lp, pb, dictionaryBytes } = settings
  const coder = lzma.createStream('rawEncoder', {
    synchronous: true,
    filters: [
      {
        id: lzma.FILTER_LZMA1,
        // Settings beside `id` are passed over in silence.
        options: {
          dictSize: dictionaryBytes,
          lc,
          lp,
          pb,
          mode: lzma.MODE_NORMAL,
          mf: lzma.MF_BT4,
          niceLen: LONGEST_MATCH,
        },
      },
    ],
  })
  const pieces: Uint8Array[] = []
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  coder
    .on('data', (piece: Uint8Array) => pieces.push(piece))
    .on('end', resolve)
    .on('error', reject)
  coder.end(bytes)
  await promise
  return { raw: Buffer.concat(pieces), settings }
}
