import { seededRandom } from '../../base/random'
import { ERASED, type FlashCells } from './flash-cells'
import { eraseAt, programAt, type ExecutedOperation } from './operation-window'
import { countWeakCells, decay, NO_FLAWS, unprogrammed, withWeakCells } from './sector-flaws'
import type { SectorFlaws } from './sector-flaws'
import type { SectorOperation, Strike } from './strikes'

/** Weak cells of an operation that was cut by hand flip as those of a `weak` fault do. */
const WEAK_PERCENT = 50

/** An operation on one sector that was checked. */
export interface Ordered {
  readonly kind: 'program' | 'erase'
  readonly sector: number
  /** Within the sector. */
  readonly offset: number
  /** What is programmed; empty for an erase. */
  readonly bytes: Uint8Array
}

/** What undoes an operation. */
export type Undo = Omit<ExecutedOperation, 'milliseconds'>

/** What a chip is besides its port: cells, and what their history has made of them. */
export class FlashArray {
  readonly cells: FlashCells
  readonly #wear: Uint32Array
  readonly #flaws: Map<number, SectorFlaws>

  constructor(cells: FlashCells, wear: Uint32Array, flaws = new Map<number, SectorFlaws>()) {
    this.cells = cells
    this.#wear = wear
    this.#flaws = flaws
  }

  clone(): FlashArray {
    return new FlashArray(this.cells.clone(), this.#wear.slice(), new Map(this.#flaws))
  }

  wear(sector: number): number {
    return this.#wear[sector] ?? 0
  }

  weakCells(sector: number): number {
    return countWeakCells(this.#flawsOf(sector))
  }

  weakCellsTotal(): number {
    return [...this.#flaws.values()].reduce((total, flaws) => total + countWeakCells(flaws), 0)
  }

  /** The sector holds something else than the code that uses it was told. */
  isAstray(sector: number): boolean {
    return this.#flawsOf(sector).isAstray
  }

  /** Index of the first byte for which a bit would have to rise; -1 where none would. */
  findRising(sector: number, offset: number, bytes: Uint8Array): number {
    const cells = this.cells.sector(sector)
    for (let at = 0; at < bytes.length; at++) {
      if (((bytes[at] ?? 0) & ~(cells[offset + at] ?? 0)) !== 0) return at
    }
    return -1
  }

  /** Does an operation as it was meant. */
  perform(ordered: Ordered): Undo {
    const { kind, sector, offset, bytes } = ordered
    const undo = { kind, sector, offset, isIdle: false, ...this.#historyOf(sector) }
    if (kind === 'erase') {
      this.#wear[sector] = undo.wearBefore + 1
      this.#flaws.delete(sector)
      return { ...undo, before: this.cells.erase(sector) }
    }
    const before = this.cells.sector(sector).slice(offset, offset + bytes.length)
    this.cells.clear(sector, this.#programmable(ordered), offset)
    this.#endWeakErase(sector)
    return { ...undo, before }
  }

  /** The whole sector as a fault needs it. */
  plan(ordered: Ordered): SectorOperation {
    const { kind, sector, offset, bytes } = ordered
    const before = this.cells.sector(sector).slice()
    if (kind === 'erase') {
      const wanted = new Uint8Array(before.length).fill(ERASED)
      return { kind, before, wanted, from: 0, to: before.length }
    }
    const wanted = before.slice()
    for (const [at, byte] of this.#programmable(ordered).entries()) {
      wanted[offset + at] = (wanted[offset + at] ?? 0) & byte
    }
    return { kind, before, wanted, from: offset, to: offset + bytes.length }
  }

  /** Leaves what a fault has made of an operation. */
  suffer({ kind, sector }: Ordered, { before }: SectorOperation, struck: Strike): Undo {
    const isIdle = struck.after === undefined
    const undo = { kind, sector, offset: 0, before, isIdle, ...this.#historyOf(sector) }
    const isErased = kind === 'erase' && struck.end === 'done'
    if (struck.after) {
      this.cells.store(sector, struck.after)
      if (kind === 'erase') this.#wear[sector] = undo.wearBefore + 1
      if (isErased) this.#flaws.delete(sector)
      this.#endWeakErase(sector)
    }
    const flaws = this.#flawsOf(sector)
    this.#setFlaws(sector, {
      ...(struck.weak ? withWeakCells(flaws, struck.weak) : flaws),
      ...(struck.weakErase ? { weakErase: struck.weakErase } : {}),
      isAstray: flaws.isAstray || struck.isAstray === true,
    })
    return undo
  }

  /** As if the sector had been erased so often. */
  wearTo(sector: number, erases: number): void {
    this.#wear[sector] = Math.max(this.wear(sector), erases)
  }

  undo({ sector, offset, before, flawsBefore, wearBefore }: Undo): void {
    this.cells.store(sector, before, offset)
    this.#setFlaws(sector, flawsBefore)
    this.#wear[sector] = wearBefore
  }

  /** The power fails in an operation, after a share of its time. */
  tear(undo: Undo, share: number, seed: number): void {
    const { kind, sector, offset, before } = undo
    const wear = this.wear(sector)
    const wanted = this.cells.sector(sector).slice(offset, offset + before.length)
    this.undo(undo)
    this.#wear[sector] = wear
    // What was not done has no middle. An erase of erased cells has: it brings them to 0 first.
    if (undo.isIdle) return
    const random = seededRandom(seed)
    const change = { before, wanted }
    const torn =
      kind === 'erase' ? eraseAt(before, share, random) : programAt(change, share, random)
    this.cells.store(sector, torn.bytes, offset)
    const bits = new Uint8Array(this.cells.sector(sector).length)
    bits.set(torn.weak, offset)
    const weak = { bits, percent: WEAK_PERCENT, seed, powerUps: 0 }
    this.#setFlaws(sector, withWeakCells(this.#flawsOf(sector), weak))
  }

  powerUp(): void {
    for (const [sector, before] of this.#flaws) {
      const cells = this.cells.sector(sector)
      const { flips, flaws } = decay(before, cells.length)
      if (flips.some(bits => bits !== 0)) {
        this.cells.store(
          sector,
          cells.map((byte, at) => byte ^ (flips[at] ?? 0)),
        )
      }
      this.#setFlaws(sector, flaws)
    }
  }

  #flawsOf(sector: number): SectorFlaws {
    return this.#flaws.get(sector) ?? NO_FLAWS
  }

  #setFlaws(sector: number, flaws: SectorFlaws | undefined): void {
    const isSound = !flaws || (flaws.weak.length === 0 && !flaws.weakErase && !flaws.isAstray)
    if (isSound) this.#flaws.delete(sector)
    else this.#flaws.set(sector, flaws)
  }

  #historyOf(sector: number) {
    return { flawsBefore: this.#flaws.get(sector), wearBefore: this.wear(sector) }
  }

  /** What a program can reach: after an erase that was cut short some bits stay as they are. */
  #programmable({ sector, offset, bytes }: Ordered): Uint8Array {
    const { weakErase } = this.#flawsOf(sector)
    if (!weakErase) return bytes
    const cells = this.cells.sector(sector)
    const falling = bytes.map((byte, at) => (cells[offset + at] ?? 0) & ~byte)
    const missing = unprogrammed(falling, weakErase)
    return bytes.map((byte, at) => byte | (missing[at] ?? 0))
  }

  #endWeakErase(sector: number): void {
    const { weakErase, ...flaws } = this.#flawsOf(sector)
    if (weakErase) this.#setFlaws(sector, flaws)
  }
}
