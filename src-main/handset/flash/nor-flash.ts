import { formatAddress } from '../../base/bytes'
import { invariant } from '../../base/assert'
import { FaultPlan, type Fault } from '../../base/fault-plan'
import { seededRandom, type Random } from '../../base/random'
import type { FlashTiming } from '../model/model'
import { durationOf, longestOf } from './durations'
import { FlashArray, type Ordered } from './flash-array'
import { makeCells } from './flash-cells'
import { FLASH_FAULT_POINT, flashFaultKind } from './flash-faults'
import { FlashFailure, FlashFault, PowerCut } from './flash-port'
import type { FlashGeometry, FlashPort } from './flash-port'
import type { FlashRange } from './flash-window'
import { OperationWindow } from './operation-window'
import type { SectorPool } from './sector-pool'
import { strike } from './strikes'

export { FLASH_FAULT_POINT }

/** One in so many operations on a worn sector fails without a word. */
const WORN_SILENT = 4
const SEEDS = 0x1_0000_0000
const NO_BYTES = new Uint8Array(0)

export interface NorFlashOptions {
  readonly geometry: FlashGeometry
  readonly timing: FlashTiming
  /** The whole chip; erased where it is left out. */
  readonly contents?: Uint8Array
  readonly faults?: FaultPlan
  /** Its first number decides all that chance decides in this chip. */
  readonly random?: Random
  /** Gives the memory in which the whole chip lies, so that others see it as it changes. */
  readonly share?: (bytes: number) => Uint8Array
}

/**
 * An emulated NOR flash: stricter than hardware where code is wrong (FlashFault), as unreliable as
 * hardware where a fault is planned (decision 0003). Every program and every erase is one counted
 * operation. It is done at once and takes its time afterwards: {@link settle} says that this is
 * over, {@link interrupt} that the power failed before.
 */
export class NorFlash implements FlashPort {
  readonly geometry: FlashGeometry
  readonly faults: FaultPlan
  readonly #timing: FlashTiming
  readonly #seed: number
  readonly #array: FlashArray
  readonly #window = new OperationWindow()
  #programs = 0
  #erases = 0
  #busyMilliseconds = 0
  #busyRange: FlashRange | undefined
  #powered = true
  #powerUps = 0

  /** The second parameter is for {@link clone}, which shares what chips of their own do not. */
  constructor(options: NorFlashOptions, original?: NorFlash) {
    const { geometry, timing, faults, random } = options
    this.geometry = geometry
    this.#timing = timing
    this.faults = faults ?? new FaultPlan()
    const usualSeed = original ? original.#seed : seededRandom(1).below(SEEDS)
    this.#seed = random ? random.below(SEEDS) : usualSeed
    const sectors = geometry.bytes / geometry.sectorBytes
    this.#array = original
      ? original.#array.clone()
      : new FlashArray(makeCells(options), new Uint32Array(sectors))
  }

  /** Ordered so far, in step with the fault plan: those that a power cut undid count too. */
  get operations(): number {
    return this.#programs + this.#erases
  }

  /** Rises whenever something may read otherwise than before. */
  get revision(): number {
    return this.operations + this.#powerUps
  }

  get programs(): number {
    return this.#programs
  }

  get erases(): number {
    return this.#erases
  }

  /** Time that all operations so far took; those at which the power failed took none. */
  get busyMilliseconds(): number {
    return this.#busyMilliseconds
  }

  get powered(): boolean {
    return this.#powered
  }

  /** The whole chip as it is at any time, to look at; undefined where no memory was shared. */
  get cells(): Uint8Array | undefined {
    return this.#array.cells.live
  }

  /** What cannot be read from {@link markBusy} on until the operations are over. */
  get busyRange(): FlashRange | undefined {
    return this.#busyRange
  }

  /** Erases that reached a sector, by its number, since this chip was made. */
  wear(sector: number): number {
    return this.#array.wear(sector)
  }

  /** Bits of a sector, by its number, that may read otherwise after a later power-up. */
  weakCells(sector: number): number {
    return this.#array.weakCells(sector)
  }

  get weakCellsTotal(): number {
    return this.#array.weakCellsTotal()
  }

  read(address: number, length: number): Uint8Array {
    this.#needPower()
    const busy = this.#busyRange
    if (busy && address < busy.address + busy.bytes && address + length > busy.address) {
      throw new FlashFault(`read of a busy partition at ${formatAddress(address)}`)
    }
    return this.peek(address, length)
  }

  program(address: number, bytes: Uint8Array): void {
    this.#needRest('program')
    const { sectorBytes, pageBytes } = this.geometry
    this.#checkRange('program', address, bytes.length)
    if (bytes.length === 0) throw new FlashFault('program of no bytes')
    const offset = address % sectorBytes
    if ((offset % pageBytes) + bytes.length > pageBytes) {
      throw new FlashFault(`program across a page boundary at ${formatAddress(address)}`)
    }
    const sector = (address - offset) / sectorBytes
    const rising = this.#array.findRising(sector, offset, bytes)
    const isAstray = rising >= 0 && this.#array.isAstray(sector)
    if (rising >= 0 && !isAstray) {
      throw new FlashFault(`program would raise bits at ${formatAddress(address + rising)}`)
    }
    this.#programs += 1
    this.#order({ kind: 'program', sector, offset, bytes }, address)
    // The code could not know what the chip kept from it, so the chip answers as hardware does.
    if (isAstray) throw new FlashFailure('program-failed', address)
  }

  erase(address: number): void {
    this.#needRest('erase')
    const { sectorBytes } = this.geometry
    this.#checkRange('erase', address, sectorBytes)
    if (address % sectorBytes !== 0) {
      throw new FlashFault(`erase from inside a sector at ${formatAddress(address)}`)
    }
    this.#erases += 1
    const sector = address / sectorBytes
    this.#order({ kind: 'erase', sector, offset: 0, bytes: NO_BYTES }, address)
  }

  /**
   * Others run while the operations that are not settled take their time. Until that is over the
   * partitions they reach are busy: reading them through the port is a FlashFault, and so is any
   * further operation.
   */
  markBusy(): void {
    const { bytes, sectorBytes, partitionBytes = bytes } = this.geometry
    const partitions = this.#window.operations.map(({ sector }) => {
      return Math.floor((sector * sectorBytes) / partitionBytes)
    })
    if (partitions.length === 0) return
    const address = Math.min(...partitions) * partitionBytes
    const end = (Math.max(...partitions) + 1) * partitionBytes
    this.#busyRange = { address, bytes: end - address }
  }

  /** The time that the operations so far take is over. */
  settle(): void {
    this.#window.close()
    this.#busyRange = undefined
  }

  /**
   * The power fails so many milliseconds after the first operation that is not settled began: those
   * that had not begun by then never happened, the one in progress is torn. The same seed tears in
   * the same way; left out, it follows from the chip and the number of operations.
   */
  interrupt(elapsedMilliseconds: number, seed = this.#operationSeed()): void {
    invariant(elapsedMilliseconds >= 0, 'time only passes')
    if (!this.#powered) return
    const { notBegun, inProgress } = this.#window.at(elapsedMilliseconds)
    for (const operation of notBegun) this.#array.undo(operation)
    if (inProgress) this.#array.tear(inProgress.operation, inProgress.share, seed)
    this.#losePower()
  }

  /** The power comes, and weak cells may read otherwise than before. */
  powerUp(): void {
    if (!this.#powered) {
      this.#array.powerUp()
      this.#powerUps += 1
    }
    this.#powered = true
  }

  /** A look from outside, for consoles and files: needs no power and counts as nothing. */
  peek(address: number, length: number): Uint8Array {
    this.#checkRange('read', address, length)
    return this.#array.cells.read(address, length)
  }

  /** The whole chip, as a programmer on the bench would read it. */
  dump(): Uint8Array {
    return this.peek(0, this.geometry.bytes)
  }

  /** Whether each sector holds nothing but ones, in order. */
  erasedSectors(): boolean[] {
    return this.#array.cells.erasedSectors()
  }

  /**
   * A second chip of the same contents, counts and flaws, with no operation under way and no faults
   * but its own. Sectors are copied when one of the two changes; those of a shared chip at once.
   */
  clone({ faults, random }: Pick<NorFlashOptions, 'faults' | 'random'> = {}): NorFlash {
    const { geometry } = this
    const options = { geometry, timing: this.#timing, ...(faults ? { faults } : {}) }
    const copy = new NorFlash(random ? { ...options, random } : options, this)
    copy.#programs = this.#programs
    copy.#erases = this.#erases
    copy.#busyMilliseconds = this.#busyMilliseconds
    copy.#powered = this.#powered
    return copy
  }

  /** Shares what it holds with every chip of the pool that holds the same. */
  shareSectors(pool: SectorPool): void {
    this.#array.cells.share(pool)
  }

  #order(ordered: Ordered, address: number): void {
    const planned = this.faults.pass(FLASH_FAULT_POINT, fault => canStrike(fault, ordered.kind))
    const fault = planned ?? this.#faultOfWear(ordered.sector)
    if (fault) {
      this.#strike(fault, ordered, address)
      return
    }
    const milliseconds = durationOf(this.#timing, this.#timed(ordered))
    this.#window.push({ ...this.#array.perform(ordered), milliseconds })
    this.#busyMilliseconds += milliseconds
  }

  #strike(fault: Fault, ordered: Ordered, address: number): void {
    const plan = this.#array.plan(ordered)
    const struck = strike(fault, plan, this.#operationSeed())
    const timed = this.#timed(ordered)
    const undo = this.#array.suffer(ordered, plan, struck)
    if (struck.wearsOut) this.#array.wearTo(ordered.sector, this.#timing.endurance)
    if (struck.end === 'cut') {
      this.#losePower()
      throw new PowerCut(this.faults.passed(FLASH_FAULT_POINT))
    }
    const usual = struck.takesLongest ? longestOf : durationOf
    const milliseconds = struck.end === 'protected' ? 0 : usual(this.#timing, timed)
    this.#window.push({ ...undo, milliseconds })
    this.#busyMilliseconds += milliseconds
    if (struck.end !== 'done') throw new FlashFailure(struck.end, address)
  }

  /** A sector past its endurance fails every time, with a word or without one. */
  #faultOfWear(sector: number): Fault | undefined {
    if (this.wear(sector) < this.#timing.endurance) return undefined
    const isSilent = seededRandom(this.#operationSeed()).below(WORN_SILENT) === 0
    const at = this.faults.passed(FLASH_FAULT_POINT)
    return { point: FLASH_FAULT_POINT, kind: isSilent ? 'silent' : 'error', at }
  }

  #timed({ kind, sector, bytes }: Ordered) {
    return { kind, bytes: bytes.length, wear: this.wear(sector) }
  }

  /** Follows from the chip and the number of the operation, and from nothing else. */
  #operationSeed(): number {
    return (this.#seed + Math.imul(this.faults.passed(FLASH_FAULT_POINT), 0x9e37_79b1)) >>> 0
  }

  #losePower(): void {
    this.settle()
    this.#powered = false
  }

  #needPower(): void {
    if (!this.#powered) throw new PowerCut()
  }

  #needRest(what: string): void {
    this.#needPower()
    if (this.#busyRange) throw new FlashFault(`${what} while the flash is busy`)
  }

  #checkRange(what: string, address: number, length: number): void {
    if (!Number.isSafeInteger(address) || address < 0 || address + length > this.geometry.bytes) {
      throw new FlashFault(`${what} of ${length} bytes outside the flash, at ${address}`)
    }
  }
}

/** What is no fault of a flash at all strikes too, and is then found to be a defect. */
function canStrike(fault: Fault, operation: Ordered['kind']): boolean {
  const { strikes = 'any' } = flashFaultKind(fault.kind) ?? {}
  return strikes === 'any' || strikes === operation
}
