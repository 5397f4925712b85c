import type { OldRange } from '../wire/delta/rewrite-source'

/** Backups begin at a page of the flash, the most that a program operation is given. */
export const PAGE_BYTES = 256
const RING_SECTORS = 3
const NOWHERE = -1
const JOURNAL_ENTRY_BYTES = 64
const JOURNAL_SECTORS = 3
/** Beside one for each step: the first one is written twice, all is written, the trial is passed. */
const OTHER_ENTRIES = 3

export interface RewriteWork {
  readonly sectorBytes: number
  /** One range for each step, perhaps empty. */
  readonly backups: readonly OldRange[]
  readonly stash: readonly OldRange[]
}

/**
 * Erases of a rewrite that nothing disturbs: of the sectors that change, of the stash, of the
 * backup ring and of the journal.
 */
export function countErases({ sectorBytes, backups, stash }: RewriteWork): number {
  const stashed = stash.reduce((sum, { start, end }) => sum + end - start, 0)
  return (
    backups.length +
    ringErases(sectorBytes, backups) +
    Math.ceil(stashed / sectorBytes) +
    journalErases(sectorBytes, backups.length + OTHER_ENTRIES)
  )
}

/** The journal has three sectors, which take an entry in turn and are erased where they are full. */
function journalErases(sectorBytes: number, entries: number): number {
  const perSector = Math.floor(sectorBytes / JOURNAL_ENTRY_BYTES)
  const turns = Array.from({ length: JOURNAL_SECTORS }, (_, sector) =>
    Math.ceil((entries - sector) / JOURNAL_SECTORS),
  )
  return turns.reduce((sum, count) => sum + Math.ceil(count / perSector), 0)
}

/**
 * The ring has three sectors, and no backup spans two of them; the backups of the newest two steps lie in two of them, and the next
 * one goes behind what is in the third, if there is room.
 */
function ringErases(sectorBytes: number, backups: readonly OldRange[]): number {
  const free = Array.from({ length: RING_SECTORS }, () => 0)
  let erases = 0
  let newest: readonly number[] = []
  for (const { start, end } of backups) {
    const needed = Math.ceil((end - start) / PAGE_BYTES) * PAGE_BYTES
    const places = needed === 0 ? [] : placesBehind(newest)
    const place = places.find(sector => (free[sector] ?? 0) >= needed) ?? places[0]
    newest = [place ?? NOWHERE, newest[0] ?? NOWHERE]
    if (place === undefined) continue
    const isFull = (free[place] ?? 0) < needed
    if (isFull) erases += 1
    free[place] = (isFull ? sectorBytes : (free[place] ?? 0)) - needed
  }
  return erases
}

/** The sectors that hold none of the newest backups, from the one behind the newest on. */
function placesBehind(newest: readonly number[]): number[] {
  const first = (newest[0] ?? NOWHERE) + 1
  const turns = Array.from({ length: RING_SECTORS }, (_, turn) => (first + turn) % RING_SECTORS)
  return turns.filter(sector => !newest.includes(sector))
}
