import { invariant } from '../../base/assert'
import { equalBytes } from '../../base/bytes'
import type { CutPicture } from '../../contract/delta'
import { decodeJournalEntry, JOURNAL_ENTRY_BYTES, type JournalEntry } from '../boot/journal-entry'
import type { NorFlash } from '../flash/nor-flash'
import { regionOf } from '../model/model'
import type { Board } from './board'
import { formatPoint, type CutPoint } from './points'
import type { Recording } from './recording'
import { flashAfterCuts, tryPoint } from './trial'

const ERASED = 0xff

/** What one cut leaves in the flash, and what becomes of it. */
export function pictureOf(recording: Recording, point: CutPoint): CutPicture {
  const { board } = recording
  const [{ at }] = point
  const operation = recording.operations[at - 1]
  invariant(operation, 'the point names an operation of the rewrite')
  const flash = flashAfterCuts(recording, point)
  const { verdict, isResumed, explanation } = tryPoint(recording, point, { stopsEarly: false })
  const entries = entriesOf(board, flash)
  return {
    point: formatPoint(point),
    operation: at,
    operationKind: operation.kind,
    region: board.regionAt(operation.address),
    verdict,
    isResumed,
    explanation,
    sectors: sectorsOf(board, flash),
    sectorBytes: board.model.flash.sectorBytes,
    journal: entries.map(inWords),
    ...sectorsInUse(board, entries[0]),
  }
}

/** All that can be read, the newest first. */
function entriesOf({ model }: Board, flash: NorFlash): JournalEntry[] {
  const { address, bytes } = regionOf(model, 'journal')
  const entries: JournalEntry[] = []
  for (let at = address; at < address + bytes; at += JOURNAL_ENTRY_BYTES) {
    const entry = decodeJournalEntry(flash.peek(at, JOURNAL_ENTRY_BYTES))
    if (entry) entries.push(entry)
  }
  return entries.toSorted((a, b) => b.sequence - a.sequence)
}

function inWords(entry: JournalEntry): string {
  const number = `${entry.sequence}${entry.opens ? ', first since the power came' : ''}`
  switch (entry.kind) {
    case 'begin':
      return `a wired restore of ${entry.length} bytes has begun (entry ${number})`
    case 'done':
      return `${entry.length} bytes are verified (entry ${number})`
    case 'rewrite':
      return `step ${entry.step} and those after it are to be done (entry ${number})`
    case 'rewritten':
      return `every step is done, ${entry.length} bytes are to be judged (entry ${number})`
    case 'failed':
      return `${entry.length} bytes were judged to be wrong (entry ${number})`
  }
}

function sectorsOf({ parts, model }: Board, flash: NorFlash): string {
  const { address, bytes } = regionOf(model, 'executable')
  const { sectorBytes } = model.flash
  const count = bytes / sectorBytes
  return Array.from({ length: count }, (_, sector) => {
    const at = sector * sectorBytes
    const found = flash.peek(address + at, sectorBytes)
    const isOld = holds(found, parts.old.subarray(at, at + sectorBytes))
    const isNew = holds(found, parts.fresh.subarray(at, at + sectorBytes))
    if (isOld && isNew) return '='
    if (found.every(byte => byte === ERASED)) return '.'
    if (isOld) return 'o'
    return isNew ? 'n' : 'x'
  }).join('')
}

/** Whatever an image leaves of a sector belongs to nobody. */
function holds(found: Uint8Array, wanted: Uint8Array): boolean {
  return equalBytes(found.subarray(0, wanted.length), wanted)
}

/** Of those that a rewrite which goes on will read. */
function sectorsInUse({ parts, model }: Board, newest: JournalEntry | undefined) {
  if (newest?.kind !== 'rewrite') return { stashSectors: 0, backupSectors: 0 }
  const { sectorBytes } = model.flash
  const stashed = parts.source.plan.stash.reduce((sum, { start, end }) => sum + end - start, 0)
  const backups = [newest.backup, newest.backupBefore].filter(at => at !== null)
  const sectors = new Set(backups.map(at => Math.floor(at / sectorBytes)))
  return { stashSectors: Math.ceil(stashed / sectorBytes), backupSectors: sectors.size }
}
