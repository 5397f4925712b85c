/** Ends a request that makes no headway for so long, in real time, or when its signal says so. */
export class Patience {
  readonly signal: AbortSignal
  readonly #milliseconds: number
  readonly #hang = new AbortController()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(milliseconds: number, signal: AbortSignal | undefined) {
    this.#milliseconds = milliseconds
    this.signal = signal ? AbortSignal.any([signal, this.#hang.signal]) : this.#hang.signal
  }

  begin(): void {
    this.end()
    const seconds = this.#milliseconds / 1000
    const tell = () => this.#hang.abort(new Error(`no headway for ${seconds} s`))
    this.#timer = setTimeout(tell, this.#milliseconds)
  }

  /** It made headway. */
  renew(): void {
    this.#timer?.refresh()
  }

  end(): void {
    clearTimeout(this.#timer)
  }

  async during<T>(work: Promise<T>): Promise<T> {
    this.begin()
    try {
      return await work
    } finally {
      this.end()
    }
  }
}
