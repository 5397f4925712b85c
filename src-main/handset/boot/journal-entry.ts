import { equalBytes, viewOf } from '../../base/bytes'
import { crc32 } from '../../base/crc'
import { SHA256_BYTES } from '../digest'

/**
 * Size of an entry in flash. Little-endian, like the CPU:
 *
 *     0  magic "KJRN"    8  kind              16 … 47  SHA-256
 *     4  sequence        9  1: opens          60       CRC-32 of the 60 bytes before
 *                       10  0
 *                       12  length
 *
 * and in a `rewrite` entry, where others leave the bytes erased:
 *
 *     48  step    52  backup of this step    56  backup of the step before; 0xffffffff: none
 */
export const JOURNAL_ENTRY_BYTES = 64

const MAGIC = Uint8Array.of(0x4b, 0x4a, 0x52, 0x4e)
const SEQUENCE_AT = 4
const KIND_AT = 8
const OPENS_AT = 9
const ZEROS_AT = 10
const LENGTH_AT = 12
const SHA256_AT = 16
const STEP_AT = 48
const BACKUP_AT = 52
const BACKUP_BEFORE_AT = 56
const CRC_AT = JOURNAL_ENTRY_BYTES - 4
const NO_BACKUP = 0xffff_ffff
const KIND_CODES = { begin: 1, done: 2, rewrite: 3, rewritten: 4, failed: 5 } as const

/** What has become of the executable region as a whole. */
export interface ImageMark {
  /**
   * `begin`: a wired restore erases it from here on. `rewritten`: every step of a rewrite is done
   * and nothing is judged yet. `done`: verified, `failed`: judged to be wrong or unfit.
   */
  readonly kind: 'begin' | 'done' | 'rewritten' | 'failed'
  /** Of the image, from the start of the region. */
  readonly length: number
  /** Of the image; all 0 in a `begin` mark of an image whose digest nobody announced. */
  readonly sha256: Uint8Array
}

/** How far a rewrite in place has come (decision 0009). */
export interface RewriteMark {
  readonly kind: 'rewrite'
  /** Of the file that is being applied; nothing but this very file finishes the rewrite. */
  readonly length: number
  readonly sha256: Uint8Array
  /** Those before it are done; of this one nothing may be believed but its backup. */
  readonly step: number
  /** Where the backup of this step begins, in the backup region; null: it has none. */
  readonly backup: number | null
  /** The same of the step before. */
  readonly backupBefore: number | null
}

export type JournalMark = ImageMark | RewriteMark

export type JournalEntry = JournalMark & {
  /** Rises by one with every entry, over all sectors. */
  readonly sequence: number
  /** The first one since the power came: nothing was done yet that relies on it. */
  readonly opens: boolean
}

export function encodeJournalEntry(entry: JournalEntry): Uint8Array {
  const bytes = new Uint8Array(JOURNAL_ENTRY_BYTES).fill(0xff)
  const view = viewOf(bytes)
  bytes.set(MAGIC)
  view.setUint32(SEQUENCE_AT, entry.sequence, true)
  view.setUint8(KIND_AT, KIND_CODES[entry.kind])
  view.setUint8(OPENS_AT, entry.opens ? 1 : 0)
  view.setUint16(ZEROS_AT, 0, true)
  view.setUint32(LENGTH_AT, entry.length, true)
  bytes.set(entry.sha256, SHA256_AT)
  if (entry.kind === 'rewrite') {
    view.setUint32(STEP_AT, entry.step, true)
    view.setUint32(BACKUP_AT, entry.backup ?? NO_BACKUP, true)
    view.setUint32(BACKUP_BEFORE_AT, entry.backupBefore ?? NO_BACKUP, true)
  }
  view.setUint32(CRC_AT, crc32(bytes.subarray(0, CRC_AT)), true)
  return bytes
}

/** Undefined for anything but a whole entry: torn ones count as never written. */
export function decodeJournalEntry(bytes: Uint8Array): JournalEntry | undefined {
  if (bytes.length !== JOURNAL_ENTRY_BYTES || !equalBytes(bytes.subarray(0, 4), MAGIC)) return
  const view = viewOf(bytes)
  if (view.getUint32(CRC_AT, true) !== crc32(bytes.subarray(0, CRC_AT))) return undefined
  const kind = KINDS.find(known => KIND_CODES[known] === view.getUint8(KIND_AT))
  const opens = view.getUint8(OPENS_AT)
  if (!kind || opens > 1 || view.getUint16(ZEROS_AT, true) !== 0) return undefined
  const common = {
    sequence: view.getUint32(SEQUENCE_AT, true),
    opens: opens === 1,
    length: view.getUint32(LENGTH_AT, true),
    sha256: bytes.slice(SHA256_AT, SHA256_AT + SHA256_BYTES),
  }
  if (kind !== 'rewrite') return { kind, ...common }
  return {
    kind,
    ...common,
    step: view.getUint32(STEP_AT, true),
    backup: backupAt(view, BACKUP_AT),
    backupBefore: backupAt(view, BACKUP_BEFORE_AT),
  }
}

const KINDS = ['begin', 'done', 'rewrite', 'rewritten', 'failed'] as const

function backupAt(view: DataView, at: number): number | null {
  const address = view.getUint32(at, true)
  return address === NO_BACKUP ? null : address
}
