import type { Clock } from '../base/clock'
import type { LogLine, RestoreView } from '../contract/restore'
import type { EventSink } from '../observe/events'
import { Latest } from '../base/latest'
import type { RestoreStore } from './store'

export interface ActiveRestoreParts {
  readonly clock: Clock
  readonly events: EventSink
  readonly store: RestoreStore
}

const PROGRESS_INTERVAL_MS = 100
/** A device that prints without end must not fill the disk. */
const LOG_LINES_MAX = 5000
const TEXT_CHARACTERS_MAX = 1024

/**
 * A restore under way as others see it: who watches gets every change but no flood, and what
 * matters after a crash is on the disk.
 */
export class ActiveRestore {
  readonly #parts: ActiveRestoreParts
  readonly #watchers = new Set<Latest<RestoreView>>()
  readonly #cancellation = new AbortController()
  #view: RestoreView
  #shownAt: number
  #unwrittenLines: LogLine[] = []
  #lineCount = 0
  #writing: Promise<void> = Promise.resolve()

  /** Takes over a restore that the store has just taken in. */
  constructor(parts: ActiveRestoreParts, view: RestoreView) {
    this.#parts = parts
    this.#view = view
    this.#shownAt = parts.clock.now()
    parts.events.publish({ kind: 'restore-changed', restore: view })
  }

  get view(): RestoreView {
    return this.#view
  }

  get signal(): AbortSignal {
    return this.#cancellation.signal
  }

  cancel(): void {
    this.#cancellation.abort()
  }

  /** The current view, then every change, until it has ended. */
  watch(): Latest<RestoreView> {
    const watcher = new Latest<RestoreView>(() => void this.#watchers.delete(watcher))
    this.#watchers.add(watcher)
    watcher.push(this.#view)
    return watcher
  }

  /** Milestones are written down and shown at once, progress in between a few times a second. */
  change(view: RestoreView, milestone: boolean): void {
    this.#view = view
    // The end is shown once it is written down.
    if (view.stage === 'ended') return
    if (milestone) this.#save()
    const now = this.#parts.clock.now()
    if (!milestone && now - this.#shownAt < PROGRESS_INTERVAL_MS) return
    this.#shownAt = now
    this.#show()
  }

  note(level: LogLine['level'], text: string): void {
    this.#lineCount += 1
    if (this.#lineCount > LOG_LINES_MAX) return
    const isLast = this.#lineCount === LOG_LINES_MAX
    const line = isLast ? 'More was said; it is left out.' : text.slice(0, TEXT_CHARACTERS_MAX)
    this.#unwrittenLines.push({ at: this.#parts.clock.now(), level, text: line })
  }

  /** Resolves when everything said and shown so far is on the disk. */
  async settle(): Promise<void> {
    this.#save()
    await this.#writing
  }

  /** Writes the end down, shows it and sends the watchers home, also where it cannot be written. */
  async finish(): Promise<void> {
    try {
      await this.settle()
    } finally {
      this.#show()
      for (const watcher of this.#watchers) watcher.end()
      this.#watchers.clear()
    }
  }

  #show(): void {
    this.#parts.events.publish({ kind: 'restore-changed', restore: this.#view })
    for (const watcher of this.#watchers) watcher.push(this.#view)
  }

  #save(): void {
    const { store } = this.#parts
    const view = this.#view
    const lines = this.#unwrittenLines
    const from = Math.min(this.#lineCount, LOG_LINES_MAX) - lines.length
    this.#unwrittenLines = []
    const write = async () => {
      await store.update(view)
      if (lines.length > 0) await store.addLog(view.id, from, lines)
    }
    this.#writing = this.#writing.then(write)
    // Told by settle; a restore goes on even where its diary cannot be written.
    this.#writing.catch(() => undefined)
  }
}
