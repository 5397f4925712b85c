import { CodedError } from '../base/coded-error'
import { MOVE_BYTES } from '../wire/delta/address-map'
import { type LzmaSettings, lzmaDecoderBytes } from '../wire/delta/lzma-decoder'
import type { StreamName } from '../wire/delta/header'
import { PREDICTOR_BYTES } from '../wire/delta/predictor'

/** The settings that each stream may be coded with. */
export type StreamSettings = Readonly<Record<StreamName, readonly LzmaSettings[]>>

/** What the handset's RAM allows the decoder. */
export interface DecoderBudget {
  readonly settings: StreamSettings
  /** The one of them that plans are compared with. */
  readonly probe: LzmaSettings
  readonly movesMax: number
}

/** Enough for the best files; the handset's RAM rarely has more to spare. */
export const RAM_BYTES_DEFAULT = 64 * 1024

const DICTIONARY_BYTES = 4096
const DICTIONARY_BYTES_MAX = 2 ** 24
const STREAMS = 3
const MOVES_MAX = 1024
/** So many moves are worth more than finer contexts. */
const MOVES_WANTED = 512
const CONTEXT_BITS_MAX = 2
const SMALLEST: LzmaSettings = { lc: 0, lp: 0, pb: 0, dictionaryBytes: DICTIONARY_BYTES }
/** RAM for the decoder of a stream of a few bytes. */
export const SMALLEST_DECODER_BYTES = lzmaDecoderBytes(SMALLEST)

/** What decoding may take where `reservedBytes` are for other things. Throws `OPTION_UNFIT`. */
export function decoderBudget(ramBytes: number, reservedBytes: number): DecoderBudget {
  for (let contextBits = CONTEXT_BITS_MAX; contextBits >= 0; contextBits--) {
    const decoders = STREAMS * lzmaDecoderBytes({ ...SMALLEST, lc: contextBits })
    const left = ramBytes - reservedBytes - decoders - PREDICTOR_BYTES
    const movesMax = Math.min(MOVES_MAX, Math.floor(left / MOVE_BYTES))
    if (movesMax < (contextBits > 0 ? MOVES_WANTED : 0)) continue
    const each = settingsOf(contextBits, DICTIONARY_BYTES)
    const settings = { covers: each, residuals: each, literals: each }
    return { settings, probe: SMALLEST, movesMax }
  }
  throw unfit(ramBytes, reservedBytes + STREAMS * SMALLEST_DECODER_BYTES + PREDICTOR_BYTES)
}

function unfit(ramBytes: number, needed: number): CodedError {
  const message = `Rebuilding an image takes at least ${needed} bytes of RAM; allow more than ${ramBytes}.`
  return new CodedError('OPTION_UNFIT', message, { ramBytes, needed })
}

function settingsOf(contextBits: number, dictionaryBytes: number): LzmaSettings[] {
  const contexts = [
    { lc: 0, lp: 0 },
    { lc: 1, lp: 0 },
    { lc: 2, lp: 0 },
    { lc: 1, lp: 1 },
    { lc: 0, lp: 2 },
  ].filter(({ lc, lp }) => lc + lp <= contextBits)
  return contexts.flatMap(context => [0, 2].map(pb => ({ ...context, pb, dictionaryBytes })))
}

/** RAM that the decoder of a whole image in one stream takes at least. */
export function leastForWhole(reservedBytes: number): number {
  return reservedBytes + SMALLEST_DECODER_BYTES + PREDICTOR_BYTES
}

export interface WholeImage {
  readonly bytes: number
  /** RAM for other things than the stream of literals. */
  readonly reservedBytes: number
}

/**
 * For a whole image in one stream, when nothing of the old one helps: the largest dictionary that
 * the image has a use for. Throws `OPTION_UNFIT`.
 */
export function wholeSettings(
  ramBytes: number,
  { bytes, reservedBytes }: WholeImage,
): StreamSettings {
  for (let contextBits = CONTEXT_BITS_MAX; contextBits >= 0; contextBits--) {
    const fits = (dictionaryBytes: number) => {
      const decoder = lzmaDecoderBytes({ ...SMALLEST, lc: contextBits, dictionaryBytes })
      return reservedBytes + decoder + PREDICTOR_BYTES <= ramBytes
    }
    let dictionaryBytes = DICTIONARY_BYTES
    if (!fits(dictionaryBytes)) continue
    const limit = Math.min(bytes, DICTIONARY_BYTES_MAX)
    while (dictionaryBytes < limit && fits(2 * dictionaryBytes)) dictionaryBytes *= 2
    const literals = settingsOf(contextBits, dictionaryBytes)
    // What the other two hold is a few bytes, if anything.
    return { covers: [SMALLEST], residuals: [SMALLEST], literals }
  }
  throw unfit(ramBytes, leastForWhole(reservedBytes))
}
