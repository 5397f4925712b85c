import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** The tables of the first version. STRICT: SQLite refuses a value of another type. */
export const firstTables: Migration = {
  async up(db) {
    await createImages(db)
    await createRestores(db)
    await createLogs(db)
  },
}

async function createImages(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('images')
    .addColumn('digest', 'text', column => column.primaryKey().notNull())
    .addColumn('name', 'text', column => column.notNull())
    .addColumn('file_bytes', 'integer', column => column.notNull())
    .addColumn('added_at', 'real', column => column.notNull())
    .addColumn('info', 'text', column => column.notNull())
    .modifyEnd(sql`strict`)
    .execute()
}

async function createRestores(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('restores')
    .addColumn('id', 'integer', column => column.primaryKey().autoIncrement())
    .addColumn('started_at', 'real', column => column.notNull())
    .addColumn('view', 'text', column => column.notNull())
    .modifyEnd(sql`strict`)
    .execute()
  await db.schema
    .createTable('restore_log')
    .addColumn('restore_id', 'integer', column =>
      column.notNull().references('restores.id').onDelete('cascade'),
    )
    .addColumn('position', 'integer', column => column.notNull())
    .addColumn('at', 'real', column => column.notNull())
    .addColumn('level', 'text', column => column.notNull())
    .addColumn('text', 'text', column => column.notNull())
    .addPrimaryKeyConstraint('restore_log_place', ['restore_id', 'position'])
    .modifyEnd(sql`strict`)
    .execute()
}

async function createLogs(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('audit')
    .addColumn('id', 'integer', column => column.primaryKey().autoIncrement())
    .addColumn('at', 'real', column => column.notNull())
    .addColumn('actor', 'text', column => column.notNull())
    .addColumn('code', 'text', column => column.notNull())
    .addColumn('message', 'text', column => column.notNull())
    .modifyEnd(sql`strict`)
    .execute()
  await db.schema
    .createTable('actions')
    .addColumn('id', 'integer', column => column.primaryKey().autoIncrement())
    .addColumn('at', 'real', column => column.notNull())
    .addColumn('call', 'text', column => column.notNull())
    .addColumn('input', 'text', column => column.notNull())
    .addColumn('outcome', 'text', column => column.notNull())
    .modifyEnd(sql`strict`)
    .execute()
}
