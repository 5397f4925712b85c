import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Restores under way, for whoever goes on with them. */
export const restoreRecords: Migration = {
  async up(db) {
    await db.schema
      .createTable('restore_records')
      .addColumn('name', 'text', column => column.primaryKey().notNull())
      .addColumn('record', 'text', column => column.notNull())
      .modifyEnd(sql`strict`)
      .execute()
  },
}
