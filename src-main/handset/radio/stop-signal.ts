import type { Clock } from '../../base/clock'

/** Says once that something must stop, and why. */
export class StopSignal {
  readonly #listeners = new Set<(reason: Error) => void>()
  #reason: Error | undefined

  /** Undefined while nobody said stop. */
  get reason(): Error | undefined {
    return this.#reason
  }

  /** The first reason stays. */
  stop(reason: Error): void {
    if (this.#reason) return
    this.#reason = reason
    for (const listener of this.#listeners) listener(reason)
    this.#listeners.clear()
  }

  /** Calls back once, at once where it has stopped already. Returns the unsubscribe. */
  onStop(listener: (reason: Error) => void): () => void {
    if (this.#reason) listener(this.#reason)
    else this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Answers as the work does, or rejects with the reason as soon as there is one. */
  async unlessStopped<T>(work: Promise<T>): Promise<T> {
    let forget = () => {}
    const stopped = new Promise<never>((_, reject) => (forget = this.onStop(reject)))
    // Whichever loses the race is nobody's business any more.
    work.catch(() => undefined)
    return Promise.race([work, stopped]).finally(forget)
  }
}

/** Resolves after so many milliseconds, or rejects as soon as the signal says stop. */
export function pass(clock: Clock, milliseconds: number, stop: StopSignal): Promise<void> {
  let cancel = () => {}
  const passed = new Promise<void>(done => {
    cancel = clock.after(milliseconds, done)
  })
  return stop.unlessStopped(passed).finally(() => cancel())
}
