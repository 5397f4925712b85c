import { formatAddress } from '../../base/bytes'
import { invariant } from '../../base/assert'
import { FaultPlan, formatFault } from '../../base/fault-plan'
import { seededRandom, type Random } from '../../base/random'
import type { FlashTiming } from '../model/model'
import { FlashFault, PowerCut, type FlashGeometry, type FlashPort } from './flash-port'
import { tearErase, tearProgram } from './torn'

/** The point of a fault plan that every operation of a flash passes. */
export const FLASH_FAULT_POINT = 'flash'
/** `power-cut` strikes before the operation begins, `torn` in the middle of it. */
export const FLASH_FAULT_KINDS = ['power-cut', 'torn'] as const

const ERASED = 0xff

export interface NorFlashOptions {
  readonly geometry: FlashGeometry
  readonly timing: FlashTiming
  /** The whole chip; erased where it is left out. */
  readonly contents?: Uint8Array
  readonly faults?: FaultPlan
  /** Decides what a torn operation leaves behind. */
  readonly random?: Random
}

/**
 * An emulated NOR flash, stricter than hardware: what a chip would do quietly wrong is a
 * FlashFault. Every program and every erase is one counted operation at which the power can fail.
 */
export class NorFlash implements FlashPort {
  readonly geometry: FlashGeometry
  readonly faults: FaultPlan
  readonly #timing: FlashTiming
  readonly #random: Random
  #sectors: Uint8Array[]
  /** Sectors that no clone shares. */
  #owned: Set<number>
  #wear: Uint32Array
  /** What {@link erasedSectors} found out; absent where a sector changed since. */
  #erased = new Map<number, boolean>()
  #programs = 0
  #erases = 0
  #powered = true

  constructor({ geometry, timing, contents, faults, random }: NorFlashOptions) {
    this.geometry = geometry
    this.#timing = timing
    this.faults = faults ?? new FaultPlan()
    this.#random = random ?? seededRandom(1)
    const { bytes, sectorBytes } = geometry
    invariant(contents === undefined || contents.length === bytes, 'a chip is given whole')
    // Sectors are views of one copy of the contents, or all the same erased one.
    const chip = contents && new Uint8Array(contents)
    const erased = new Uint8Array(sectorBytes).fill(ERASED)
    this.#sectors = Array.from({ length: bytes / sectorBytes }, (_, sector) => {
      return chip?.subarray(sector * sectorBytes, (sector + 1) * sectorBytes) ?? erased
    })
    this.#owned = new Set(chip ? this.#sectors.keys() : [])
    this.#wear = new Uint32Array(this.#sectors.length)
  }

  get operations(): number {
    return this.#programs + this.#erases
  }

  get programs(): number {
    return this.#programs
  }

  get erases(): number {
    return this.#erases
  }

  /** Time that all operations so far took, torn ones not counted. */
  get busyMilliseconds(): number {
    const { programMilliseconds, eraseMilliseconds } = this.#timing
    return this.#programs * programMilliseconds + this.#erases * eraseMilliseconds
  }

  get powered(): boolean {
    return this.#powered
  }

  /** Erases of a sector, by its number, since this chip was made. */
  wear(sector: number): number {
    return this.#wear[sector] ?? 0
  }

  read(address: number, length: number): Uint8Array {
    this.#needPower()
    return this.peek(address, length)
  }

  program(address: number, bytes: Uint8Array): void {
    this.#needPower()
    const { sectorBytes, pageBytes } = this.geometry
    this.#checkRange('program', address, bytes.length)
    if (bytes.length === 0) throw new FlashFault('program of no bytes')
    const offset = address % sectorBytes
    if ((offset % pageBytes) + bytes.length > pageBytes) {
      throw new FlashFault(`program across a page boundary at ${formatAddress(address)}`)
    }
    const before = this.peek(address, bytes.length)
    const rising = bytes.findIndex((byte, at) => (byte & ~(before[at] ?? 0)) !== 0)
    if (rising >= 0) {
      throw new FlashFault(`program would raise bits at ${formatAddress(address + rising)}`)
    }
    this.#programs += 1
    this.#perform({
      done: () => this.#store(address, bytes),
      torn: () => this.#store(address, tearProgram(before, bytes, this.#random)),
    })
  }

  erase(address: number): void {
    this.#needPower()
    const { sectorBytes } = this.geometry
    this.#checkRange('erase', address, sectorBytes)
    if (address % sectorBytes !== 0) {
      throw new FlashFault(`erase from inside a sector at ${formatAddress(address)}`)
    }
    this.#erases += 1
    this.#perform({
      done: () => {
        const sector = address / sectorBytes
        this.#wear[sector] = this.wear(sector) + 1
        this.#store(address, new Uint8Array(sectorBytes).fill(ERASED))
      },
      torn: () => this.#store(address, tearErase(this.peek(address, sectorBytes), this.#random)),
    })
  }

  powerUp(): void {
    this.#powered = true
  }

  /** A look from outside, for consoles and files: needs no power and counts as nothing. */
  peek(address: number, length: number): Uint8Array {
    this.#checkRange('read', address, length)
    const { sectorBytes } = this.geometry
    const bytes = new Uint8Array(length)
    for (let at = 0; at < length;) {
      const offset = (address + at) % sectorBytes
      const count = Math.min(sectorBytes - offset, length - at)
      bytes.set(this.#sector(address + at).subarray(offset, offset + count), at)
      at += count
    }
    return bytes
  }

  /** The whole chip, as a programmer on the bench would read it. */
  dump(): Uint8Array {
    return this.peek(0, this.geometry.bytes)
  }

  /** Whether each sector holds nothing but ones, in order. */
  erasedSectors(): boolean[] {
    return this.#sectors.map((sector, number) => {
      const erased = this.#erased.get(number) ?? sector.every(byte => byte === ERASED)
      this.#erased.set(number, erased)
      return erased
    })
  }

  /** A second chip of the same contents and counts; sectors are copied when one of them changes. */
  clone({ faults, random }: Pick<NorFlashOptions, 'faults' | 'random'> = {}): NorFlash {
    const copy = new NorFlash({
      geometry: this.geometry,
      timing: this.#timing,
      ...(faults ? { faults } : {}),
      ...(random ? { random } : {}),
    })
    copy.#sectors = [...this.#sectors]
    copy.#wear = this.#wear.slice()
    copy.#programs = this.#programs
    copy.#erases = this.#erases
    copy.#powered = this.#powered
    this.#owned = new Set()
    return copy
  }

  #perform(operation: { done(): void; torn(): void }): void {
    const fault = this.faults.pass(FLASH_FAULT_POINT)
    if (!fault) {
      operation.done()
      return
    }
    if (fault.kind === 'torn') operation.torn()
    else invariant(fault.kind === 'power-cut', `${formatFault(fault)} is a fault of a flash`)
    this.#powered = false
    throw new PowerCut(fault.at)
  }

  #needPower(): void {
    if (!this.#powered) throw new PowerCut()
  }

  #checkRange(what: string, address: number, length: number): void {
    if (!Number.isSafeInteger(address) || address < 0 || address + length > this.geometry.bytes) {
      throw new FlashFault(`${what} of ${length} bytes outside the flash, at ${address}`)
    }
  }

  #sector(address: number): Uint8Array {
    const sector = this.#sectors[Math.floor(address / this.geometry.sectorBytes)]
    invariant(sector, 'the range was checked')
    return sector
  }

  #store(address: number, bytes: Uint8Array): void {
    const number = Math.floor(address / this.geometry.sectorBytes)
    if (!this.#owned.has(number)) {
      this.#sectors[number] = this.#sector(address).slice()
      this.#owned.add(number)
    }
    this.#sector(address).set(bytes, address % this.geometry.sectorBytes)
    this.#erased.delete(number)
  }
}
