import type { Insertable, Kysely } from 'kysely'
import type { Clock } from '../base/clock'
import type { AuditEntry, Page } from '../contract/observe'
import type { AuditTable, Schema } from '../storage/schema'
import type { AuditSink } from './message'

/** Every refusal with its reason code, in the order in which they happened (spec 0.3 `audit`). */
export class Audit implements AuditSink {
  readonly #db: Kysely<Schema>
  readonly #clock: Clock
  #written: Promise<void> = Promise.resolve()
  #failure: unknown

  constructor({ db, clock }: { readonly db: Kysely<Schema>; readonly clock: Clock }) {
    this.#db = db
    this.#clock = clock
  }

  /** Does not wait for the disk; {@link Audit.settle} does. */
  refuse({ actor, code, message }: { actor: string; code: string; message: string }): void {
    const row = { at: this.#clock.now(), actor, code, message }
    this.#written = this.#written.then(() => this.#write(row))
  }

  /** Newest last. */
  async list({ limit, before }: Page): Promise<AuditEntry[]> {
    await this.settle()
    const newestFirst = this.#db.selectFrom('audit').selectAll().orderBy('id', 'desc').limit(limit)
    const rows = await (
      before === undefined ? newestFirst : newestFirst.where('id', '<', before)
    ).execute()
    return rows.toReversed()
  }

  /** Resolves when everything refused so far is on the disk; rejects where a write failed. */
  async settle(): Promise<void> {
    await this.#written
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Never rejects: one refusal that cannot be written must not keep back those after it. */
  async #write(row: Insertable<AuditTable>): Promise<void> {
    try {
      await this.#db.insertInto('audit').values(row).execute()
    } catch (error) {
      this.#failure ??= error
    }
  }
}
