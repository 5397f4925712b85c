import { viewOf } from '../../base/bytes'
import {
  EXECUTED_CODE,
  EXECUTED_DATA,
  type AddressRange,
  type CpuBoard,
  type CpuFaultKind,
  type CpuMemory,
} from './cpu-port'
import { CpuTrap } from './cpu-trap'
import {
  BREAKPOINT,
  INSTRUCTION_KINDS,
  LOADS_HALFWORD,
  PLAIN,
  WIDE,
  isWideInstruction,
} from './thumb'

/** Registers of the peripherals. Addresses are multiples of four. */
export interface Registers {
  /** Undefined: there is nothing at this address. */
  read(address: number): number | undefined
  /** Whether there is something at this address. */
  write(address: number, value: number): boolean
}

export interface BusRanges {
  readonly hidden: readonly AddressRange[]
  readonly busy: AddressRange | undefined
  readonly locked: AddressRange | undefined
}

/** What the core's next read of a halfword is for. */
const INSTRUCTION = 0
const SECOND_HALFWORD = 1
const DATA = 2

const ignore = () => {}
/** rp2040js logs what software does wrong; what matters of that is a trap here. */
export const SILENT_LOGGER = { debug: ignore, info: ignore, warn: ignore, error: ignore }

const BLOCK_SHIFT = 10
const CELL_SHIFT = 2
const WORD = 4

/**
 * What the core sees of the world, with the names that rp2040js's core calls: flash that can only
 * be read, RAM, registers. Everything else, and every access that is not aligned, is a trap.
 */
export class Bus {
  /**
   * Where the core is when a trap is thrown: at the instruction, because it fetches it, jumps to it
   * or enters an exception before it; else two bytes past it, as only short ones access memory.
   */
  isAtInstruction = false
  readonly logger = SILENT_LOGGER
  readonly #trap = new CpuTrap()
  readonly #registers: Registers
  readonly #windowAddress: number
  readonly #ramAddress: number
  readonly #flash: DataView
  readonly #ram: DataView
  readonly #execution: Uint8Array
  readonly #ramWrites: Uint32Array
  #awaited = INSTRUCTION
  /** From the start of flash and RAM on, so many bytes can be accessed without a further look. */
  #freeFlash = 0
  #freeRam = 0
  #ranges: BusRanges = { hidden: [], busy: undefined, locked: undefined }

  constructor(memory: CpuMemory, board: CpuBoard, registers: Registers) {
    this.#windowAddress = board.windowAddress
    this.#ramAddress = board.ramAddress
    this.#flash = viewOf(memory.flash)
    this.#ram = viewOf(memory.ram)
    this.#execution = memory.execution
    this.#ramWrites = memory.ramWrites
    this.#registers = registers
    this.restrict(this.#ranges)
  }

  /** Says what must not be touched from now on. */
  restrict(ranges: BusRanges): void {
    const inFlash = ranges.busy ? [...ranges.hidden, ranges.busy] : ranges.hidden
    const inRam = ranges.locked ? [ranges.locked] : []
    this.#ranges = ranges
    this.#freeFlash = freeBytes(this.#windowAddress, this.#flash.byteLength, inFlash)
    this.#freeRam = freeBytes(this.#ramAddress, this.#ram.byteLength, inRam)
  }

  trap(kind: CpuFaultKind, address: number | undefined): never {
    this.#awaited = INSTRUCTION
    this.#trap.kind = kind
    this.#trap.address = address
    throw this.#trap
  }

  /** The halfword of an instruction that was fetched before. */
  codeAt(address: number): number {
    const inFlash = address - this.#windowAddress
    if (inFlash >= 0 && inFlash < this.#flash.byteLength) {
      return this.#flash.getUint16(inFlash, true)
    }
    return this.#ram.getUint16(address - this.#ramAddress, true)
  }

  readUint32(address: number): number {
    if ((address & 3) === 0) {
      const inRam = (address - this.#ramAddress) >>> 0
      if (inRam < this.#freeRam) return this.#ram.getUint32(inRam, true)
      const inFlash = (address - this.#windowAddress) >>> 0
      if (inFlash < this.#freeFlash) {
        this.#mark(inFlash, EXECUTED_DATA)
        return this.#flash.getUint32(inFlash, true)
      }
    }
    return this.#read(address >>> 0, 4)
  }

  /** An instruction, unless the one before loads halfwords. */
  readUint16(address: number): number {
    const inFlash = (address - this.#windowAddress) >>> 0
    if (inFlash >= this.#freeFlash || (address & 1) !== 0) return this.#readOtherHalfword(address)
    const halfword = this.#flash.getUint16(inFlash, true)
    if (this.#awaited !== INSTRUCTION || INSTRUCTION_KINDS[halfword] !== PLAIN) {
      this.#mark(inFlash, this.#awaited === DATA ? EXECUTED_DATA : EXECUTED_CODE)
      return this.#decode(halfword, address)
    }
    this.#mark(inFlash, EXECUTED_CODE)
    return halfword
  }

  readUint8(address: number): number {
    const inRam = (address - this.#ramAddress) >>> 0
    if (inRam < this.#freeRam) return this.#ram.getUint8(inRam)
    const inFlash = (address - this.#windowAddress) >>> 0
    if (inFlash < this.#freeFlash) {
      this.#mark(inFlash, EXECUTED_DATA)
      return this.#flash.getUint8(inFlash)
    }
    return this.#read(address >>> 0, 1)
  }

  writeUint32(address: number, value: number): void {
    const inRam = (address - this.#ramAddress) >>> 0
    if (inRam >= this.#freeRam || (address & 3) !== 0) return this.#write(address >>> 0, value, 4)
    this.#count(inRam)
    this.#ram.setUint32(inRam, value, true)
  }

  writeUint16(address: number, value: number): void {
    const inRam = (address - this.#ramAddress) >>> 0
    if (inRam >= this.#freeRam || (address & 1) !== 0) return this.#write(address >>> 0, value, 2)
    this.#count(inRam)
    this.#ram.setUint16(inRam, value, true)
  }

  writeUint8(address: number, value: number): void {
    const inRam = (address - this.#ramAddress) >>> 0
    if (inRam >= this.#freeRam) return this.#write(address >>> 0, value, 1)
    this.#count(inRam)
    this.#ram.setUint8(inRam, value)
  }

  /** One that is not of flash that is free. */
  #readOtherHalfword(address: number): number {
    const inRam = (address - this.#ramAddress) >>> 0
    if (this.#awaited !== DATA) this.isAtInstruction = true
    const isFree = inRam < this.#freeRam && (address & 1) === 0
    const halfword = isFree ? this.#ram.getUint16(inRam, true) : this.#read(address >>> 0, 2)
    this.isAtInstruction = false
    return this.#decode(halfword, address)
  }

  /** Finds out what a halfword is that was read, and so what the next one will be. */
  #decode(halfword: number, address: number): number {
    const isFirst = this.#awaited === INSTRUCTION
    const kind = INSTRUCTION_KINDS[halfword]
    this.#awaited = INSTRUCTION
    if (!isFirst || kind === PLAIN) return halfword
    if (kind === LOADS_HALFWORD) {
      this.#awaited = DATA
      return halfword
    }
    if (kind === WIDE) {
      this.#awaited = SECOND_HALFWORD
      const isKnown = isWideInstruction(halfword, this.readUint16(address + 2))
      this.#awaited = SECOND_HALFWORD
      if (isKnown) return halfword
    }
    this.isAtInstruction = true
    this.trap(kind === BREAKPOINT ? 'breakpoint' : 'undefined-instruction', undefined)
  }

  /** A read that is not simply one of flash or RAM. `bytes` is 1, 2 or 4. */
  #read(address: number, bytes: number): number {
    if (address % bytes !== 0) this.trap('misaligned', address)
    const inFlash = address - this.#windowAddress
    if (inFlash >= 0 && inFlash < this.#flash.byteLength) {
      this.#checkFlash(address, bytes)
      this.#mark(inFlash, this.isAtInstruction ? EXECUTED_CODE : EXECUTED_DATA)
      return littleEndian(this.#flash, inFlash, bytes)
    }
    const inRam = address - this.#ramAddress
    if (inRam >= 0 && inRam < this.#ram.byteLength) {
      this.#checkRam(address, bytes)
      return littleEndian(this.#ram, inRam, bytes)
    }
    const word = this.isAtInstruction ? undefined : this.#registers.read(wordOf(address))
    if (word === undefined) this.trap('bad-address', address)
    return bytes === WORD
      ? word >>> 0
      : (word >>> ((address & 3) * 8)) & (bytes === 2 ? 0xffff : 0xff)
  }

  #write(address: number, value: number, bytes: number): void {
    if (address % bytes !== 0) this.trap('misaligned', address)
    const inFlash = address - this.#windowAddress
    if (inFlash >= 0 && inFlash < this.#flash.byteLength) this.trap('flash-store', address)
    const inRam = address - this.#ramAddress
    if (inRam >= 0 && inRam < this.#ram.byteLength) {
      this.#checkRam(address, bytes)
      this.#count(inRam)
      for (let at = 0; at < bytes; at++) this.#ram.setUint8(inRam + at, value >>> (8 * at))
      return
    }
    // The bus of the peripherals knows words only: what is narrower is on all its lanes.
    const lanes = bytes === 1 ? (value & 0xff) * 0x01_01_01_01 : (value & 0xffff) * 0x1_0001
    const word = bytes === WORD ? value : lanes
    if (!this.#registers.write(wordOf(address), word >>> 0)) this.trap('bad-address', address)
  }

  #checkFlash(address: number, bytes: number): void {
    const { hidden, busy } = this.#ranges
    if (busy && overlaps(busy, address, bytes)) this.trap('busy-flash', address)
    if (hidden.some(range => overlaps(range, address, bytes))) this.trap('hidden-flash', address)
  }

  #checkRam(address: number, bytes: number): void {
    const { locked } = this.#ranges
    if (locked && overlaps(locked, address, bytes)) this.trap('locked-ram', address)
  }

  #mark(inFlash: number, how: number): void {
    const cell = inFlash >>> CELL_SHIFT
    this.#execution[cell] = (this.#execution[cell] ?? 0) | how
  }

  #count(inRam: number): void {
    const block = inRam >>> BLOCK_SHIFT
    this.#ramWrites[block] = (this.#ramWrites[block] ?? 0) + 1
  }
}

function overlaps(range: AddressRange, address: number, bytes: number): boolean {
  return address < range.address + range.bytes && range.address < address + bytes
}

/** Whole words from the start of a memory on that lie before all of `ranges`. */
function freeBytes(start: number, bytes: number, ranges: readonly AddressRange[]): number {
  const touching = ranges.filter(range => overlaps(range, start, bytes))
  const first = Math.min(start + bytes, ...touching.map(range => range.address))
  return wordOf(Math.max(0, first - start))
}

function wordOf(address: number): number {
  return address - (address % WORD)
}

function littleEndian(view: DataView, at: number, bytes: number): number {
  if (bytes === WORD) return view.getUint32(at, true)
  return bytes === 2 ? view.getUint16(at, true) : view.getUint8(at)
}
