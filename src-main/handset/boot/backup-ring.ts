import type { OldRange } from '../../wire/delta/rewrite-source'
import type { FlashPort } from '../flash/flash-port'
import type { PageWriter } from './page-writer'

/** While a backup is taken, those of the step before it and of that one's predecessor stay. */
export const RING_SECTORS_MIN = 3

/** Where the backups of the newest two steps begin in the backup region; null: there is none. */
export interface BackupPlaces {
  readonly backup: number | null
  readonly backupBefore: number | null
}

/**
 * Backups of the sectors that are erased: one behind the other in each of the sectors in turn, each
 * at the start of a page. No two of the newest three ever share a sector, so that a power cut while
 * one is taken costs none that a resumed rewrite needs.
 */
export class BackupRing {
  readonly #flash: FlashPort
  readonly #writer: PageWriter
  /** The first free byte in each sector; undefined: erase it first, nobody knows what it holds. */
  readonly #free: (number | undefined)[]
  #places: BackupPlaces

  constructor(flash: FlashPort, writer: PageWriter, places: BackupPlaces) {
    const { bytes, sectorBytes } = flash.geometry
    this.#flash = flash
    this.#writer = writer
    this.#free = Array.from({ length: bytes / sectorBytes }, () => undefined)
    this.#places = places
  }

  get places(): BackupPlaces {
    return this.#places
  }

  /** Takes the backup of the next step. Yields after every operation of the flash. */
  *take(region: FlashPort, range: OldRange): Generator<void, void> {
    const { backup: backupBefore } = this.#places
    const length = range.end - range.start
    if (length === 0) {
      this.#places = { backup: null, backupBefore }
      return
    }
    const { sectorBytes, pageBytes } = this.#flash.geometry
    const sector = this.#sectorFor(length)
    const free = this.#freeFor(sector, length)
    this.#free[sector] = undefined
    if (free === undefined) {
      this.#flash.erase(sector * sectorBytes)
      yield
    }
    const backup = free ?? sector * sectorBytes
    for (const _ of this.#writer.copy(region, range, this.#flash, backup)) yield
    this.#free[sector] = Math.ceil((backup + length) / pageBytes) * pageBytes
    this.#places = { backup, backupBefore }
  }

  /** Behind the newest backup's sector, the first one with room, else the first one. */
  #sectorFor(length: number): number {
    const { sectorBytes } = this.#flash.geometry
    const { backup, backupBefore } = this.#places
    const sectors = this.#free.length
    const sectorAt = (address: number | null) =>
      address === null ? -1 : Math.floor(address / sectorBytes)
    const needed = [sectorAt(backup), sectorAt(backupBefore)]
    const free = Array.from(
      { length: sectors },
      (_, turn) => (sectorAt(backup) + 1 + turn) % sectors,
    ).filter(sector => !needed.includes(sector))
    return free.find(sector => this.#freeFor(sector, length) !== undefined) ?? free[0] ?? 0
  }

  /** Undefined where a backup does not fit without an erase. */
  #freeFor(sector: number, length: number): number | undefined {
    const free = this.#free[sector]
    const end = (sector + 1) * this.#flash.geometry.sectorBytes
    return free !== undefined && free + length <= end ? free : undefined
  }
}
