import type { Notice } from '../contract/app'

/** What the storage has to tell a person; the application gives it a number and a time. */
export type RaisedNotice = Pick<Notice, 'severity' | 'code' | 'message'>

export type RaiseNotice = (notice: RaisedNotice) => void

/** Collects what is raised while opening and passes on what is raised later. */
export class RaisedNotices {
  readonly #raised: RaisedNotice[] = []
  readonly #listeners = new Set<RaiseNotice>()

  readonly raise: RaiseNotice = notice => {
    this.#raised.push(notice)
    for (const listener of this.#listeners) listener(notice)
  }

  list(): readonly RaisedNotice[] {
    return [...this.#raised]
  }

  /** Returns the unsubscribe. */
  subscribe(listener: RaiseNotice): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}
