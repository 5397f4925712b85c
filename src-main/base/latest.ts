/**
 * Values for one reader who may be slow: it gets the newest one, and what it missed is gone. After
 * the end it still gets the last value.
 */
export class Latest<T> implements AsyncIterableIterator<T> {
  #newest: { readonly value: T } | undefined
  #end: { readonly error: unknown } | 'over' | undefined
  #reader: PromiseWithResolvers<IteratorResult<T>> | undefined
  readonly #onLeave: () => void

  /** `onLeave` is called once the reader goes away. */
  constructor(onLeave: () => void = () => {}) {
    this.#onLeave = onLeave
  }

  push(value: T): void {
    if (this.#end) return
    if (this.#reader) this.#answer({ done: false, value })
    else this.#newest = { value }
  }

  end(): void {
    this.#end ??= 'over'
    if (this.#reader) this.#answer({ done: true, value: undefined })
  }

  fail(error: unknown): void {
    this.#end ??= { error }
    this.#reader?.reject(error)
    this.#reader = undefined
  }

  next(): Promise<IteratorResult<T>> {
    const newest = this.#newest
    if (newest) {
      this.#newest = undefined
      return Promise.resolve({ done: false, value: newest.value })
    }
    if (this.#end === 'over') return Promise.resolve({ done: true, value: undefined })
    if (this.#end) return Promise.reject(this.#end.error)
    this.#reader ??= Promise.withResolvers<IteratorResult<T>>()
    return this.#reader.promise
  }

  return(): Promise<IteratorResult<T>> {
    this.#newest = undefined
    this.end()
    this.#onLeave()
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #answer(result: IteratorResult<T>): void {
    this.#reader?.resolve(result)
    this.#reader = undefined
  }
}
