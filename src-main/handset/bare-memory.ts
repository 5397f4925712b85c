import { type CpuMemory, RAM_BLOCK_BYTES } from './cpu/cpu-port'
import { BYTES_PER_PIXEL } from './display/picture'
import type { HandsetModel } from './model/model'

/**
 * The memory of a handset without a CPU. Nobody else looks at its RAM, so that takes room only while
 * protected code has something in it: thousands of handsets fit beside each other.
 */
export class BareMemory implements CpuMemory {
  readonly flash: Uint8Array
  readonly pixels: Uint8Array
  /** Nothing executes. */
  readonly execution = new Uint8Array(0)
  readonly #ramBytes: number
  #ram: Uint8Array | undefined
  #ramWrites: Uint32Array | undefined

  constructor({ ram, display }: Pick<HandsetModel, 'ram' | 'display'>, flash: Uint8Array) {
    this.flash = flash
    this.#ramBytes = ram.bytes
    this.pixels = new Uint8Array(display ? display.width * display.height * BYTES_PER_PIXEL : 0)
  }

  get ram(): Uint8Array {
    return (this.#ram ??= new Uint8Array(this.#ramBytes))
  }

  get ramWrites(): Uint32Array {
    return (this.#ramWrites ??= new Uint32Array(Math.ceil(this.#ramBytes / RAM_BLOCK_BYTES)))
  }

  /** Whatever was in the RAM is nobody's any more. */
  emptyRam(): void {
    this.#ram = undefined
    this.#ramWrites = undefined
  }
}
