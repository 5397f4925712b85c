import type { DisplayController } from '../display/display-controller'
import { Bus } from './bus'
import { isWoken } from './core-exceptions'
import { CpuClock } from './cpu-clock'
import type {
  AddressRange,
  CpuBoard,
  CpuFault,
  CpuFaultKind,
  CpuMemory,
  CpuStart,
  CpuStop,
  SliceOrder,
  SliceOutcome,
} from './cpu-port'
import { CpuTrap } from './cpu-trap'
import { DISPLAY_DATA_PIN } from './firmware-interface'
import { Rp2040Chip } from './rp2040-chip'
import { UartLine } from './uart-line'

/** However fast it runs: no slice keeps others waiting for longer than these take. */
export const INSTRUCTIONS_MAX = 200_000
/** What a fault costs the host, in instructions. */
const FAULT_COST = 20
const ALARM_COST = 5
const SENT_BYTES_MAX = 64 * 1024
export const FAULTS_MAX = 8
const SHORT_INSTRUCTION_BYTES = 2
const HARD_FAULT = 3
const NMI = 2

export interface CpuParts {
  readonly memory: CpuMemory
  readonly board: CpuBoard
  readonly start: CpuStart
  /** Undefined: the board has none. */
  readonly display: DisplayController | undefined
}

/** One CPU from a reset to the next. */
export class Cpu {
  readonly #chip: Rp2040Chip
  readonly #bus: Bus
  readonly #clock: CpuClock
  readonly #line = new UartLine()
  readonly #display: DisplayController | undefined
  readonly #hidden: readonly AddressRange[]
  #stop: CpuStop | undefined
  #isLockedUp = false
  #faults: CpuFault[] = []
  /** Time that was told as passed. The core is ahead of it by a part of an instruction. */
  #told = 0
  /** What is left of the instructions of this slice. */
  #left = 0

  constructor({ memory, board, start, display }: CpuParts) {
    this.#clock = new CpuClock(board.hertz)
    this.#display = display
    this.#hidden = start.hidden
    this.#chip = new Rp2040Chip({
      hertz: board.hertz,
      clock: this.#clock,
      displayDataPin: DISPLAY_DATA_PIN,
      events: {
        onReset: cause => this.#reset(cause),
        onSent: byte => this.#send(byte),
        onUartRead: () => this.#feed(),
        onDisplayByte: (byte, isData) => this.#display?.take(byte, isData),
      },
    })
    this.#bus = new Bus(memory, board, this.#chip)
    this.#bus.restrict({ hidden: start.hidden, busy: undefined, locked: undefined })
    this.#chip.plugInto(this.#bus)
    this.#chip.armWatchdog(start.watchdogMilliseconds, start.scratch)
    this.#begin(start.vectorAddress)
  }

  /** Runs until the ordered time has passed, or something else ends the slice. */
  run(order: SliceOrder): SliceOutcome {
    if (this.#stop) return this.#outcome(0, 0)
    this.#bus.restrict({ hidden: this.#hidden, busy: order.busy, locked: order.locked })
    this.#chip.drivePins(order.pins)
    this.#line.receive(order.received)
    this.#feed()
    this.#clock.settle()
    const end = this.#told + Math.floor(order.nanoseconds)
    const executed = this.#runUntil(end)
    const reached = Math.min(end, Math.floor(this.#clock.nanos))
    const passed = Math.max(0, reached - this.#told)
    this.#told += passed
    return this.#outcome(passed, executed)
  }

  /** How many instructions were executed. */
  #runUntil(end: number): number {
    const { core } = this.#chip
    const clock = this.#clock
    let executed = 0
    this.#left = INSTRUCTIONS_MAX
    while (this.#left > 0 && !this.#stop && !clock.hasReached(end)) {
      if (this.#sleeps) {
        clock.jump(Math.min(end, clock.next ?? end))
      } else {
        core.waiting = false
        clock.runUntil(end)
        executed += this.#batch()
      }
      this.#left -= clock.fire() * ALARM_COST
      if (this.#line.sentBytes >= SENT_BYTES_MAX) break
    }
    return executed
  }

  /** Runs until the clock's deadline, WFI or a fault. How many instructions that were. */
  #batch(): number {
    const { core } = this.#chip
    const clock = this.#clock
    let left = this.#left
    try {
      while (core.cycles < clock.deadline && left > 0 && !core.waiting) {
        left -= 1
        core.executeInstruction()
      }
    } catch (error) {
      const executed = this.#left - left
      this.#left = left - FAULT_COST
      this.#takeFault(error)
      return executed
    }
    const executed = this.#left - left
    this.#left = left
    return executed
  }

  /** Neither executes nor has a reason to. */
  get #sleeps(): boolean {
    return this.#isLockedUp || (this.#chip.core.waiting && !isWoken(this.#chip.core))
  }

  #takeFault(error: unknown): void {
    if (!(error instanceof CpuTrap)) throw error
    const { core } = this.#chip
    const pc = this.#bus.isAtInstruction ? core.PC : core.PC - SHORT_INSTRUCTION_BYTES
    this.#bus.isAtInstruction = false
    this.#note(error.kind, pc, error.address)
    core.cycles += 1
    core.PC = pc
    if (core.IPSR === HARD_FAULT || core.IPSR === NMI) return this.#lockUp(pc)
    try {
      core.exceptionEntry(HARD_FAULT)
    } catch (inner) {
      if (!(inner instanceof CpuTrap)) throw inner
      this.#lockUp(pc)
    }
  }

  #lockUp(pc: number): void {
    this.#isLockedUp = true
    this.#note('lockup', pc, undefined)
  }

  #note(kind: CpuFaultKind, pc: number, address: number | undefined): void {
    if (this.#faults.length < FAULTS_MAX) this.#faults.push({ kind, pc, address })
  }

  /** Takes stack and first instruction from the vector table, as the core does after a reset. */
  #begin(vectorAddress: number): void {
    const { core } = this.#chip
    core.VTOR = vectorAddress
    try {
      core.SP = this.#bus.readUint32(vectorAddress)
      core.BXWritePC(this.#bus.readUint32(vectorAddress + 4))
    } catch (error) {
      this.#takeFault(error)
    }
  }

  #reset(cause: CpuStop): void {
    this.#stop ??= cause
    this.#clock.interrupt()
  }

  #send(byte: number): void {
    this.#line.send(byte)
    if (this.#line.sentBytes >= SENT_BYTES_MAX) this.#clock.interrupt()
  }

  #feed(): void {
    const chip = this.#chip
    if (this.#line.waitingBytes === 0) return
    this.#line.feed(
      () => chip.uartHasRoom,
      byte => chip.feedUart(byte),
    )
  }

  #outcome(nanoseconds: number, instructions: number): SliceOutcome {
    const faults = this.#faults
    this.#faults = []
    return {
      nanoseconds,
      instructions,
      sent: this.#line.takeSent(),
      waitingBytes: this.#line.waitingBytes,
      wakeNanoseconds: this.#wake(),
      stop: this.#stop,
      faults,
      scratch: this.#chip.scratch,
      display: { on: this.#display?.on ?? false, revision: this.#display?.revision ?? 0 },
    }
  }

  #wake(): number | null {
    if (this.#stop) return null
    if (!this.#sleeps) return 0
    const { next } = this.#clock
    return next === undefined ? null : Math.max(0, Math.ceil(next - this.#told))
  }
}
