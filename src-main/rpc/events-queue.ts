import type { WorkbenchEvent } from '../contract/app'

/**
 * Events on their way to one connection. Bounded: when its reader falls too far behind, everything
 * is dropped and the reader is told to begin anew, so that a slow window never fills the memory.
 */
export class EventsQueue {
  readonly #limit: number
  #events: WorkbenchEvent[] = []
  #weight = 0
  #overflowed = false
  #ended = false
  #wake: () => void = () => {}

  /** `limit` counts events, and every entry of an event that carries several. */
  constructor(limit: number) {
    this.#limit = limit
  }

  push(event: WorkbenchEvent): void {
    if (this.#ended || this.#overflowed) return
    this.#weight += event.kind === 'trace-appended' ? event.entries.length : 1
    if (this.#weight > this.#limit) {
      this.#clear()
      this.#overflowed = true
    } else {
      this.#events.push(event)
    }
    this.#wake()
  }

  end(): void {
    this.#ended = true
    this.#clear()
    this.#wake()
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Resolves once there is something to take, or nothing more to come. */
  async filled(): Promise<void> {
    while (!this.#ended && !this.#overflowed && this.#events.length === 0) {
      await new Promise<void>(done => (this.#wake = done))
    }
  }

  /** Everything so far; undefined when events were lost since the last time. */
  take(): readonly WorkbenchEvent[] | undefined {
    const taken = this.#overflowed ? undefined : this.#events
    this.#overflowed = false
    this.#clear()
    return taken
  }

  #clear(): void {
    this.#events = []
    this.#weight = 0
  }
}
