import { damaged } from './delta-errors'

/** How one stream was coded: the parameters of LZMA1 and the size of its dictionary. */
export interface LzmaSettings {
  /** Bits of the byte before that choose a literal's contexts, 0 … 4; with `lp` at most 4. */
  readonly lc: number
  /** Bits of the position that choose a literal's contexts, 0 … 4. */
  readonly lp: number
  /** Bits of the position that choose a match's contexts, 0 … 4. */
  readonly pb: number
  readonly dictionaryBytes: number
}

const PROBABILITY_BITS = 11
const PROBABILITY_HALF = 1 << (PROBABILITY_BITS - 1)
const MOVE_BITS = 5
const TOP = 2 ** 24

const STATES = 12
const POSITION_STATES = 16
/** A length coder: choice, choice 2, 16 low trees, 16 middle trees of 8 leaves, one high of 256. */
const LENGTH_LOW = 2
const LENGTH_MIDDLE = LENGTH_LOW + POSITION_STATES * 8
const LENGTH_HIGH = LENGTH_MIDDLE + POSITION_STATES * 8
const LENGTH_SIZE = LENGTH_HIGH + 256

// Where each group of probabilities begins in the one table.
const IS_MATCH = 0
const IS_REPEAT = IS_MATCH + STATES * POSITION_STATES
const IS_REPEAT_0 = IS_REPEAT + STATES
const IS_REPEAT_1 = IS_REPEAT_0 + STATES
const IS_REPEAT_2 = IS_REPEAT_1 + STATES
const IS_REPEAT_0_LONG = IS_REPEAT_2 + STATES
const SLOTS = IS_REPEAT_0_LONG + STATES * POSITION_STATES
const SPECIAL = SLOTS + 4 * 64
const ALIGN = SPECIAL + 128
const MATCH_LENGTH = ALIGN + 16
const REPEAT_LENGTH = MATCH_LENGTH + LENGTH_SIZE
const LITERALS = REPEAT_LENGTH + LENGTH_SIZE
const LITERAL_SIZE = 0x300

const MATCH_LENGTH_MIN = 2
const END_SLOT_MODEL = 14
const ALIGN_BITS = 4

/** RAM of one decoder: its dictionary and its 16-bit probabilities. */
export function lzmaDecoderBytes({ lc, lp, dictionaryBytes }: LzmaSettings): number {
  return dictionaryBytes + 2 * (LITERALS + (LITERAL_SIZE << (lc + lp)))
}

/**
 * Decodes one raw LZMA1 stream byte by byte, in memory that its settings bound. The stream carries
 * no end mark and lacks LZMA's first byte, which is always 0; it must be used up exactly when the
 * last byte was given. Throws `DELTA_DAMAGED`.
 */
export class LzmaDecoder {
  readonly #input: Uint8Array
  readonly #name: string
  readonly #probabilities: Uint16Array
  readonly #dictionary: Uint8Array
  readonly #settings: LzmaSettings
  readonly #repeats = [0, 0, 0, 0]
  #at = 0
  #range = 0xffffffff
  #code = 0
  #state = 0
  #position = 0
  #copyLeft = 0
  #bytesLeft: number

  constructor(name: string, input: Uint8Array, bytes: number, settings: LzmaSettings) {
    this.#name = name
    this.#input = input
    this.#bytesLeft = bytes
    this.#settings = settings
    const { lc, lp, dictionaryBytes } = settings
    // A stream of nothing takes no memory.
    const size = bytes > 0 ? LITERALS + (LITERAL_SIZE << (lc + lp)) : 0
    this.#probabilities = new Uint16Array(size).fill(PROBABILITY_HALF)
    this.#dictionary = new Uint8Array(bytes > 0 ? dictionaryBytes : 0)
    if (bytes > 0) for (let count = 0; count < 4; count++) this.#shiftIn()
  }

  /** Bytes that are still to come. */
  get bytesLeft(): number {
    return this.#bytesLeft
  }

  /** Bytes of the input that were needed so far. */
  get consumed(): number {
    return this.#at
  }

  next(): number {
    if (this.#bytesLeft === 0) throw damaged(`asks for more ${this.#name} than it holds.`)
    if (this.#copyLeft === 0) this.#decodeSymbol()
    else this.#copyOne()
    this.#bytesLeft -= 1
    return this.#byteBefore(0)
  }

  /** Checks that the whole stream was used, and nothing is left over. */
  finish(): void {
    if (this.#bytesLeft > 0 || this.#copyLeft > 0 || this.#at !== this.#input.length) {
      throw damaged(`holds more ${this.#name} than it uses.`)
    }
  }

  #decodeSymbol(): void {
    const { pb } = this.#settings
    const positionState = this.#position & ((1 << pb) - 1)
    const context = this.#state * POSITION_STATES + positionState
    if (this.#bit(IS_MATCH + context) === 0) {
      this.#put(this.#literal())
      this.#state = this.#state < 4 ? 0 : this.#state < 10 ? this.#state - 3 : this.#state - 6
      return
    }
    if (this.#bit(IS_REPEAT + this.#state) === 0) this.#match(positionState)
    else if (!this.#repeatedMatch(context)) return this.#shortRepeat()
    else {
      this.#copyLeft = this.#length(REPEAT_LENGTH, positionState)
      this.#state = this.#state < 7 ? 8 : 11
    }
    const distance = this.#repeats[0] ?? 0
    if (distance >= this.#position || distance >= this.#dictionary.length) {
      throw damaged(`copies ${this.#name} from before their beginning.`)
    }
    if (this.#copyLeft > this.#bytesLeft) {
      throw damaged(`copies more ${this.#name} than it announces.`)
    }
    this.#copyOne()
  }

  #match(positionState: number): void {
    const repeats = this.#repeats
    repeats.copyWithin(1, 0, 3)
    this.#copyLeft = this.#length(MATCH_LENGTH, positionState)
    repeats[0] = this.#distance(Math.min(this.#copyLeft - MATCH_LENGTH_MIN, 3))
    this.#state = this.#state < 7 ? 7 : 10
  }

  /** Brings the distance that is used again to the front; false where it is for one byte only. */
  #repeatedMatch(context: number): boolean {
    const repeats = this.#repeats
    if (this.#bit(IS_REPEAT_0 + this.#state) === 0) {
      return this.#bit(IS_REPEAT_0_LONG + context) === 1
    }
    const which = this.#bit(IS_REPEAT_1 + this.#state) === 0 ? 1 : this.#oldRepeat()
    const distance = repeats[which] ?? 0
    repeats.copyWithin(1, 0, which)
    repeats[0] = distance
    return true
  }

  #oldRepeat(): number {
    return 2 + this.#bit(IS_REPEAT_2 + this.#state)
  }

  #shortRepeat(): void {
    if ((this.#repeats[0] ?? 0) >= this.#position) {
      throw damaged(`copies ${this.#name} from before their beginning.`)
    }
    this.#state = this.#state < 7 ? 9 : 11
    this.#copyLeft = 1
    this.#copyOne()
  }

  #copyOne(): void {
    this.#copyLeft -= 1
    this.#put(this.#byteBefore(this.#repeats[0] ?? 0))
  }

  #literal(): number {
    const { lc, lp } = this.#settings
    const before = this.#position === 0 ? 0 : this.#byteBefore(0)
    const place = ((this.#position & ((1 << lp) - 1)) << lc) + (before >> (8 - lc))
    const base = LITERALS + LITERAL_SIZE * place
    let symbol = 1
    if (this.#state >= 7) {
      let matched = this.#byteBefore(this.#repeats[0] ?? 0)
      while (symbol < 0x100) {
        const matchedBit = (matched >> 7) & 1
        matched <<= 1
        const bit = this.#bit(base + ((1 + matchedBit) << 8) + symbol)
        symbol = (symbol << 1) | bit
        if (bit !== matchedBit) break
      }
    }
    while (symbol < 0x100) symbol = (symbol << 1) | this.#bit(base + symbol)
    return symbol & 0xff
  }

  #length(base: number, positionState: number): number {
    if (this.#bit(base) === 0) {
      return MATCH_LENGTH_MIN + this.#tree(base + LENGTH_LOW + positionState * 8, 3)
    }
    if (this.#bit(base + 1) === 0) {
      return MATCH_LENGTH_MIN + 8 + this.#tree(base + LENGTH_MIDDLE + positionState * 8, 3)
    }
    return MATCH_LENGTH_MIN + 16 + this.#tree(base + LENGTH_HIGH, 8)
  }

  #distance(lengthState: number): number {
    const slot = this.#tree(SLOTS + lengthState * 64, 6)
    if (slot < 4) return slot
    const directBits = (slot >> 1) - 1
    const start = (2 | (slot & 1)) * 2 ** directBits
    if (slot < END_SLOT_MODEL) {
      return start + this.#reversedTree(SPECIAL + start - slot, directBits)
    }
    const high = this.#direct(directBits - ALIGN_BITS) * 2 ** ALIGN_BITS
    return start + high + this.#reversedTree(ALIGN, ALIGN_BITS)
  }

  #tree(base: number, bits: number): number {
    let symbol = 1
    for (let count = 0; count < bits; count++) symbol = (symbol << 1) | this.#bit(base + symbol)
    return symbol - (1 << bits)
  }

  #reversedTree(base: number, bits: number): number {
    let symbol = 1
    let value = 0
    for (let count = 0; count < bits; count++) {
      const bit = this.#bit(base + symbol)
      symbol = (symbol << 1) | bit
      value |= bit << count
    }
    return value
  }

  #bit(index: number): number {
    this.#normalize()
    const probability = this.#probabilities[index] ?? 0
    const bound = (this.#range >>> PROBABILITY_BITS) * probability
    let bit = 0
    if (this.#code < bound) {
      this.#range = bound
      this.#probabilities[index] = probability + ((2048 - probability) >> MOVE_BITS)
    } else {
      this.#code -= bound
      this.#range -= bound
      this.#probabilities[index] = probability - (probability >> MOVE_BITS)
      bit = 1
    }
    return bit
  }

  #direct(bits: number): number {
    let value = 0
    for (let count = 0; count < bits; count++) {
      this.#normalize()
      this.#range >>>= 1
      const bit = this.#code >= this.#range ? 1 : 0
      if (bit === 1) this.#code -= this.#range
      value = value * 2 + bit
    }
    return value
  }

  /** Reads on only where the next bit needs it, so that a stream ends with the last byte needed. */
  #normalize(): void {
    if (this.#range >= TOP) return
    this.#range = (this.#range << 8) >>> 0
    this.#shiftIn()
  }

  #shiftIn(): void {
    const byte = this.#input[this.#at]
    if (byte === undefined) throw damaged(`ends in the middle of its ${this.#name}.`)
    this.#at += 1
    this.#code = ((this.#code << 8) | byte) >>> 0
  }

  #put(byte: number): void {
    this.#dictionary[this.#position % this.#dictionary.length] = byte
    this.#position += 1
  }

  #byteBefore(distance: number): number {
    const at = (this.#position - 1 - distance) % this.#dictionary.length
    return this.#dictionary[at] ?? 0
  }
}
