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

// Motorola S-records, as in the manual page srec_motorola(5) of SRecord:
//   'S' | type digit | count | address, 2 to 4 bytes | data | checksum
// The count covers address, data and checksum.

const LETTER_S = 0x53
const DIGIT_0 = 0x30

/** Address bytes by type. Type 4 is reserved; 5 and 6 carry a number of records instead. */
const ADDRESS_BYTES: Readonly<Record<number, number>> = {
  0: 2,
  1: 2,
  2: 3,
  3: 4,
  5: 2,
  6: 3,
  7: 4,
  8: 3,
  9: 2,
}

interface SRecord {
  readonly type: number
  readonly address: number
  readonly data: Uint8Array
  readonly place: Place
}

/** Whether a line looks like a record: `S`, a digit, and the digits of count and address. */
export function isSRecordLine(line: Uint8Array): boolean {
  const [letter, type = 0] = line
  const isType = type >= DIGIT_0 && type <= DIGIT_0 + 9
  return letter === LETTER_S && isType && line.length >= 8 && line.subarray(2, 8).every(isHexDigit)
}

/** Reads a file of S-records with addresses of any width. Throws `IMAGE_DAMAGED`. */
export function readSRecords(bytes: Uint8Array): FirmwareImage {
  const segments = new SegmentBuilder('SREC')
  let dataRecords = 0
  let end: SRecord | undefined
  let isClosed = false
  for (const line of textLines(bytes)) {
    const record = readRecord(line)
    const { type, address, data, place } = record
    if (end) throw damaged('SREC', place, 'it stands behind the end record')
    isClosed = type >= 5
    if (type >= 1 && type <= 3) {
      segments.add(address, data, place)
      dataRecords += 1
    } else if (type === 5 || type === 6) {
      checkCount(record, dataRecords)
    } else if (type >= 7) {
      end = record
    }
  }
  // SRecord leaves the end record out where it knows of no start, and ends with the count.
  if (!isClosed) {
    const fact = 'neither a count (S5, S6) nor an end (S7, S8, S9) closes it, so it was cut off'
    throw damaged('SREC', atByte(bytes.length), fact)
  }
  // Every end record has an address; 0 is what others put who know of no start.
  const entry = end && end.address !== 0 ? end.address : null
  return { format: 'srec', segments: segments.finish(bytes.length), entry, warnings: [] }
}

function checkCount(record: SRecord, dataRecords: number): void {
  if (record.address === dataRecords) return
  const fact = `it counts ${record.address} data records, the file has ${dataRecords}`
  throw damaged('SREC', record.place, fact)
}

function readRecord(line: TextLine): SRecord {
  const { text, place } = line
  const type = (text[1] ?? 0) - DIGIT_0
  const addressBytes = ADDRESS_BYTES[type]
  if (text[0] !== LETTER_S || addressBytes === undefined) {
    throw damaged('SREC', place, 'it does not begin with S0 to S3 or S5 to S9')
  }
  const bytes = recordBytes('SREC', line, 2)
  const count = bytes[0] ?? 0
  if (count < addressBytes + 1) {
    throw damaged('SREC', place, `its count ${count} is too small for an S${type} record`)
  }
  if (bytes.length !== count + 1) {
    const fact = `it announces ${count} bytes, but holds ${Math.max(0, bytes.length - 1)}`
    throw damaged('SREC', place, fact)
  }
  checkChecksum(bytes, place)
  const address = bigEndian(bytes.subarray(1, 1 + addressBytes))
  const data = bytes.subarray(1 + addressBytes, -1)
  if (type >= 5 && data.length > 0) {
    throw damaged(
      'SREC',
      place,
      `an S${type} record has no data, but this has ${data.length} bytes`,
    )
  }
  return { type, address, data, place }
}

function checkChecksum(bytes: Uint8Array, place: Place): void {
  const checksum = bytes.at(-1) ?? 0
  const expected = ~bytes.subarray(0, -1).reduce((sum, byte) => sum + byte, 0) & 0xff
  if (checksum === expected) return
  const fact = `its checksum is ${hexByte(checksum)}, but its bytes give ${hexByte(expected)}`
  throw damaged('SREC', place, fact)
}
