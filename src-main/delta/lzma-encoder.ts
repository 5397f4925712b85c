import lzma from 'lzma-native'
import { LzmaDecoder, type LzmaSettings } from '../wire/delta/lzma-decoder'
import { NativeGate } from './native-gate'

/** A match of this length is good enough to stop looking for better; longer ones win nothing. */
const NICE_LENGTH = 64

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

/** `quick` packs a few per cent worse in half the time: enough to compare. */
export type LzmaEffort = 'quick' | 'best'

let gate = new NativeGate(NativeGate.memory())

/** From now on this thread packs only inside this gate. */
export function packInside(other: NativeGate): void {
  gate = other
}

/** Packs with raw LZMA1. */
export async function encodeLzma(
  bytes: Uint8Array,
  settings: LzmaSettings,
  effort: LzmaEffort = 'best',
): Promise<RawLzma> {
  gate.enter()
  try {
    return { raw: await packed(bytes, settings, effort), settings }
  } finally {
    gate.leave()
  }
}

async function packed(
  bytes: Uint8Array,
  settings: LzmaSettings,
  effort: LzmaEffort,
): Promise<Uint8Array> {
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
          mode: effort === 'best' ? lzma.MODE_NORMAL : lzma.MODE_FAST,
          mf: effort === 'best' ? lzma.MF_BT4 : lzma.MF_HC4,
          niceLen: NICE_LENGTH,
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
  return Buffer.concat(pieces)
}
