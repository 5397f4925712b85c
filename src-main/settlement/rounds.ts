import type { Clock } from '../base/clock'

export interface RoundsOptions {
  /** Virtual time waits for a round. */
  readonly clock: Clock
  /** Does what is due, and answers when something is due next; undefined: not before it is woken. */
  readonly round: () => Promise<number | undefined>
  readonly onDefect: (error: unknown) => void
}

/** A timer of the system must not wait longer than 2^31 ms; a round more costs nothing. */
const WAIT_MS_MAX = 24 * 3_600_000
const AFTER_DEFECT_MS = 60_000

/** Work that is due at times which the database knows: one round after the other. */
export class Rounds {
  readonly #options: RoundsOptions
  #isWoken = false
  #isClosed = false
  #running: Promise<void> | undefined
  #cancelTimer: () => void = () => {}

  constructor(options: RoundsOptions) {
    this.#options = options
  }

  /** Something new may be due: looks at once, and once more where it is looking already. */
  wake(): void {
    this.#isWoken = true
    if (this.#isClosed || this.#running) return
    this.#running = this.#run()
  }

  /** Resolves when the last round has ended. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#cancelTimer()
    await this.#running
  }

  async #run(): Promise<void> {
    const { clock } = this.#options
    const end = clock.busy()
    this.#cancelTimer()
    let nextAt: number | undefined
    while (this.#isWoken && !this.#isClosed) {
      this.#isWoken = false
      nextAt = await this.#round()
    }
    this.#running = undefined
    if (nextAt !== undefined && !this.#isClosed) {
      const wait = Math.min(nextAt - clock.now(), WAIT_MS_MAX)
      this.#cancelTimer = clock.after(wait, () => this.wake())
    }
    end()
  }

  async #round(): Promise<number | undefined> {
    const { clock, round, onDefect } = this.#options
    try {
      return await round()
    } catch (error) {
      onDefect(error)
      return clock.now() + AFTER_DEFECT_MS
    }
  }
}
