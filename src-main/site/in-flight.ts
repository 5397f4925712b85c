import type { Clock } from '../base/clock'

/** Answers that are being worked on. Virtual time waits for them (decision 0006), and so does the end. */
export class InFlight {
  readonly #clock: Pick<Clock, 'busy'>
  readonly #works = new Set<Promise<unknown>>()

  constructor(clock: Pick<Clock, 'busy'>) {
    this.#clock = clock
  }

  async during<Result>(work: Promise<Result>): Promise<Result> {
    const landed = this.#clock.busy()
    this.#works.add(work)
    try {
      return await work
    } finally {
      this.#works.delete(work)
      landed()
    }
  }

  /** Resolves when nothing is in flight any more, however it ended. */
  async settle(): Promise<void> {
    while (this.#works.size > 0) await Promise.allSettled(this.#works)
  }
}
