import type { Kysely } from 'kysely'
import type { Clock } from '../base/clock'
import type { ActionEntry, Page } from '../contract/observe'
import type { Schema } from '../storage/schema'
import { masked } from './masked'

const INPUT_CHARACTERS_MAX = 16 * 1024

/** What people and scripts did on purpose, with its outcome. */
export class ActionLog {
  readonly #db: Kysely<Schema>
  readonly #clock: Clock

  constructor({ db, clock }: { readonly db: Kysely<Schema>; readonly clock: Clock }) {
    this.#db = db
    this.#clock = clock
  }

  /**
   * Resolves when the entry is on the disk. Passwords and tokens are never kept, and of an input too
   * long for the log only its start.
   */
  async record({ call, input, outcome }: Omit<ActionEntry, 'id' | 'at'>): Promise<void> {
    const row = { at: this.#clock.now(), call, input: boundedJson(input), outcome }
    await this.#db.insertInto('actions').values(row).execute()
  }

  /** Newest last. */
  async list({ limit, before }: Page): Promise<ActionEntry[]> {
    const newestFirst = this.#db
      .selectFrom('actions')
      .selectAll()
      .orderBy('id', 'desc')
      .limit(limit)
    const rows = await (
      before === undefined ? newestFirst : newestFirst.where('id', '<', before)
    ).execute()
    return rows.toReversed().map(row => ({ ...row, input: JSON.parse(row.input) as unknown }))
  }
}

function boundedJson(input: unknown): string {
  const json = JSON.stringify(masked(input) ?? null)
  if (json.length <= INPUT_CHARACTERS_MAX) return json
  return JSON.stringify({ shortened: true, characters: json.length, start: json.slice(0, 1024) })
}
