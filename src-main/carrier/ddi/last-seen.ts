import type { Clock } from '../../base/clock'
import type { PollingStore, SeenDevice } from './polling-store'

const BATCH_MS = 250

/**
 * When devices were last seen, and of what they were told last, written down together a little
 * later: nothing is decided by it that a crash may not forget.
 */
export class LastSeen {
  readonly #store: Pick<PollingStore, 'seen'>
  readonly #clock: Clock
  readonly #onDefect: (error: unknown) => void
  #pending = new Map<string, SeenDevice>()
  /** Not yet on the disk, but no more pending. */
  #writing: ReadonlyMap<string, SeenDevice> = new Map()
  #written: Promise<void> = Promise.resolve()
  #cancelTimer: (() => void) | undefined
  #isClosed = false

  constructor(
    store: Pick<PollingStore, 'seen'>,
    { clock, onDefect }: { readonly clock: Clock; readonly onDefect: (error: unknown) => void },
  ) {
    this.#store = store
    this.#clock = clock
    this.#onDefect = onDefect
  }

  /** What is newer than in the store. */
  newer(deviceId: string): SeenDevice | undefined {
    return this.#pending.get(deviceId) ?? this.#writing.get(deviceId)
  }

  note(deviceId: string, toldTaskId?: number): void {
    // Nobody would write it down any more.
    if (this.#isClosed) return
    const told = toldTaskId ?? this.#pending.get(deviceId)?.toldTaskId
    this.#pending.set(deviceId, { deviceId, at: this.#clock.now(), toldTaskId: told })
    this.#cancelTimer ??= this.#clock.after(BATCH_MS, () => {
      this.#cancelTimer = undefined
      void this.flush()
    })
  }

  /** It needs to be told of nothing any more. */
  forget(deviceId: string): void {
    if (this.#pending.has(deviceId)) {
      this.#pending.set(deviceId, { deviceId, at: this.#clock.now(), toldTaskId: undefined })
    }
  }

  /** Resolves when everything noted so far is on the disk, or could not be written. */
  flush(): Promise<void> {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    const landed = this.#clock.busy()
    this.#written = this.#written.then(() => this.#write()).finally(landed)
    return this.#written
  }

  /** The same, and notes nothing more: requests may come until the server has ended. */
  close(): Promise<void> {
    this.#isClosed = true
    return this.flush()
  }

  async #write(): Promise<void> {
    if (this.#pending.size === 0) return
    this.#writing = this.#pending
    this.#pending = new Map()
    try {
      await this.#store.seen([...this.#writing.values()])
    } catch (error) {
      this.#onDefect(error)
    }
    this.#writing = new Map()
  }
}
