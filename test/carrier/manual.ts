import type { Clock } from '../../src-main/base/clock'

/** Time that stands, and timers that fire when they are told to. */
export class Manual implements Clock {
  readonly kind = 'real'
  time = 1_000_000
  readonly #timers: { readonly milliseconds: number; readonly callback: () => void }[] = []
  readonly #waiting: { readonly milliseconds: number; readonly done: () => void }[] = []

  now(): number {
    return this.time
  }

  after(milliseconds: number, callback: () => void): () => void {
    const timer = { milliseconds, callback }
    this.#timers.push(timer)
    for (const waiting of this.#waiting) if (waiting.milliseconds === milliseconds) waiting.done()
    return () => {
      const place = this.#timers.indexOf(timer)
      if (place >= 0) this.#timers.splice(place, 1)
    }
  }

  busy(): () => void {
    return () => {}
  }

  /** Resolves as soon as somebody waits for so many milliseconds. */
  timerSet(milliseconds: number): Promise<void> {
    if (this.#timers.some(timer => timer.milliseconds === milliseconds)) return Promise.resolve()
    return new Promise(done => this.#waiting.push({ milliseconds, done }))
  }

  /** All timers that are set. */
  fire(): void {
    for (const { callback } of this.#timers.splice(0)) callback()
  }
}
