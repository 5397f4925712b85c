import { invariant } from '../base/assert'
import type { Clock } from '../base/clock'

/** 2026-01-05T00:00:00Z, a Monday: where virtual time begins unless told otherwise. */
const START = Date.UTC(2026, 0, 5)

/**
 * Turns of the event loop without a sign of life after which all work is taken to wait for time.
 * A sign of life is a timer set, cancelled or fired, or work begun or ended.
 */
const QUIET_TURNS = 10

interface Timer {
  readonly at: number
  readonly id: number
  readonly callback: () => void
}

/**
 * Time that moves only when nothing else does (decision 0006): from timer to timer, and only while
 * no work is in flight. Timers fire by time, then in the order in which they were set.
 */
export class VirtualClock implements Clock {
  readonly kind = 'virtual'
  /** Sorted by time, then id. */
  readonly #timers: Timer[] = []
  #now: number
  #lastId = 0
  #inFlight = 0
  #signsOfLife = 0
  #landed: () => void = () => {}
  #landing: Promise<void> = Promise.resolve()
  #advanced: Promise<unknown> = Promise.resolve()

  constructor(start: number = START) {
    this.#now = start
  }

  now(): number {
    return this.#now
  }

  after(milliseconds: number, callback: () => void): () => void {
    invariant(Number.isFinite(milliseconds), 'a timer has a finite time')
    this.#lastId += 1
    this.#signsOfLife += 1
    const at = this.#now + Math.max(0, milliseconds)
    const timer = { at, id: this.#lastId, callback }
    this.#timers.splice(this.#placeOf(timer), 0, timer)
    return () => this.#cancel(timer)
  }

  /**
   * Says that work is in flight which time must wait for: an HTTP request, a file, a worker's
   * job, bytes on a link. Returns what says that it has ended; calling it twice counts once.
   */
  busy(): () => void {
    if (this.#inFlight === 0) this.#landing = new Promise(landed => (this.#landed = landed))
    this.#inFlight += 1
    this.#signsOfLife += 1
    let ended = false
    return () => {
      if (ended) return
      ended = true
      this.#inFlight -= 1
      this.#signsOfLife += 1
      if (this.#inFlight === 0) this.#landed()
    }
  }

  /** The same for as long as a promise is pending. */
  async during<Result>(work: Promise<Result>): Promise<Result> {
    const end = this.busy()
    try {
      return await work
    } finally {
      end()
    }
  }

  /**
   * Moves time on by so many milliseconds, firing on the way what falls due, and resolves when
   * the work that this set off has come to rest. Calls follow one another.
   */
  advance(milliseconds: number): Promise<void> {
    invariant(milliseconds >= 0, 'time moves forward')
    const advanced = this.#advanced.then(() => this.#advanceTo(this.#now + milliseconds))
    this.#advanced = advanced.catch(() => undefined)
    return advanced
  }

  /**
   * Moves from timer to timer for as long as a promise is pending, and answers as it does. Throws
   * where it still waits although nothing is in flight and no timer is left: a deadlock.
   */
  async runUntil<Result>(promise: Promise<Result>): Promise<Result> {
    let pending = true
    const settled = promise.then(
      () => void (pending = false),
      () => void (pending = false),
    )
    for (;;) {
      await Promise.race([settled, this.#quiet()])
      if (!pending) return promise
      if (!this.#fireNext(Number.POSITIVE_INFINITY)) {
        throw new Error('Deadlock in virtual time: nothing is in flight and no timer is left')
      }
    }
  }

  async #advanceTo(target: number): Promise<void> {
    do await this.#quiet()
    while (this.#fireNext(target))
    this.#now = Math.max(this.#now, target)
  }

  /** Resolves when nothing is in flight and nothing has stirred for a while. */
  async #quiet(): Promise<void> {
    let seen = this.#signsOfLife
    for (let turns = 0; turns < QUIET_TURNS; turns++) {
      await nextTurn()
      if (this.#inFlight > 0) await this.#landing
      if (this.#signsOfLife === seen) continue
      seen = this.#signsOfLife
      turns = -1
    }
  }

  #fireNext(limit: number): boolean {
    const [timer] = this.#timers
    if (timer === undefined || timer.at > limit) return false
    this.#timers.shift()
    this.#signsOfLife += 1
    this.#now = Math.max(this.#now, timer.at)
    timer.callback()
    return true
  }

  #cancel(timer: Timer): void {
    const place = this.#placeOf(timer)
    if (this.#timers[place] !== timer) return
    this.#timers.splice(place, 1)
    this.#signsOfLife += 1
  }

  /** Where a timer stands, or would stand. */
  #placeOf({ at, id }: Timer): number {
    let [low, high] = [0, this.#timers.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = this.#timers[middle]
      const isBefore = other && (other.at < at || (other.at === at && other.id < id))
      if (isBefore) low = middle + 1
      else high = middle
    }
    return low
  }
}

function nextTurn(): Promise<void> {
  return new Promise(turned => void setImmediate(turned))
}
