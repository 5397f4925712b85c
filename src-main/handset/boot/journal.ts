import { equalBytes } from '../../base/bytes'
import { FlashFailure, type FlashPort } from '../flash/flash-port'
import {
  decodeJournalEntry,
  encodeJournalEntry,
  JOURNAL_ENTRY_BYTES,
  type JournalEntry,
  type JournalMark,
} from './journal-entry'

/**
 * Marks of what happens to the executable region, appended to one of two sectors. When that sector
 * is full the other one is erased and goes on, so the newest entry always survives. Nothing is
 * kept in RAM: every question is answered from flash.
 */
export class Journal {
  readonly #flash: FlashPort

  /** Takes a window of two sectors. */
  constructor(flash: FlashPort) {
    this.#flash = flash
  }

  /** The last mark that was written whole; undefined where there never was one. */
  newest(): JournalEntry | undefined {
    return this.#newest()?.entry
  }

  /**
   * Writes one mark in one program operation, after one erase where a sector is full. Throws a
   * FlashFailure where the chip says that it failed, and where the mark is not what is read back:
   * everything that follows relies on it.
   */
  append(mark: JournalMark): void {
    const newest = this.#newest()
    const bytes = encodeJournalEntry({ ...mark, sequence: (newest?.entry.sequence ?? 0) + 1 })
    const address = this.#freeAddress(newest?.sector)
    this.#flash.program(address, bytes)
    if (!equalBytes(this.#flash.read(address, bytes.length), bytes)) {
      throw new FlashFailure('program-failed', address)
    }
  }

  /**
   * Writes a `done` mark that stands alone a second time. The power may have failed while it was
   * written: then it reads well today and may be gone tomorrow, and the software with it (decision
   * 0003). A chip that does not take the second one keeps the first.
   */
  confirm(): void {
    const newest = this.newest()
    if (newest?.kind !== 'done') return
    const { sequence } = newest
    const before = this.#entries().find(({ entry }) => entry.sequence === sequence - 1)?.entry
    if (before?.kind === 'done') return
    try {
      this.append(newest)
    } catch (error) {
      if (!(error instanceof FlashFailure)) throw error
    }
  }

  /** A place for the next entry, behind everything the sector of the newest entry holds. */
  #freeAddress(sector: number | undefined): number {
    const { sectorBytes } = this.#flash.geometry
    const used = sector === undefined ? undefined : this.#usedBytes(sector)
    if (sector !== undefined && used !== undefined && used < sectorBytes) {
      return sector * sectorBytes + used
    }
    // Without a whole entry, what looks erased may be the rest of an interrupted erase.
    const next = sector === 0 ? 1 : 0
    this.#flash.erase(next * sectorBytes)
    return next * sectorBytes
  }

  /** Torn entries are used too: a bit that fell there cannot rise again. */
  #usedBytes(sector: number): number {
    const { sectorBytes } = this.#flash.geometry
    const bytes = this.#flash.read(sector * sectorBytes, sectorBytes)
    const last = bytes.findLastIndex(byte => byte !== 0xff)
    return Math.ceil((last + 1) / JOURNAL_ENTRY_BYTES) * JOURNAL_ENTRY_BYTES
  }

  #newest(): FoundEntry | undefined {
    const entries = this.#entries()
    const newest = Math.max(...entries.map(({ entry }) => entry.sequence))
    return entries.find(({ entry }) => entry.sequence === newest)
  }

  /** All that were written whole, by their places. */
  #entries(): FoundEntry[] {
    const { bytes: total, sectorBytes } = this.#flash.geometry
    const found: FoundEntry[] = []
    for (let address = 0; address < total; address += JOURNAL_ENTRY_BYTES) {
      const entry = decodeJournalEntry(this.#flash.read(address, JOURNAL_ENTRY_BYTES))
      if (entry) found.push({ entry, sector: Math.floor(address / sectorBytes) })
    }
    return found
  }
}

interface FoundEntry {
  readonly entry: JournalEntry
  readonly sector: number
}
