import type { Clock } from '../../base/clock'
import { RadioLost, type Radio, type RadioAnswer, type RadioRequest } from '../radio/radio'
import type { StopSignal } from '../radio/stop-signal'

/** A host that hangs is given up in real time, for virtual time waits for it. */
const HANG_MS_MAX = 30_000

export interface FetchRadioParts {
  /** Origin of the carrier's server, such as `http://127.0.0.1:8080`; asked for every request. */
  readonly address: () => Promise<string>
  readonly clock: Clock
}

/** Real HTTP behind the emulated air. */
export class FetchRadio implements Radio {
  readonly #parts: FetchRadioParts

  constructor(parts: FetchRadioParts) {
    this.#parts = parts
  }

  async send(request: RadioRequest, stop: StopSignal): Promise<RadioAnswer> {
    const controller = new AbortController()
    stop.onStop(reason => controller.abort(reason))
    const { method, path, headers, body = null } = request
    const options = { method, headers, body, signal: controller.signal }
    const answer = await this.#awaited(stop, async () => {
      const url = new URL(path, await this.#parts.address())
      // No server of ours redirects: whoever does would lead the handset elsewhere.
      return fetch(url, { ...options, redirect: 'error' })
    })
    return {
      status: answer.status,
      header: name => answer.headers.get(name),
      pieces: () => this.#pieces(answer, stop),
    }
  }

  async *#pieces({ body }: Response, stop: StopSignal): AsyncGenerator<Uint8Array> {
    if (!body) return
    const reader = body.getReader()
    for (;;) {
      const { value, done } = await this.#awaited(stop, () => reader.read())
      if (done) return
      yield value
    }
  }

  /** Holds virtual time while the network is waited for, and calls every failure a lost link. */
  async #awaited<T>(stop: StopSignal, work: () => Promise<T>): Promise<T> {
    const end = this.#parts.clock.busy()
    const timer = setTimeout(
      () => stop.stop(new RadioLost('The carrier does not answer.')),
      HANG_MS_MAX,
    )
    try {
      return await work()
    } catch (cause) {
      if (stop.reason) throw stop.reason
      throw new RadioLost(`The carrier cannot be reached: ${reasonOf(cause)}`, { cause })
    } finally {
      clearTimeout(timer)
      end()
    }
  }
}

/** `fetch` says "fetch failed" and why in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}
