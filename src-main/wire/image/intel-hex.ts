import { viewOf } from '../../base/bytes'
import type { FirmwareImage } from './firmware-image'
import { atByte, damaged, type Place } from './image-errors'
import { SegmentBuilder } from './segment-builder'
import {
  bigEndian,
  hexByte,
  isHexDigit,
  recordBytes,
  type TextLine,
  textLines,
} from './text-records'

// Intel, "Hexadecimal Object File Format Specification", revision A, 1988:
//   ':' | count | address, 2 bytes | type | data, `count` bytes | checksum

const COLON = 0x3a
const RecordType = {
  data: 0,
  end: 1,
  segmentBase: 2,
  segmentStart: 3,
  linearBase: 4,
  linearStart: 5,
} as const

/** Data bytes that each type has; data records have any number. */
const DATA_BYTES: Readonly<Record<number, number>> = {
  [RecordType.end]: 0,
  [RecordType.segmentBase]: 2,
  [RecordType.segmentStart]: 4,
  [RecordType.linearBase]: 2,
  [RecordType.linearStart]: 4,
}

interface HexRecord {
  readonly type: number
  readonly address: number
  readonly data: Uint8Array
  readonly place: Place
}

/** Whether a line looks like a record: a colon and the digits of count, address and type. */
export function isIntelHexLine(line: Uint8Array): boolean {
  return line[0] === COLON && line.length >= 9 && line.subarray(1, 9).every(isHexDigit)
}

/** Reads an Intel HEX file of any address width. Throws `IMAGE_DAMAGED`. */
export function readIntelHex(bytes: Uint8Array): FirmwareImage {
  const reader = new IntelHexReader()
  for (const line of textLines(bytes)) reader.take(readRecord(line))
  return reader.finish(bytes.length)
}

class IntelHexReader {
  readonly #segments = new SegmentBuilder('Intel HEX')
  #base = 0
  /** In segments an address wraps at 64 KiB, in the linear address space it does not. */
  #isSegmented = false
  #entry: number | null = null
  #hasEnded = false

  take(record: HexRecord): void {
    const { type, data, place } = record
    if (this.#hasEnded) throw damaged('Intel HEX', place, 'it stands behind the end record')
    switch (type) {
      case RecordType.data:
        this.#addData(record)
        break
      case RecordType.end:
        this.#hasEnded = true
        break
      case RecordType.segmentBase:
        this.#base = bigEndian(data) * 16
        this.#isSegmented = true
        break
      case RecordType.linearBase:
        this.#base = bigEndian(data) * 0x10000
        this.#isSegmented = false
        break
      case RecordType.segmentStart:
        this.#entry = bigEndian(data.subarray(0, 2)) * 16 + bigEndian(data.subarray(2))
        break
      default:
        this.#entry = bigEndian(data)
    }
  }

  finish(fileBytes: number): FirmwareImage {
    if (!this.#hasEnded) {
      const fact = 'the end record (:00000001FF) is missing, so the file was cut off'
      throw damaged('Intel HEX', atByte(fileBytes), fact)
    }
    const segments = this.#segments.finish(fileBytes)
    return { format: 'ihex', segments, entry: this.#entry, warnings: [] }
  }

  #addData({ address, data, place }: HexRecord): void {
    if (this.#isSegmented && address + data.length > 0x10000) {
      throw damaged('Intel HEX', place, 'its data runs over the end of a 64 KiB segment')
    }
    this.#segments.add(this.#base + address, data, place)
  }
}

function readRecord(line: TextLine): HexRecord {
  const { text, place } = line
  if (text[0] !== COLON) throw damaged('Intel HEX', place, 'it does not begin with a colon')
  const bytes = recordBytes('Intel HEX', line, 1)
  const count = bytes[0] ?? 0
  if (bytes.length !== count + 5) {
    const fact = `it announces ${count} data bytes, but holds ${Math.max(0, bytes.length - 5)}`
    throw damaged('Intel HEX', place, fact)
  }
  const checksum = bytes.at(-1) ?? 0
  const expected = -bytes.subarray(0, -1).reduce((sum, byte) => sum + byte, 0) & 0xff
  if (checksum !== expected) {
    const fact = `its checksum is ${hexByte(checksum)}, but its bytes give ${hexByte(expected)}`
    throw damaged('Intel HEX', place, fact)
  }
  const type = bytes[3] ?? 0
  checkType(type, count, place)
  return { type, address: viewOf(bytes).getUint16(1), data: bytes.subarray(4, -1), place }
}

function checkType(type: number, count: number, place: Place): void {
  if (type > RecordType.linearStart) {
    throw damaged('Intel HEX', place, `its record type ${hexByte(type)} is none of 00 to 05`)
  }
  const expected = DATA_BYTES[type] ?? count
  if (count !== expected) {
    const fact = `a record of type ${hexByte(type)} has ${expected} data bytes, this has ${count}`
    throw damaged('Intel HEX', place, fact)
  }
}
