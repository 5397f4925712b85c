import { damaged } from './delta-errors'
import { type ByteSource, NumberWriter, readSigned, readVarint } from './number-coding'

/** Bytes of the new image that come from the old one, perhaps corrected afterwards. */
export interface Cover {
  readonly newStart: number
  readonly oldStart: number
  readonly length: number
}

export interface ImageSizes {
  readonly oldBytes: number
  readonly newBytes: number
}

/** Covers of this length or more say where the code has moved to; shorter ones are excursions. */
const MOVE_LENGTH_MIN = 32

/**
 * Covers in the order of the new image, none overlapping another there. Each is three numbers:
 * new bytes before it since the last one, how its shift (new - old) differs from the last move's,
 * and its length.
 */
export function writeCovers(covers: readonly Cover[]): Uint8Array {
  const writer = new NumberWriter()
  let end = 0
  let shift = 0
  for (const { newStart, oldStart, length } of covers) {
    writer.varint(newStart - end)
    writer.signed(newStart - oldStart - shift)
    writer.varint(length)
    end = newStart + length
    if (length >= MOVE_LENGTH_MIN) shift = newStart - oldStart
  }
  return writer.taken()
}

/** Reads what {@link writeCovers} wrote, one at a time. Throws `DELTA_DAMAGED`. */
export class CoverReader {
  readonly #source: ByteSource & { readonly bytesLeft: number }
  readonly #sizes: ImageSizes
  #end = 0
  #shift = 0

  constructor(source: ByteSource & { readonly bytesLeft: number }, sizes: ImageSizes) {
    this.#source = source
    this.#sizes = sizes
  }

  next(): Cover | undefined {
    if (this.#source.bytesLeft === 0) return undefined
    const newStart = this.#end + readVarint(this.#source)
    const shift = this.#shift + readSigned(this.#source)
    const length = readVarint(this.#source)
    const oldStart = newStart - shift
    const { oldBytes, newBytes } = this.#sizes
    const isInside = oldStart >= 0 && oldStart + length <= oldBytes && newStart + length <= newBytes
    if (length === 0 || !isInside) throw damaged('takes bytes from outside the old image.')
    this.#end = newStart + length
    if (length >= MOVE_LENGTH_MIN) this.#shift = shift
    return { newStart, oldStart, length }
  }
}
