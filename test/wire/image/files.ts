import { toHex } from '../../../src-main/base/bytes'
import { fromHex } from '../../support/from-hex'

// Builders for files that tests then break in one place. They follow the specifications and share
// nothing with the readers.

export const ascii = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))
export const hex = (text: string) => fromHex(text)!

/** `:CCAAAATTDD…SS`, without a line end. */
export function hexLine(type: number, address: number, data = ''): string {
  const body = hex(
    `${byte(data.length / 2)}${address.toString(16).padStart(4, '0')}${byte(type)}${data}`,
  )
  return `:${toHex(body)}${byte(256 - (sum(body) % 256))}`.toUpperCase()
}

/** `STCCAA…DD…SS`, without a line end. `address` is hex of the width that the type wants. */
export function sLine(type: number, address: string, data = ''): string {
  const body = hex(`${byte((address.length + data.length) / 2 + 1)}${address}${data}`)
  return `S${type}${toHex(body)}${byte(255 - (sum(body) % 256))}`.toUpperCase()
}

export const HEX_END = ':00000001FF'
export const S_END = 'S9030000FC'

export function lines(...texts: string[]): Uint8Array {
  return ascii(texts.map(text => `${text}\n`).join(''))
}

export interface Uf2Block {
  number: number
  total: number
  address?: number
  payload?: Uint8Array
  /** Family ID present, by default. */
  flags?: number
  family?: number
}

export const RP2040 = 0xe48bff56

export function uf2Block(block: Uf2Block): Uint8Array {
  const { number, total, flags = 0x2000, family = RP2040 } = block
  const { address = 0x10000000 + number * 256 } = block
  const { payload = new Uint8Array(256).fill(number + 1) } = block
  const bytes = Buffer.alloc(512)
  const fields = [0x0a324655, 0x9e5d5157, flags, address, payload.length, number, total, family]
  fields.forEach((field, index) => bytes.writeUInt32LE(field, index * 4))
  bytes.set(payload, 32)
  bytes.writeUInt32LE(0x0ab16f30, 508)
  return new Uint8Array(bytes)
}

export function uf2(...blocks: Uf2Block[]): Uint8Array {
  return new Uint8Array(Buffer.concat(blocks.map(uf2Block)))
}

export interface ElfSegment {
  type?: number
  virtual?: number
  physical: number
  data?: Uint8Array
  memoryBytes?: number
}

/** An ARM program of 32 bits; header, program headers, then the data of the segments. */
export function elf(segments: ElfSegment[], entry = 0x08000101): Uint8Array {
  const header = Buffer.alloc(52)
  header.set(hex('7f454c4601010100'))
  const fields: [number, number, 2 | 4][] = [
    [16, 2, 2],
    [18, 40, 2],
    [20, 1, 4],
    [24, entry, 4],
    [28, 52, 4],
    [40, 52, 2],
    [42, 32, 2],
    [44, segments.length, 2],
  ]
  for (const [at, value, size] of fields) header.writeUIntLE(value, at, size)
  let offset = 52 + 32 * segments.length
  const programHeaders = segments.map(segment => {
    const { type = 1, physical, virtual = physical, data = new Uint8Array() } = segment
    const words = [type, offset, virtual, physical, data.length, segment.memoryBytes ?? data.length]
    const bytes = Buffer.alloc(32)
    words.forEach((word, index) => bytes.writeUInt32LE(word, index * 4))
    offset += data.length
    return bytes
  })
  const contents = segments.map(({ data = new Uint8Array() }) => data)
  return new Uint8Array(Buffer.concat([header, ...programHeaders, ...contents]))
}

/** A copy with some bytes replaced. */
export function patched(bytes: Uint8Array, at: number, replacement: string): Uint8Array {
  const copy = new Uint8Array(bytes)
  copy.set(hex(replacement), at)
  return copy
}

function byte(value: number): string {
  return (value & 0xff).toString(16).padStart(2, '0')
}

function sum(bytes: Uint8Array): number {
  return bytes.reduce((total, value) => total + value, 0)
}
