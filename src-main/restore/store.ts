import { sql, type Kysely } from 'kysely'
import { restoreView, type LogLine, type RestoreView } from '../contract/restore'
import type { RaiseNotice } from '../storage/notices'
import type { Schema } from '../storage/schema'
import { entriesUnreadable, readStored } from '../storage/stored-json'
import {
  recordName,
  restoreRecord,
  type RecordKey,
  type RestoreJournal,
  type RestoreRecord,
} from './journal'

/**
 * Restores, what they said, and the records to go on with them, on the disk. All SQL of this subsystem is here. Rows that cannot be
 * read stay in the table and count as absent; the first one met raises one notice for all of them.
 */
export class RestoreStore implements RestoreJournal {
  readonly #db: Kysely<Schema>
  readonly #raise: RaiseNotice
  #told = false

  constructor(db: Kysely<Schema>, raise: RaiseNotice) {
    this.#db = db
    this.#raise = raise
  }

  /** Keeps a new restore and gives it its id. */
  async insert(view: Omit<RestoreView, 'id'>): Promise<RestoreView> {
    return this.#db.transaction().execute(async transaction => {
      const { id } = await transaction
        .insertInto('restores')
        .values({ started_at: view.startedAt, view: '{}' })
        .returning('id')
        .executeTakeFirstOrThrow()
      const numbered = { ...view, id }
      await transaction
        .updateTable('restores')
        .set({ view: JSON.stringify(numbered) })
        .where('id', '=', id)
        .execute()
      return numbered
    })
  }

  async update(view: RestoreView): Promise<void> {
    await this.#db
      .updateTable('restores')
      .set({ view: JSON.stringify(view) })
      .where('id', '=', view.id)
      .execute()
  }

  /** Newest first. */
  async list(limit: number): Promise<RestoreView[]> {
    const rows = await this.#db
      .selectFrom('restores')
      .select('view')
      .orderBy('id', 'desc')
      .limit(limit)
      .execute()
    return this.#readable(rows)
  }

  async get(id: number): Promise<RestoreView | undefined> {
    const row = await this.#db
      .selectFrom('restores')
      .select('view')
      .where('id', '=', id)
      .executeTakeFirst()
    return row && readStored(restoreView, row.view)
  }

  /** Those that were under way when their process ended. */
  async unended(): Promise<RestoreView[]> {
    const rows = await this.#db
      .selectFrom('restores')
      .select('view')
      .where(sql<boolean>`not json_valid(view) or json_extract(view, '$.endedAt') is null`)
      .execute()
    return this.#readable(rows)
  }

  async addLog(id: number, from: number, lines: readonly LogLine[]): Promise<void> {
    const rows = lines.map((line, index) => ({ restore_id: id, position: from + index, ...line }))
    await this.#db.insertInto('restore_log').values(rows).execute()
  }

  async log(id: number): Promise<LogLine[]> {
    return this.#db
      .selectFrom('restore_log')
      .select(['at', 'level', 'text'])
      .where('restore_id', '=', id)
      .orderBy('position')
      .execute()
  }

  async find(key: RecordKey): Promise<RestoreRecord | undefined> {
    const row = await this.#db
      .selectFrom('restore_records')
      .select('record')
      .where('name', '=', recordName(key))
      .executeTakeFirst()
    return row && readStored(restoreRecord, row.record)
  }

  async keep(record: RestoreRecord): Promise<void> {
    const row = { name: recordName(record), record: JSON.stringify(record) }
    await this.#db
      .insertInto('restore_records')
      .values(row)
      .onConflict(conflict => conflict.column('name').doUpdateSet(row))
      .execute()
  }

  async forget(key: RecordKey): Promise<void> {
    await this.#db.deleteFrom('restore_records').where('name', '=', recordName(key)).execute()
  }

  async #readable(rows: readonly Row[]): Promise<RestoreView[]> {
    const views = rows.flatMap(row => readStored(restoreView, row.view) ?? [])
    if (views.length < rows.length) await this.#tellUnreadable()
    return views
  }

  async #tellUnreadable(): Promise<void> {
    if (this.#told) return
    this.#told = true
    const rows = await this.#db.selectFrom('restores').select('view').execute()
    const unreadable = rows.filter(row => !readStored(restoreView, row.view))
    this.#raise(entriesUnreadable('the list of restores', unreadable.length))
  }
}

interface Row {
  readonly view: string
}
