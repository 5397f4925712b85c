import type { Clock } from '../base/clock'
import { CodedError } from '../base/coded-error'
import { Latest } from '../base/latest'
import type { DeltaJob } from '../contract/delta'
import type { EventSink } from '../observe/events'

export interface DeltaJobParts {
  readonly clock: Clock
  readonly events: EventSink
  readonly onDefect: (error: unknown) => void
}

const SHOW_INTERVAL_MS = 100
/** Before so much is done nobody can say how long the rest takes. */
const SHARE_KNOWN = 0.01
/** What the work is called before its first step. */
const FIRST_STEP = 'starting'

/** One job as others see it: every step, progress without a flood, and one end. */
export class DeltaJobRun {
  readonly ended: Promise<void>
  /** The in-place file, once the job has made one. */
  file: Uint8Array | undefined
  readonly #parts: DeltaJobParts
  readonly #watchers = new Set<Latest<DeltaJob>>()
  readonly #cancellation = new AbortController()
  readonly #end = Promise.withResolvers<void>()
  #view: DeltaJob
  #shownAt = performance.now()
  #stepSince = performance.now()

  constructor(parts: DeltaJobParts, job: Pick<DeltaJob, 'id' | 'kind' | 'old' | 'fresh'>) {
    this.#parts = parts
    this.ended = this.#end.promise
    this.#view = {
      ...job,
      step: FIRST_STEP,
      share: 0,
      secondsLeft: null,
      startedAt: parts.clock.now(),
      endedAt: null,
      made: null,
      cuts: null,
      error: null,
    }
  }

  get view(): DeltaJob {
    return this.#view
  }

  get signal(): AbortSignal {
    return this.#cancellation.signal
  }

  cancel(): void {
    this.#cancellation.abort()
  }

  /** The job as it is, then every change, until it has ended. */
  watch(): Latest<DeltaJob> {
    const watcher = new Latest<DeltaJob>(() => void this.#watchers.delete(watcher))
    watcher.push(this.#view)
    if (this.#view.endedAt === null) this.#watchers.add(watcher)
    else watcher.end()
    return watcher
  }

  /** Does the work. Whatever comes of it is in the view; nothing is thrown. */
  begin(work: () => Promise<void>): void {
    this.#show()
    void this.#through(work)
  }

  /**
   * How far a step is, from 0 to 1. Where nobody says how long it takes, that is told from the pace
   * of this step alone.
   */
  progress(step: string, share: number, secondsLeft = this.#secondsLeft(step, share)): void {
    const now = performance.now()
    const isNew = step !== this.#view.step
    if (isNew) this.#stepSince = now
    this.#view = { ...this.#view, step, share, secondsLeft }
    if (isNew || now - this.#shownAt >= SHOW_INTERVAL_MS) this.#show()
  }

  /** What came of the work. */
  result(found: Partial<Pick<DeltaJob, 'made' | 'cuts'>>): void {
    this.#view = { ...this.#view, ...found }
  }

  #secondsLeft(step: string, share: number): number | null {
    if (step !== this.#view.step || share < SHARE_KNOWN) return null
    return ((performance.now() - this.#stepSince) / 1000) * ((1 - share) / share)
  }

  async #through(work: () => Promise<void>): Promise<void> {
    const { clock, onDefect } = this.#parts
    const landed = clock.busy()
    let error: DeltaJob['error'] = null
    try {
      await work()
    } catch (thrown) {
      error = errorView(thrown)
      if (error.code === 'INTERNAL') onDefect(thrown)
    } finally {
      landed()
    }
    const share = error ? this.#view.share : 1
    this.#view = { ...this.#view, share, secondsLeft: null, endedAt: clock.now(), error }
    this.#show()
    for (const watcher of this.#watchers) watcher.end()
    this.#watchers.clear()
    this.#end.resolve()
  }

  #show(): void {
    this.#shownAt = performance.now()
    this.#parts.events.publish({ kind: 'delta-job-changed', job: this.#view })
    for (const watcher of this.#watchers) watcher.push(this.#view)
  }
}

function errorView(thrown: unknown): NonNullable<DeltaJob['error']> {
  if (thrown instanceof CodedError) return { code: thrown.code, message: thrown.message }
  return { code: 'INTERNAL', message: 'Kintsugi failed at this job; its log says more.' }
}
