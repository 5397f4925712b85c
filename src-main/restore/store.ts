import { sql, type Kysely } from 'kysely'
import { restoreView, type LogLine, type RestoreView } from '../contract/restore'
import type { Schema } from '../storage/schema'

/** Restores and what they said, on the disk. All SQL of this subsystem is here. */
export class RestoreStore {
  readonly #db: Kysely<Schema>

  constructor(db: Kysely<Schema>) {
    this.#db = db
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
    return rows.map(row => readView(row.view))
  }

  async get(id: number): Promise<RestoreView | undefined> {
    const row = await this.#db
      .selectFrom('restores')
      .select('view')
      .where('id', '=', id)
      .executeTakeFirst()
    return row && readView(row.view)
  }

  /** Those that were under way when their process ended. */
  async unended(): Promise<RestoreView[]> {
    const rows = await this.#db
      .selectFrom('restores')
      .select('view')
      .where(sql<boolean>`json_extract(view, '$.endedAt') is null`)
      .execute()
    return rows.map(row => readView(row.view))
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
}

function readView(text: string): RestoreView {
  return restoreView.parse(JSON.parse(text))
}
