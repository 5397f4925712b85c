import { viewOf } from '../base/bytes'
import type { HandsetKey } from '../contract/handsets'
import { BareMemory } from './bare-memory'
import {
  EXECUTION_CELL_BYTES,
  RAM_BLOCK_BYTES,
  type AddressRange,
  type CpuHost,
  type CpuMemory,
  type CpuSocket,
  type SliceOutcome,
} from './cpu/cpu-port'
import { CABLE_PIN, DOORBELL_PIN, HANDOVER, KEY_PINS, RADIO_PIN } from './cpu/firmware-interface'
import { BYTES_PER_PIXEL, Picture } from './display/picture'
import type { NorFlash } from './flash/nor-flash'
import type { HandsetModel } from './model/model'

/** Everything around the flash that a person could solder: CPU, RAM, display, keys, switches. */
export class Board {
  readonly memory: CpuMemory
  /** Undefined: the model has no CPU, or none was given. */
  readonly cpu: CpuSocket | undefined
  readonly picture: Picture | undefined
  readonly keys = new Set<HandsetKey>()
  radio = true
  cable = true
  displayOn = false
  /** Of the picture as the restore code and the CPU have changed it so far. */
  displayRevision = 0
  readonly #model: HandsetModel
  #doorbell = false
  #limitedTasks = 0
  #drawnByCpu = 0

  constructor(model: HandsetModel, flash: NorFlash, cpuHost: CpuHost | undefined) {
    this.#model = model
    const { display, ram, cpu } = model
    this.memory = cpuHost
      ? sharedMemory(model, flash, cpuHost)
      : new BareMemory(model, cellsOf(flash))
    if (display) this.picture = new Picture(this.memory.pixels, display)
    if (!cpuHost || !cpu || !flash.cells) return
    const { windowAddress } = model.execution
    const place = { hertz: cpu.hertz, windowAddress, ramAddress: ram.address, display }
    this.cpu = cpuHost.open(this.memory, place)
  }

  /** Levels of the CPU's input pins. */
  get pins(): number {
    let pins = 0
    for (const key of this.keys) pins |= 1 << KEY_PINS[key]
    if (this.radio) pins |= 1 << RADIO_PIN
    if (this.cable) pins |= 1 << CABLE_PIN
    if (this.#doorbell) pins |= 1 << DOORBELL_PIN
    return pins
  }

  /** The page in which boot code and software meet; undefined on models that have none. */
  get handoverPage(): Uint8Array | undefined {
    const { address, handoverAddress } = this.#model.ram
    if (handoverAddress === null) return undefined
    const at = handoverAddress - address
    return this.memory.ram.subarray(at, at + HANDOVER.bytes)
  }

  /** Asks the software not to run some tasks: bit n for task n. It hears of it with its pins. */
  limitTasks(tasks: number): void {
    this.#limitedTasks = tasks
    this.#doorbell = !this.#doorbell
  }

  /**
   * Writes down which tasks are limited. Done between two slices only: software that saw it before
   * the area is unlocked would run into the lock.
   */
  tellLimits(): void {
    const page = this.handoverPage
    if (page) viewOf(page).setUint32(HANDOVER.limitedTasks, this.#limitedTasks, true)
  }

  /** Tasks that the software says it has stopped. */
  get stoppedTasks(): number {
    const page = this.handoverPage
    return page ? viewOf(page).getUint32(HANDOVER.stoppedTasks, true) : 0
  }

  /** Writes into the RAM as protected code does. The address is as the CPU sees it. */
  store(address: number, bytes: Uint8Array): void {
    const at = address - this.#model.ram.address
    this.memory.ram.set(bytes, at)
    const last = Math.floor((at + bytes.length - 1) / RAM_BLOCK_BYTES)
    for (let block = Math.floor(at / RAM_BLOCK_BYTES); block <= last; block++) {
      this.memory.ramWrites[block] = (this.memory.ramWrites[block] ?? 0) + 1
    }
  }

  /** What lies in the RAM, without a copy. The address is as the CPU sees it. */
  load(address: number, bytes: number): Uint8Array {
    const at = address - this.#model.ram.address
    return this.memory.ram.subarray(at, at + bytes)
  }

  /** Where the CPU sees a part of the flash. */
  seenByCpu({ address, bytes }: AddressRange): AddressRange {
    return { address: this.#model.execution.windowAddress + address, bytes }
  }

  /** Takes over what a slice says of the display. Whether the picture is another one. */
  follow({ on, revision }: SliceOutcome['display']): boolean {
    if (on === this.displayOn && revision === this.#drawnByCpu) return false
    this.displayOn = on
    this.#drawnByCpu = revision
    this.displayRevision += 1
    return true
  }

  /** Draws without a CPU, as the boot code does. */
  draw(paint: (picture: Picture) => void): void {
    if (!this.picture) return
    paint(this.picture)
    this.displayOn = true
    this.displayRevision += 1
  }

  /** RAM and picture are gone with the power; what was executed is not asked of a new run. */
  losePower(): void {
    this.emptyRam()
    this.memory.pixels.fill(0)
    this.memory.execution.fill(0)
    this.displayOn = false
    this.displayRevision += 1
  }

  /** What is in the RAM is nobody's any more. */
  emptyRam(): void {
    const { memory } = this
    if (memory instanceof BareMemory) {
      memory.emptyRam()
      return
    }
    memory.ram.fill(0)
    memory.ramWrites.fill(0)
  }
}

function sharedMemory(
  { ram, display }: HandsetModel,
  flash: NorFlash,
  cpuHost: Pick<CpuHost, 'share'>,
): CpuMemory {
  const blocks = Math.ceil(ram.bytes / RAM_BLOCK_BYTES)
  return {
    flash: cellsOf(flash),
    ram: cpuHost.share(ram.bytes),
    pixels: cpuHost.share(display ? display.width * display.height * BYTES_PER_PIXEL : 0),
    execution: cpuHost.share(flash.geometry.bytes / EXECUTION_CELL_BYTES),
    ramWrites: new Uint32Array(cpuHost.share(blocks * Uint32Array.BYTES_PER_ELEMENT).buffer),
  }
}

function cellsOf({ cells }: NorFlash): Uint8Array {
  return cells ?? new Uint8Array(0)
}
