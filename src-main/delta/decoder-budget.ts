import { CodedError } from '../base/coded-error'
import { MOVE_BYTES } from '../wire/delta/address-map'
import { type LzmaSettings, lzmaDecoderBytes } from '../wire/delta/lzma-decoder'
import { PREDICTOR_BYTES } from '../wire/delta/predictor'

/** What the handset's RAM allows the decoder. */
export interface DecoderBudget {
  /** The settings that each of the three streams may be coded with. */
  readonly settings: readonly LzmaSettings[]
  /** The one of them that plans are compared with. */
  readonly probe: LzmaSettings
  readonly movesMax: number
  /** For a whole image in one stream, when nothing of the old one helps. */
  readonly fullSettings: readonly LzmaSettings[]
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

/** Throws `OPTION_UNFIT` where no decoder fits. */
export function decoderBudget(ramBytes: number): DecoderBudget {
  for (let contextBits = CONTEXT_BITS_MAX; contextBits >= 0; contextBits--) {
    const largest = { lc: contextBits, lp: 0, pb: 0, dictionaryBytes: DICTIONARY_BYTES }
    const left = ramBytes - STREAMS * lzmaDecoderBytes(largest) - PREDICTOR_BYTES
    const movesMax = Math.min(MOVES_MAX, Math.floor(left / MOVE_BYTES))
    if (movesMax < (contextBits > 0 ? MOVES_WANTED : 0)) continue
    const settings = settingsOf(contextBits, DICTIONARY_BYTES)
    const probe = { lc: 0, lp: 0, pb: 0, dictionaryBytes: DICTIONARY_BYTES }
    return { settings, probe, movesMax, fullSettings: fullSettings(ramBytes) }
  }
  const smallest = { lc: 0, lp: 0, pb: 0, dictionaryBytes: DICTIONARY_BYTES }
  const needed = STREAMS * lzmaDecoderBytes(smallest) + PREDICTOR_BYTES
  const message = `Rebuilding an image takes at least ${needed} bytes of RAM; allow more than ${ramBytes}.`
  throw new CodedError('OPTION_UNFIT', message, { ramBytes, needed })
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

function fullSettings(ramBytes: number): LzmaSettings[] {
  let dictionaryBytes = DICTIONARY_BYTES
  const takes = (bytes: number) =>
    PREDICTOR_BYTES + lzmaDecoderBytes({ lc: 2, lp: 0, pb: 0, dictionaryBytes: bytes })
  while (dictionaryBytes < DICTIONARY_BYTES_MAX && takes(2 * dictionaryBytes) <= ramBytes) {
    dictionaryBytes *= 2
  }
  const contextBits = takes(dictionaryBytes) <= ramBytes ? CONTEXT_BITS_MAX : 0
  return settingsOf(contextBits, dictionaryBytes)
}
