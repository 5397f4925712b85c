import { equalBytes, viewOf } from '../../base/bytes'
import { crc32 } from '../../base/crc'
import { SHA256_BYTES } from '../digest'

/**
 * Size of an entry in flash. Little-endian, like the CPU:
 *
 *     0  magic "KJRN"    8  kind       16 … 47  SHA-256
 *     4  sequence        12 length     60       CRC-32 of the 60 bytes before
 */
export const JOURNAL_ENTRY_BYTES = 64

const MAGIC = Uint8Array.of(0x4b, 0x4a, 0x52, 0x4e)
const SEQUENCE_AT = 4
const KIND_AT = 8
const LENGTH_AT = 12
const SHA256_AT = 16
const CRC_AT = JOURNAL_ENTRY_BYTES - 4
const KIND_CODES = { begin: 1, done: 2 } as const

/** What happens to the executable region: `begin` before the first erase, `done` once verified. */
export interface JournalMark {
  readonly kind: keyof typeof KIND_CODES
  /** Of the image, from the start of the region. */
  readonly length: number
  /** Of the image; all 0 in a `begin` mark of an image whose digest nobody announced. */
  readonly sha256: Uint8Array
}

export interface JournalEntry extends JournalMark {
  /** Rises by one with every entry, over both sectors. */
  readonly sequence: number
}

export function encodeJournalEntry(entry: JournalEntry): Uint8Array {
  const bytes = new Uint8Array(JOURNAL_ENTRY_BYTES).fill(0xff)
  const view = viewOf(bytes)
  bytes.set(MAGIC)
  view.setUint32(SEQUENCE_AT, entry.sequence, true)
  view.setUint32(KIND_AT, KIND_CODES[entry.kind], true)
  view.setUint32(LENGTH_AT, entry.length, true)
  bytes.set(entry.sha256, SHA256_AT)
  view.setUint32(CRC_AT, crc32(bytes.subarray(0, CRC_AT)), true)
  return bytes
}

/** Undefined for anything but a whole entry: torn ones count as never written. */
export function decodeJournalEntry(bytes: Uint8Array): JournalEntry | undefined {
  if (bytes.length !== JOURNAL_ENTRY_BYTES || !equalBytes(bytes.subarray(0, 4), MAGIC)) return
  const view = viewOf(bytes)
  if (view.getUint32(CRC_AT, true) !== crc32(bytes.subarray(0, CRC_AT))) return undefined
  const kind = kindOf(view.getUint32(KIND_AT, true))
  if (!kind) return undefined
  return {
    kind,
    sequence: view.getUint32(SEQUENCE_AT, true),
    length: view.getUint32(LENGTH_AT, true),
    sha256: bytes.slice(SHA256_AT, SHA256_AT + SHA256_BYTES),
  }
}

function kindOf(code: number): JournalMark['kind'] | undefined {
  if (code === KIND_CODES.begin) return 'begin'
  return code === KIND_CODES.done ? 'done' : undefined
}
