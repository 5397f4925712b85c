import type { Clock } from '../../base/clock'
import type { DefectLog } from '../../site/refusal'

/** Between two looks at the tasks of one rollout. */
const PULSE_MS = 500

/** Looks at rollouts whose tasks changed: at once, but at most twice a second for each. */
export class RolloutPulse {
  readonly #clock: Clock
  readonly #look: (rolloutId: number) => Promise<void>
  readonly #logDefect: DefectLog
  readonly #nextAt = new Map<number, number>()
  readonly #timers = new Map<number, () => void>()
  readonly #looks = new Set<Promise<void>>()
  #isClosed = false

  constructor(parts: {
    readonly clock: Clock
    readonly look: (rolloutId: number) => Promise<void>
    readonly logDefect: DefectLog
  }) {
    this.#clock = parts.clock
    this.#look = parts.look
    this.#logDefect = parts.logDefect
  }

  touch(rolloutId: number): void {
    if (this.#isClosed || this.#timers.has(rolloutId)) return
    const wait = (this.#nextAt.get(rolloutId) ?? 0) - this.#clock.now()
    if (wait <= 0) return this.#beat(rolloutId)
    const cancel = this.#clock.after(wait, () => {
      this.#timers.delete(rolloutId)
      this.#beat(rolloutId)
    })
    this.#timers.set(rolloutId, cancel)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const cancel of this.#timers.values()) cancel()
    this.#timers.clear()
    await Promise.allSettled(this.#looks)
  }

  #beat(rolloutId: number): void {
    this.#nextAt.set(rolloutId, this.#clock.now() + PULSE_MS)
    const landed = this.#clock.busy()
    const look = this.#look(rolloutId)
      .catch((error: unknown) => this.#logDefect(error, 'carrier'))
      .finally(() => {
        this.#looks.delete(look)
        landed()
      })
    this.#looks.add(look)
  }
}
