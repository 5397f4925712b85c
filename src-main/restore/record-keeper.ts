import type { Clock } from '../base/clock'
import type { RestoreJournal, RestoreRecord } from './journal'

export interface RecordKeeperParts {
  readonly journal: RestoreJournal
  readonly clock: Clock
  /** Told once where nothing can be written; the restore goes on. */
  onTrouble(reason: string): void
}

/** The device knows best how far it is; the record only has to tell its restore from others. */
const INTERVAL_MS = 1000

/** Keeps the record of one restore under way. */
export class RecordKeeper {
  readonly #parts: RecordKeeperParts
  #record: RestoreRecord | undefined
  #writing: Promise<void> = Promise.resolve()
  #hasTrouble = false

  constructor(parts: RecordKeeperParts) {
    this.#parts = parts
  }

  /** Resolves once it is written: from now on the process may be killed. */
  async begin(record: Omit<RestoreRecord, 'startedAt' | 'updatedAt'>): Promise<void> {
    const now = this.#parts.clock.now()
    this.#record = { ...record, startedAt: now, updatedAt: now }
    this.#keep()
    await this.#writing
  }

  /** The device holds so much, which is less than before where it lost its power. */
  acknowledge(bytes: number): void {
    if (!this.#record) return
    const now = this.#parts.clock.now()
    const isDue = now - this.#record.updatedAt >= INTERVAL_MS
    const updatedAt = isDue ? now : this.#record.updatedAt
    const isBack = bytes < this.#record.acknowledgedBytes
    this.#record = { ...this.#record, acknowledgedBytes: bytes, updatedAt }
    if (isDue || isBack) this.#keep()
  }

  /** Keeps how far it came, or forgets it all where there is nothing to go on with. */
  async end(outcome: 'interrupted' | 'over'): Promise<void> {
    const record = this.#record
    if (!record) return
    this.#record = undefined
    this.#write(journal => (outcome === 'over' ? journal.forget(record) : journal.keep(record)))
    await this.#writing
  }

  #keep(): void {
    const record = this.#record
    if (record) this.#write(journal => journal.keep(record))
  }

  #write(change: (journal: RestoreJournal) => Promise<void>): void {
    const tell = (error: unknown) => {
      if (this.#hasTrouble) return
      this.#hasTrouble = true
      this.#parts.onTrouble(error instanceof Error ? error.message : String(error))
    }
    this.#writing = this.#writing.then(() => change(this.#parts.journal)).catch(tell)
  }
}
