import { invariant } from '../../base/assert'
import { equalBytes } from '../../base/bytes'
import { FlashFailure, type FlashPort } from '../flash/flash-port'
import {
  decodeJournalEntry,
  encodeJournalEntry,
  JOURNAL_ENTRY_BYTES,
  type JournalEntry,
  type JournalMark,
} from './journal-entry'

const SECTORS = 3
const ERASED = 0xff
/** Marks that the boot code acts on by itself. Others are only acted on by who writes a new one. */
const KINDS_TO_CONFIRM: readonly JournalMark['kind'][] = ['done', 'rewritten', 'failed']

/**
 * Marks of what happens to the executable region, in three sectors in turn. A power cut may leave
 * the entry that was being written whole, torn, or weak – read now and gone later – and may flip
 * bits of the others in its sector. So (decision 0009):
 *
 * - An entry is never written into the sector of the newest one, nor into that of the one before.
 * - What a journal object has not erased itself may hold cells that only read as erased: the first
 *   entry in each sector since the power came stands in a sector that was erased for it.
 * - The first mark since the power came is written twice. Until the second one is there nothing
 *   relies on the first, which may therefore be given up.
 *
 * Which marks there are is always read from flash. One object lives as long as the power.
 */
export class Journal {
  readonly #flash: FlashPort
  /** The first free byte in each sector; undefined: the sector must be erased before. */
  #free: (number | undefined)[] = []
  /** Sequence of the entry that was written last by this object. */
  #written: number | undefined

  /** Takes a window of three sectors. */
  constructor(flash: FlashPort) {
    const { bytes, sectorBytes } = flash.geometry
    invariant(bytes === SECTORS * sectorBytes, 'a journal has three sectors')
    this.#flash = flash
  }

  /** The last mark that was written whole; undefined where there never was one. */
  newest(): JournalEntry | undefined {
    return newestOf(this.#newestBySector())
  }

  /**
   * Writes a mark in one program operation, after one erase where a sector is full or was not yet
   * erased since the power came; the first mark since then twice. Throws a FlashFailure where the
   * chip says that it failed, and where the mark is not what is read back: everything that follows
   * relies on it.
   */
  append(mark: JournalMark): void {
    const newest = this.newest()
    const goesOn = newest !== undefined && newest.sequence === this.#written
    if (!goesOn) {
      this.#free = []
      this.#write(mark, true)
    }
    this.#write(mark, false)
  }

  /**
   * Writes the newest mark anew, where the boot code is about to act on it and the power may have
   * failed while it was written: then it reads well today and may be gone tomorrow. A chip that
   * does not take the new one keeps the old one.
   */
  confirm(): void {
    const newest = this.newest()
    if (!newest || !KINDS_TO_CONFIRM.includes(newest.kind) || this.#isSolid(newest)) return
    try {
      this.append(newest)
    } catch (error) {
      if (!(error instanceof FlashFailure)) throw error
    }
  }

  /** Written since the power came, or twice: the first one was whole before the second one began. */
  #isSolid({ opens, kind, sequence }: JournalEntry): boolean {
    if (sequence === this.#written) return true
    const first = this.#newestBySector().find(entry => entry?.sequence === sequence - 1)
    return !opens && first?.opens === true && first.kind === kind
  }

  #write(mark: JournalMark, opens: boolean): void {
    const entries = this.#newestBySector()
    const sequence = (newestOf(entries)?.sequence ?? 0) + 1
    const bytes = encodeJournalEntry({ ...mark, sequence, opens })
    const sector = targetAmong(entries, opens)
    const address = this.#place(sector)
    this.#written = undefined
    this.#free[sector] = undefined
    this.#flash.program(address, bytes)
    if (!equalBytes(this.#flash.read(address, bytes.length), bytes)) {
      throw new FlashFailure('program-failed', address)
    }
    this.#free[sector] = address + bytes.length
    this.#written = sequence
  }

  /** Where the next entry of a sector goes. */
  #place(sector: number): number {
    const { sectorBytes } = this.#flash.geometry
    const free = this.#free[sector]
    if (free !== undefined && free < (sector + 1) * sectorBytes) return free
    this.#free[sector] = undefined
    this.#flash.erase(sector * sectorBytes)
    return sector * sectorBytes
  }

  /** Entries of a sector were written from its start on, by one object. */
  #newestBySector(): (JournalEntry | undefined)[] {
    const { sectorBytes } = this.#flash.geometry
    return Array.from({ length: SECTORS }, (_, sector) => {
      const bytes = this.#flash.read(sector * sectorBytes, sectorBytes)
      for (let at = sectorBytes - JOURNAL_ENTRY_BYTES; at >= 0; at -= JOURNAL_ENTRY_BYTES) {
        // Most of a sector is erased, and no entry begins like that.
        if (bytes[at] === ERASED) continue
        const entry = decodeJournalEntry(bytes.subarray(at, at + JOURNAL_ENTRY_BYTES))
        if (entry) return entry
      }
      return undefined
    })
  }
}

/**
 * The sector that nothing relies on: one without an entry, else that of the oldest one. Only where
 * the newest entry is a first mark, right behind the two before it, is it the one to be replaced:
 * nothing relied on it yet, and what it was to replace is still there. A gap in the sequence means
 * that an entry was weak and is gone, so that what its sector shows now is long out of date.
 */
function targetAmong(entries: readonly (JournalEntry | undefined)[], opens: boolean): number {
  const empty = entries.findIndex(entry => entry === undefined)
  if (empty >= 0) return empty
  const newest = newestOf(entries)
  const oldest = Math.min(...entries.map(entry => entry?.sequence ?? 0))
  const isUnbroken = newest?.sequence === oldest + SECTORS - 1
  if (opens && newest?.opens && isUnbroken) return entries.indexOf(newest)
  return entries.findIndex(entry => entry?.sequence === oldest)
}

function newestOf(entries: readonly (JournalEntry | undefined)[]): JournalEntry | undefined {
  const newest = Math.max(...entries.map(entry => entry?.sequence ?? 0))
  return entries.find(entry => entry?.sequence === newest)
}
