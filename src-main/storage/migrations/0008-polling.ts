import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Devices that poll, and what they report of their actions. */
export const pollingTables: Migration = {
  async up(db) {
    await db.schema
      .createTable('carrier_polling')
      .addColumn('device_id', 'text', column => column.primaryKey().notNull())
      .addColumn('seen_at', 'real', column => column.notNull())
      .addColumn('attributes', 'text', column => column.notNull())
      .addColumn('reported_at', 'real')
      .addColumn('told_task_id', 'integer')
      .addColumn('installed_task_id', 'integer')
      .modifyEnd(sql`strict`)
      .execute()
    await db.schema
      .createTable('carrier_action_reports')
      .addColumn('id', 'integer', column => column.primaryKey().autoIncrement())
      .addColumn('task_id', 'integer', column => column.notNull())
      .addColumn('at', 'real', column => column.notNull())
      .addColumn('execution', 'text', column => column.notNull())
      .addColumn('finished', 'text', column => column.notNull())
      .addColumn('details', 'text', column => column.notNull())
      .modifyEnd(sql`strict`)
      .execute()
    await db.schema
      .createIndex('carrier_action_reports_task')
      .on('carrier_action_reports')
      .columns(['task_id', 'id'])
      .execute()
  },
}
