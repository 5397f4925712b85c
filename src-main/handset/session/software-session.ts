import { concatBytes } from '../../base/bytes'
import type { Clock } from '../../base/clock'
import type { AddressRange, CpuSocket, CpuStart, SliceOutcome } from '../cpu/cpu-port'

const NANOSECONDS = 1_000_000
/** So much emulated time runs at once while the CPU does not sleep. */
const SLICE_MS = 5
/** An answer need not wait for a whole slice. */
const FIRST_SLICE_MS = 1
/** What a host that is too slow cannot make up for is not made up for. */
const BEHIND_MS_MAX = 2 * SLICE_MS
/** Milliseconds since 1970 resolve less than a microsecond; a shorter wait would be none. */
const SHORTEST_WAIT_MS = 0.001
/** What waits beyond this is lost, as on a line without flow control. */
const WAITING_BYTES_MAX = 64 * 1024
const NOTHING = new Uint8Array(0)
const ignore = () => {}

/** What the software can see and touch besides its memory. */
export interface SoftwareInputs {
  readonly pins: number
  readonly locked: AddressRange | undefined
  readonly busy: AddressRange | undefined
}

export interface SoftwareSessionParts {
  readonly cpu: CpuSocket
  readonly start: CpuStart
  readonly clock: Clock
  /** What chip and boot code take before the first instruction; nothing where it is left out. */
  readonly bootMs?: number
  /** Until then somebody else's slice may still write into the memory; undefined: nobody's does. */
  readonly memoryFree?: Promise<void> | undefined
  /** Told once, before the first instruction, when the memory is the session's own. */
  readonly onStart: () => void
  /** Asked before every slice. */
  readonly inputs: () => SoftwareInputs
  /** Told after every slice. After one with a stop there is no further one. */
  readonly onSlice: (outcome: SliceOutcome) => void
  /** The CPU or who was told of a slice failed, which is never the software's doing. */
  readonly onFailure: (error: unknown) => void
}

/**
 * Software that runs, from its start to its reset or the end of the power: gives the CPU slices of
 * the clock's time. A CPU that is slower than real time falls behind and nothing else does: its
 * watchdog counts its own time.
 */
export class SoftwareSession {
  readonly #parts: SoftwareSessionParts
  /** Moment of the clock up to which the CPU was given time. */
  #reached: number
  /** Given and not yet run. */
  #owedMs = 0
  #wakeNanoseconds: number | null = 0
  #received: Uint8Array[] = []
  #receivedBytes = 0
  #inputs: SoftwareInputs = { pins: 0, locked: undefined, busy: undefined }
  #isBooting = true
  #isStarted = false
  #slice: Promise<void> | undefined
  /** There is something new that the CPU must see before it sleeps on. */
  #isCalled = false
  #isRunning = false
  #isOver = false
  #cancelWait: (() => void) | undefined

  constructor(parts: SoftwareSessionParts) {
    this.#parts = parts
    this.#reached = parts.clock.now()
    if (!parts.memoryFree) this.#start()
    if (parts.bootMs) this.#cancelWait = parts.clock.after(parts.bootMs, () => this.#begin())
    else this.#begin()
  }

  /** The slice that is being run: it writes into the memory until it ends, stopped or not. */
  get slice(): Promise<void> | undefined {
    return this.#slice
  }

  receive(bytes: Uint8Array): void {
    const taken = bytes.subarray(0, WAITING_BYTES_MAX - this.#receivedBytes)
    if (taken.length === 0) return
    this.#received.push(taken)
    this.#receivedBytes += taken.length
    this.inputsChanged()
  }

  /** A pin, the locked area or the busy part of the flash is not what it was. */
  inputsChanged(): void {
    this.#isCalled = true
    this.#wake()
  }

  /** Nothing is told from here on. */
  stop(): void {
    this.#isOver = true
    this.#cancelWait?.()
  }

  /** Whatever came meanwhile is delivered with the first slice. */
  #begin(): void {
    const { clock } = this.#parts
    this.#isBooting = false
    this.#reached = clock.now()
    this.#cancelWait = clock.after(FIRST_SLICE_MS, () => this.#wake())
  }

  #start(): void {
    const { cpu, start, inputs, onStart } = this.#parts
    onStart()
    this.#inputs = inputs()
    cpu.start(start)
    this.#isStarted = true
  }

  #wake(): void {
    if (this.#isBooting || this.#isRunning || this.#isOver) return
    this.#cancelWait?.()
    this.#isRunning = true
    const end = this.#parts.clock.busy()
    const run = async () => {
      try {
        await this.#run()
      } catch (error) {
        if (!this.#isOver) this.#parts.onFailure(error)
        this.stop()
      } finally {
        this.#isRunning = false
        end()
      }
    }
    void run()
  }

  async #run(): Promise<void> {
    if (!this.#isStarted) {
      await this.#parts.memoryFree
      if (this.#isOver) return
      this.#start()
    }
    let wasCalled: boolean
    do {
      await this.#catchUp()
      wasCalled = this.#isCalled
      if (wasCalled) await this.#deliver()
    } while (this.#isCalled && !this.#isOver)
    if (!this.#isOver) this.#await(wasCalled ? FIRST_SLICE_MS : SLICE_MS)
  }

  /** Runs up to now with what was known before now. */
  async #catchUp(): Promise<void> {
    const { clock } = this.#parts
    const now = clock.now()
    // The host's clock can be set back, and its time passes while it is suspended.
    this.#owedMs += Math.max(0, now - this.#reached)
    this.#reached = now
    if (clock.kind === 'real' && this.#wakeNanoseconds !== null) {
      const sleepMs = this.#wakeNanoseconds / NANOSECONDS
      this.#owedMs = Math.min(this.#owedMs, sleepMs + BEHIND_MS_MAX)
    }
    while (this.#owedMs > 0 && !this.#isOver) {
      const sleeps = this.#wakeNanoseconds !== 0
      const milliseconds = sleeps ? this.#owedMs : Math.min(this.#owedMs, SLICE_MS)
      const ran = await this.#runSlice(milliseconds * NANOSECONDS, NOTHING)
      this.#owedMs = Math.max(0, this.#owedMs - ran / NANOSECONDS)
      if (ran === 0) break
    }
  }

  async #deliver(): Promise<void> {
    this.#isCalled = false
    this.#inputs = this.#parts.inputs()
    const received = concatBytes(this.#received)
    this.#received = []
    this.#receivedBytes = 0
    await this.#runSlice(0, received)
  }

  /** The time that passed, in nanoseconds. */
  async #runSlice(nanoseconds: number, received: Uint8Array): Promise<number> {
    if (this.#isOver) return 0
    const running = this.#parts.cpu.run({ nanoseconds, received, ...this.#inputs })
    this.#slice = running.then(ignore, ignore)
    const outcome = await running
    this.#slice = undefined
    if (this.#isOver) return 0
    this.#wakeNanoseconds = outcome.wakeNanoseconds
    if (outcome.stop) this.#isOver = true
    this.#tell(outcome)
    return outcome.nanoseconds
  }

  /** A slice with a stop ends the session: nobody but this would hear that its successor failed. */
  #tell(outcome: SliceOutcome): void {
    try {
      this.#parts.onSlice(outcome)
    } catch (error) {
      this.stop()
      this.#parts.onFailure(error)
    }
  }

  #await(runningOnMs: number): void {
    const wake = this.#wakeNanoseconds
    if (wake === null) return
    const wait = wake === 0 ? runningOnMs : Math.max(wake / NANOSECONDS, SHORTEST_WAIT_MS)
    this.#cancelWait = this.#parts.clock.after(wait, () => this.#wake())
  }
}
