import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** The software management server: its catalogue, the files it made, and what handsets reported. */
export const carrierTables: Migration = {
  async up(db) {
    await createReleases(db)
    await createFiles(db)
    await createDevices(db)
    await createUpdates(db)
  },
}

async function createReleases(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('carrier_releases')
    .addColumn('id', 'integer', column => column.primaryKey().autoIncrement())
    .addColumn('digest', 'text', column => column.notNull())
    .addColumn('model', 'text', column => column.notNull())
    .addColumn('name', 'text', column => column.notNull())
    .addColumn('version', 'text', column => column.notNull())
    .addColumn('bytes', 'integer', column => column.notNull())
    .addColumn('sha256', 'text', column => column.notNull())
    .addColumn('published_at', 'real', column => column.notNull())
    .addColumn('withdrawn_at', 'real')
    .modifyEnd(sql`strict`)
    .execute()
  // One version of a model's software is handed out once at a time, whoever publishes it.
  await db.schema
    .createIndex('carrier_releases_offered')
    .unique()
    .on('carrier_releases')
    .columns(['model', 'name', 'version'])
    .where(sql.ref('withdrawn_at'), 'is', null)
    .execute()
}

async function createFiles(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('carrier_files')
    .addColumn('base', 'text', column => column.notNull())
    .addColumn('release_id', 'integer', column =>
      column.notNull().references('carrier_releases.id'),
    )
    .addColumn('sector_bytes', 'integer', column => column.notNull())
    .addColumn('stash_bytes', 'integer', column => column.notNull())
    .addColumn('ram_bytes', 'integer', column => column.notNull())
    .addColumn('sha256', 'text', column => column.notNull())
    .addColumn('bytes', 'integer', column => column.notNull())
    .addColumn('work_bytes', 'integer', column => column.notNull())
    .addColumn('full_bytes', 'integer', column => column.notNull())
    .addColumn('made_at', 'real', column => column.notNull())
    .addPrimaryKeyConstraint('carrier_files_made_for', [
      'base',
      'release_id',
      'sector_bytes',
      'stash_bytes',
      'ram_bytes',
    ])
    .modifyEnd(sql`strict`)
    .execute()
  await db.schema.createIndex('carrier_files_digest').on('carrier_files').column('sha256').execute()
}

async function createDevices(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('carrier_devices')
    .addColumn('terminal_id', 'text', column => column.primaryKey().notNull())
    .addColumn('model', 'text', column => column.notNull())
    .addColumn('software_name', 'text')
    .addColumn('software_version', 'text')
    .addColumn('seen_at', 'real', column => column.notNull())
    .modifyEnd(sql`strict`)
    .execute()
}

async function createUpdates(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('carrier_updates')
    .addColumn('number', 'integer', column => column.primaryKey().autoIncrement())
    .addColumn('id', 'text', column => column.notNull().unique())
    .addColumn('terminal_id', 'text', column =>
      column.notNull().references('carrier_devices.terminal_id'),
    )
    .addColumn('release_id', 'integer', column =>
      column.notNull().references('carrier_releases.id'),
    )
    .addColumn('from_name', 'text')
    .addColumn('from_version', 'text')
    .addColumn('kind', 'text', column => column.notNull())
    .addColumn('file_sha256', 'text', column => column.notNull())
    .addColumn('file_bytes', 'integer', column => column.notNull())
    .addColumn('sent_bytes', 'integer', column => column.notNull())
    .addColumn('state', 'text', column => column.notNull())
    .addColumn('announced_at', 'real', column => column.notNull())
    .addColumn('changed_at', 'real', column => column.notNull())
    .addColumn('token_digest', 'text')
    .addColumn('token_until', 'real')
    .modifyEnd(sql`strict`)
    .execute()
  await db.schema
    .createIndex('carrier_updates_of_device')
    .on('carrier_updates')
    .columns(['terminal_id', 'number'])
    .execute()
}
