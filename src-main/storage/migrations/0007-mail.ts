import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** The mailbox of the embedded mail server. */
export const mailTables: Migration = {
  async up(db) {
    await db.schema
      .createTable('mails')
      .addColumn('id', 'integer', column => column.primaryKey().autoIncrement())
      .addColumn('at', 'real', column => column.notNull())
      .addColumn('message_id', 'text', column => column.notNull().unique())
      .addColumn('sender', 'text', column => column.notNull())
      .addColumn('recipients', 'text', column => column.notNull())
      .addColumn('subject', 'text', column => column.notNull())
      .addColumn('text', 'text', column => column.notNull())
      .addColumn('links', 'text', column => column.notNull())
      .addColumn('source', 'text', column => column.notNull())
      .addColumn('is_handed', 'integer', column => column.notNull())
      .modifyEnd(sql`strict`)
      .execute()
    await db.schema
      .createIndex('mails_unhanded')
      .on('mails')
      .column('id')
      .where(sql.ref('is_handed'), '=', 0)
      .execute()
  },
}
