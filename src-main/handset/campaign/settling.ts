import { equalBytes } from '../../base/bytes'
import type { JournalEntry } from '../boot/journal-entry'
import type { NorFlash } from '../flash/nor-flash'
import { regionOf } from '../model/model'
import type { Border, Recording } from './recording'
import type { FlashOperation } from './watched-flash'

/**
 * Tells when a rewrite that was disturbed has come to what the undisturbed one left at the same
 * entry: the same region, the same stash, the same live chunks, and no weak cell
 * anywhere. From there on it ends as that one did, so a trial may stop.
 */
export class Settling {
  readonly #recording: Recording
  readonly #flash: NorFlash
  /** Operations of the undisturbed rewrite that were done before the cut. */
  readonly #operationsBefore: number
  readonly #touched = new Set<number>()

  /** `cut` is the operation in which the power failed. */
  constructor(recording: Recording, flash: NorFlash, cut: number) {
    this.#recording = recording
    this.#flash = flash
    this.#operationsBefore = cut - 1
    for (const operation of recording.operations.slice(cut - 1, cut)) this.touch(operation)
  }

  /** An operation of the disturbed rewrite. */
  touch({ address }: FlashOperation): void {
    this.#touched.add(Math.floor(address / this.#flash.geometry.sectorBytes))
  }

  /** Asked right after the entry was written. */
  isAt(entry: JournalEntry): boolean {
    const border = this.#recording.borderWith(entry)
    if (!border || border.operations < this.#operationsBefore) return false
    return (
      this.#flash.weakCellsTotal === 0 &&
      this.#sectorsToCompare(border).every(sector => this.#isSame(sector, border.flash)) &&
      this.#hasSameChunks(entry, border) &&
      this.#isNewest(entry)
    )
  }

  #isNewest({ sequence }: JournalEntry): boolean {
    const { journal } = this.#recording.board.windows(this.#flash)
    return journal.newest()?.sequence === sequence
  }

  /** Those that either of the two has changed since they parted. */
  #sectorsToCompare(border: Border): number[] {
    const { board, operations } = this.#recording
    const { sectorBytes } = board.model.flash
    const sectors = new Set(this.#touched)
    for (const { address } of operations.slice(this.#operationsBefore, border.operations)) {
      sectors.add(Math.floor(address / sectorBytes))
    }
    return [...sectors].filter(sector => {
      const name = board.regionAt(sector * sectorBytes)
      return name === 'executable' || name === 'stash'
    })
  }

  #isSame(sector: number, other: NorFlash): boolean {
    const { sectorBytes } = this.#flash.geometry
    const at = sector * sectorBytes
    return equalBytes(this.#flash.peek(at, sectorBytes), other.peek(at, sectorBytes))
  }

  /** Of this step and of the one before, wherever they are. */
  #hasSameChunks(entry: JournalEntry, border: Border): boolean {
    const theirs = border.entry
    if (entry.kind !== 'rewrite' || theirs.kind !== 'rewrite') return true
    const { steps } = this.#recording.board.parts.source.plan
    const isSame = (step: number, ours: number | null, other: number | null) => {
      const { start, end } = steps[step]?.backup ?? { start: 0, end: 0 }
      if (ours === null || other === null || start === end) return ours === other
      const [a, b] = [
        this.#chunk(this.#flash, ours, end - start),
        this.#chunk(border.flash, other, end - start),
      ]
      return equalBytes(a, b)
    }
    return (
      isSame(entry.step, entry.backup, theirs.backup) &&
      isSame(entry.step - 1, entry.backupBefore, theirs.backupBefore)
    )
  }

  #chunk(flash: NorFlash, at: number, bytes: number): Uint8Array {
    const { address } = regionOf(this.#recording.board.model, 'backup')
    return flash.peek(address + at, bytes)
  }
}
