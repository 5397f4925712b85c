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
  new CoverWriter(writer).write(covers, 0)
  return writer.taken()
}

/**
 * The same group by group, in the order in which groups are written, the number of its covers
 * before each. No cover may reach over the border of a group.
 */
export function writeCoverGroups(
  writer: NumberWriter,
  groups: Iterable<{ readonly start: number; readonly covers: readonly Cover[] }>,
): void {
  const coverWriter = new CoverWriter(writer)
  for (const { covers, start } of groups) {
    writer.varint(covers.length)
    coverWriter.write(covers, start)
  }
}

class CoverWriter {
  readonly #writer: NumberWriter
  #shift = 0

  constructor(writer: NumberWriter) {
    this.#writer = writer
  }

  write(covers: readonly Cover[], start: number): void {
    const writer = this.#writer
    let end = start
    for (const { newStart, oldStart, length } of covers) {
      writer.varint(newStart - end)
      writer.signed(newStart - oldStart - this.#shift)
      writer.varint(length)
      end = newStart + length
      if (length >= MOVE_LENGTH_MIN) this.#shift = newStart - oldStart
    }
  }
}

/** Reads what {@link writeCovers} or {@link writeCoverGroups} wrote. Throws `DELTA_DAMAGED`. */
export class CoverReader {
  readonly #source: ByteSource & { readonly bytesLeft: number }
  readonly #oldBytes: number
  #end = 0
  #shift = 0
  /** Where covers must end, and how many there are; in a plain file as many as there are bytes. */
  #limit: number
  #left = Infinity

  constructor(source: ByteSource & { readonly bytesLeft: number }, sizes: ImageSizes) {
    this.#source = source
    this.#oldBytes = sizes.oldBytes
    this.#limit = sizes.newBytes
  }

  /** Begins the next group, which holds the new bytes from `start` to `end`. */
  enterGroup(start: number, end: number): void {
    this.#end = start
    this.#limit = end
    this.#left = readVarint(this.#source)
  }

  /** The next cover of the group, or of the plain file; undefined after the last one. */
  next(): Cover | undefined {
    if (this.#left === 0 || (this.#left === Infinity && this.#source.bytesLeft === 0)) {
      return undefined
    }
    this.#left -= 1
    const newStart = this.#end + readVarint(this.#source)
    const shift = this.#shift + readSigned(this.#source)
    const length = readVarint(this.#source)
    const oldStart = newStart - shift
    const isInside = oldStart >= 0 && oldStart + length <= this.#oldBytes
    if (length === 0 || !isInside) throw damaged('takes bytes from outside the old image.')
    this.#end = newStart + length
    if (this.#end > this.#limit) throw damaged('puts bytes outside the new image or its group.')
    if (length >= MOVE_LENGTH_MIN) this.#shift = shift
    return { newStart, oldStart, length }
  }
}
