import type {
  CpuBoard,
  CpuHost,
  CpuMemory,
  CpuSocket,
  CpuStart,
  SliceOrder,
  SliceOutcome,
} from '../../../src-main/handset/cpu/cpu-port'
import { InProcessCpuHost } from '../../../src-main/handset/cpu/in-process-cpu-host'

export const FLASH = 0x1000_0000
export const RAM = 0x2000_0000
export const FLASH_BYTES = 0x20_0000
export const RAM_BYTES = 0x4_2000
export const DISPLAY = { width: 128, height: 160 }
export const BOARD: CpuBoard = {
  hertz: 48_000_000,
  windowAddress: FLASH,
  ramAddress: RAM,
  display: DISPLAY,
}
/** Where the tests' programs lie in the flash; the first instruction is CODE. */
export const VECTORS = FLASH + 0x1_0100
export const CODE = FLASH + 0x1_0200
export const HANDLER = FLASH + 0x1_0300
export const STACK = RAM + 0x4000

export const START: CpuStart = {
  vectorAddress: VECTORS,
  scratch: [],
  watchdogMilliseconds: 4000,
  hidden: [],
}
export const ORDER: SliceOrder = {
  nanoseconds: 1_000_000,
  received: new Uint8Array(0),
  pins: 0,
  locked: undefined,
  busy: undefined,
}

export function makeMemory(host: CpuHost): CpuMemory {
  return {
    flash: host.share(FLASH_BYTES).fill(0xff),
    ram: host.share(RAM_BYTES),
    pixels: host.share(DISPLAY.width * DISPLAY.height * 2),
    execution: host.share(FLASH_BYTES / 4),
    ramWrites: new Uint32Array(host.share((RAM_BYTES / 1024) * 4).buffer),
  }
}

/** Halfwords, little-endian, from an address of the flash window on. */
export function place(memory: CpuMemory, address: number, halfwords: readonly number[]): void {
  const view = new DataView(memory.flash.buffer, memory.flash.byteOffset)
  for (const [index, halfword] of halfwords.entries()) {
    view.setUint16(address - FLASH + 2 * index, halfword, true)
  }
}

export function placeWords(memory: CpuMemory, address: number, words: readonly number[]): void {
  const halves = words.flatMap(word => [word & 0xffff, word >>> 16])
  place(memory, address, halves)
}

export interface Program {
  readonly code: readonly number[]
  /** Of HardFault; without one the vector is that of erased flash. */
  readonly handler?: readonly number[]
  /** Vectors by exception number. */
  readonly vectors?: Readonly<Record<number, number>>
  /** Words after the code, from CODE + 0x80 on. */
  readonly words?: readonly number[]
}

/** A CPU with its program, not started yet. */
export class SampleCpu {
  readonly memory: CpuMemory
  readonly socket: CpuSocket

  constructor(program: Program, host: CpuHost = new InProcessCpuHost()) {
    this.memory = makeMemory(host)
    placeWords(this.memory, VECTORS, [STACK, CODE | 1])
    if (program.handler) {
      placeWords(this.memory, VECTORS + 4 * 3, [HANDLER | 1])
      place(this.memory, HANDLER, program.handler)
    }
    for (const [exception, vector] of Object.entries(program.vectors ?? {})) {
      placeWords(this.memory, VECTORS + 4 * Number(exception), [vector])
    }
    place(this.memory, CODE, program.code)
    placeWords(this.memory, CODE + 0x80, program.words ?? [])
    this.socket = host.open(this.memory, BOARD)
  }

  start(start: Partial<CpuStart> = {}): this {
    this.socket.start({ ...START, ...start })
    return this
  }

  run(order: Partial<SliceOrder> = {}): Promise<SliceOutcome> {
    return this.socket.run({ ...ORDER, ...order })
  }

  /** A word of the RAM. */
  word(address: number): number {
    const { ram } = this.memory
    return new DataView(ram.buffer, ram.byteOffset).getUint32(address - RAM, true)
  }
}

export const milliseconds = (count: number) => count * 1_000_000
