import type { WorkbenchEvent } from '../contract/app'

/** Where subsystems say what changed; connections pass it on to windows and scripts. */
export interface EventSink {
  publish(event: WorkbenchEvent): void
}

/** Hands every event to every subscriber, in order, at once. */
export class EventBus implements EventSink {
  readonly #listeners = new Set<(event: WorkbenchEvent) => void>()

  publish(event: WorkbenchEvent): void {
    for (const listener of this.#listeners) listener(event)
  }

  /** Returns the unsubscribe. */
  subscribe(listener: (event: WorkbenchEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}
