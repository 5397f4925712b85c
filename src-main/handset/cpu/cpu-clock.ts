const NANOSECONDS_PER_SECOND = 1_000_000_000
const NANOSECONDS_PER_MICROSECOND = 1000
/** The core's counter and its deadline stay small integers, which the host adds up fastest. */
const CYCLES_MAX = 2 ** 30

/** What counts the cycles that pass: the core. */
export interface CycleCounter {
  cycles: number
}

/**
 * Emulated time of one CPU: it passes with the cycles that the core counts and jumps while the core
 * sleeps. Peripherals set alarms; the core runs without a look at them until `deadline`, which
 * every new alarm brings forward where it must, so each is fired at its own nanosecond.
 */
export class CpuClock {
  /** Count of the core's cycles at which something is due. */
  deadline = 0
  /** Time is read and alarms are set in whole microseconds, as the TIMER has it. */
  inMicroseconds = false
  readonly #hertz: number
  /** So many cycles are a whole number of nanoseconds. */
  readonly #wholeCycles: number
  readonly #nanosecondsPerCycle: number
  #counter: CycleCounter = { cycles: 0 }
  /** Time at which the core's counter was 0. */
  #anchor = 0
  /** The moment of the alarm that is being fired. */
  #instant: number | undefined
  #first: Alarm | undefined

  constructor(hertz: number) {
    this.#hertz = hertz
    this.#wholeCycles = hertz / greatestCommonDivisor(hertz, NANOSECONDS_PER_SECOND)
    this.#nanosecondsPerCycle = NANOSECONDS_PER_SECOND / hertz
  }

  /** Time passes with this counter from now on, which must be at 0. */
  follow(counter: CycleCounter): void {
    this.#counter = counter
  }

  /** Nanoseconds since the start. */
  get nanos(): number {
    const now = this.#instant ?? this.#now
    if (!this.inMicroseconds) return now
    return Math.floor(now / NANOSECONDS_PER_MICROSECOND) * NANOSECONDS_PER_MICROSECOND
  }

  /** Moment of the next alarm. */
  get next(): number | undefined {
    return this.#first?.at
  }

  createAlarm(callback: () => void): Alarm {
    return new Alarm(this, callback)
  }

  /** Lets the core run until `end` (nanoseconds) or the next alarm. */
  runUntil(end: number): void {
    const cycles = this.#cyclesAt(Math.min(end, this.#first?.at ?? end))
    this.deadline = Math.min(cycles, CYCLES_MAX) | 0
  }

  /** Lets the core stop after the instruction that it is at. */
  interrupt(): void {
    this.deadline = 0
  }

  hasReached(moment: number): boolean {
    return this.#cyclesAt(moment) <= this.#counter.cycles
  }

  /** The core slept until then. */
  jump(moment: number): void {
    if (this.hasReached(moment)) return
    this.#anchor = moment
    this.#counter.cycles = 0
  }

  /** Fires what is due. How many alarms that were. */
  fire(): number {
    let fired = 0
    for (let alarm = this.#first; alarm && this.hasReached(alarm.at); alarm = this.#first) {
      this.#first = alarm.following
      alarm.isScheduled = false
      this.#instant = alarm.at
      alarm.callback()
      this.#instant = undefined
      fired += 1
    }
    return fired
  }

  /** Keeps the core's counter small without a loss: only whole nanoseconds are moved. */
  settle(): void {
    const rest = this.#counter.cycles % this.#wholeCycles
    this.#anchor += ((this.#counter.cycles - rest) * NANOSECONDS_PER_SECOND) / this.#hertz
    this.#counter.cycles = rest
  }

  /** For {@link Alarm}. */
  link(alarm: Alarm, delay: number): void {
    // An alarm that sets itself again for the same moment would be fired for ever.
    const least = this.#instant === undefined ? 0 : this.#nanosecondsPerCycle
    const at = this.nanos + Math.max(delay, least)
    if (!Number.isFinite(at)) return
    let before: Alarm | undefined
    let after = this.#first
    while (after && after.at <= at) {
      before = after
      after = after.following
    }
    alarm.at = at
    alarm.following = after
    alarm.isScheduled = true
    if (before) before.following = alarm
    else this.#first = alarm
    this.deadline = Math.min(this.deadline, this.#cyclesAt(at)) | 0
  }

  /** For {@link Alarm}. */
  unlink(alarm: Alarm): void {
    if (this.#first === alarm) {
      this.#first = alarm.following
      return
    }
    let before = this.#first
    while (before && before.following !== alarm) before = before.following
    if (before) before.following = alarm.following
  }

  get #now(): number {
    return this.#anchor + (this.#counter.cycles * NANOSECONDS_PER_SECOND) / this.#hertz
  }

  #cyclesAt(moment: number): number {
    return Math.ceil(((moment - this.#anchor) * this.#hertz) / NANOSECONDS_PER_SECOND)
  }
}

/** One alarm of a peripheral. */
export class Alarm {
  readonly callback: () => void
  at = 0
  following: Alarm | undefined
  isScheduled = false
  readonly #clock: CpuClock

  constructor(clock: CpuClock, callback: () => void) {
    this.#clock = clock
    this.callback = callback
  }

  schedule(delayNanoseconds: number): void {
    this.cancel()
    this.#clock.link(this, delayNanoseconds)
  }

  cancel(): void {
    if (this.isScheduled) this.#clock.unlink(this)
    this.isScheduled = false
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
