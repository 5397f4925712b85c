import type { FlashPort } from '../flash/flash-port'
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

  /** Writes one mark in one program operation, after one erase where a sector is full. */
  append(mark: JournalMark): void {
    const newest = this.#newest()
    const bytes = encodeJournalEntry({ ...mark, sequence: (newest?.entry.sequence ?? 0) + 1 })
    this.#flash.program(this.#freeAddress(newest?.sector), bytes)
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

  #newest(): { entry: JournalEntry; sector: number } | undefined {
    const { bytes: total, sectorBytes } = this.#flash.geometry
    let newest: { entry: JournalEntry; sector: number } | undefined
    for (let address = 0; address < total; address += JOURNAL_ENTRY_BYTES) {
      const entry = decodeJournalEntry(this.#flash.read(address, JOURNAL_ENTRY_BYTES))
      if (entry && entry.sequence > (newest?.entry.sequence ?? 0)) {
        newest = { entry, sector: Math.floor(address / sectorBytes) }
      }
    }
    return newest
  }
}
