import { damaged } from './delta-errors'

const VARINT_BYTES_MAX = 5
const U32_MAX = 0xffff_ffff

/** Something that gives bytes one after the other and throws where there are none left. */
export interface ByteSource {
  next(): number
}

/** Seven bits a byte, lowest first, high bit = more follow; at most 32 bits. Shortest form only. */
export function readVarint(source: ByteSource): number {
  let value = 0
  for (let count = 0; count < VARINT_BYTES_MAX; count++) {
    const byte = source.next()
    value += (byte & 0x7f) * 2 ** (7 * count)
    if (byte < 0x80) {
      if (value > U32_MAX || (byte === 0 && count > 0)) break
      return value
    }
  }
  throw damaged('holds a number that is written wrongly.')
}

/** The sign in the lowest bit: 0, -1, 1, -2 … become 0, 1, 2, 3 … */
export function readSigned(source: ByteSource): number {
  const value = readVarint(source)
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2
}

export class NumberWriter {
  #bytes = new Uint8Array(256)
  #length = 0

  get length(): number {
    return this.#length
  }

  byte(value: number): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#length)
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    this.#bytes[this.#length++] = value
  }

  varint(value: number): void {
    let rest = value
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.byte((rest % 0x80) | 0x80)
    this.byte(rest)
  }

  signed(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value)
  }

  u32(value: number): void {
    for (let shift = 0; shift < 32; shift += 8) this.byte((value >>> shift) & 0xff)
  }

  append(bytes: Uint8Array): void {
    for (const byte of bytes) this.byte(byte)
  }

  taken(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }
}
