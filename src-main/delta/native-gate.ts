const OPEN = 0
const ENTERED = 1
const SHUT = 2

/**
 * Keeps a thread from being ended while it is inside liblzma: its callback then finds no JavaScript
 * to return to, and throws an error that ends the whole process.
 */
export class NativeGate {
  readonly #state: Int32Array<SharedArrayBuffer>
  /** Passages that have begun in this thread and are not over. */
  #inside = 0

  constructor(memory: SharedArrayBuffer) {
    this.#state = new Int32Array(memory)
  }

  /** What the gate of another thread is made with. */
  static memory(): SharedArrayBuffer {
    return new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)
  }

  /** In a shut gate the thread stands until it is ended. */
  enter(): void {
    this.#inside += 1
    if (this.#inside > 1) return
    if (Atomics.compareExchange(this.#state, 0, OPEN, ENTERED) === SHUT) {
      Atomics.wait(this.#state, 0, SHUT)
    }
  }

  leave(): void {
    this.#inside -= 1
    if (this.#inside > 0) return
    Atomics.store(this.#state, 0, OPEN)
    Atomics.notify(this.#state, 0)
  }

  /** Resolves when the other thread is outside; it does not come in again. */
  async shut(): Promise<void> {
    while (Atomics.compareExchange(this.#state, 0, OPEN, SHUT) === ENTERED) {
      await Atomics.waitAsync(this.#state, 0, ENTERED).value
    }
  }
}
