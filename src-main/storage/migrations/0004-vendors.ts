import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** The vendors' software databases. */
export const vendorTables: Migration = {
  async up(db) {
    await createVendors(db)
    await createReleases(db)
    await createAccess(db)
  },
}

async function createVendors(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('vendors')
    .addColumn('name', 'text', column => column.primaryKey().notNull())
    .addColumn('created_at', 'real', column => column.notNull())
    .addColumn('port', 'integer', column => column.notNull())
    .addColumn('carrier_password', 'text')
    .addColumn('carrier_mail', 'text')
    .modifyEnd(sql`strict`)
    .execute()
}

async function createReleases(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('vendor_releases')
    .addColumn('id', 'integer', column => column.primaryKey().autoIncrement())
    .addColumn('vendor_name', 'text', column => column.notNull().references('vendors.name'))
    .addColumn('software_name', 'text', column => column.notNull())
    .addColumn('version', 'text', column => column.notNull())
    .addColumn('revision', 'integer', column => column.notNull())
    .addColumn('kind', 'text', column => column.notNull())
    .addColumn('model', 'text')
    .addColumn('digest', 'text', column => column.notNull())
    .addColumn('bytes', 'integer', column => column.notNull())
    .addColumn('additional', 'text', column => column.notNull())
    .addColumn('state', 'text', column => column.notNull())
    .addColumn('report', 'text')
    .addColumn('registered_at', 'real', column => column.notNull())
    .addColumn('upload_id', 'integer')
    .addUniqueConstraint('vendor_releases_revision', [
      'vendor_name',
      'software_name',
      'version',
      'revision',
    ])
    .modifyEnd(sql`strict`)
    .execute()
  await db.schema
    .createTable('vendor_packages')
    .addColumn('digest', 'text', column => column.primaryKey().notNull())
    .addColumn('name', 'text', column => column.notNull())
    .addColumn('bytes', 'integer', column => column.notNull())
    .addColumn('added_at', 'real', column => column.notNull())
    .modifyEnd(sql`strict`)
    .execute()
}

async function createAccess(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('vendor_accessors')
    .addColumn('vendor_name', 'text', column => column.notNull().references('vendors.name'))
    .addColumn('accessor_id', 'text', column => column.notNull())
    .addColumn('party', 'text', column => column.notNull())
    .addColumn('password_hash', 'text', column => column.notNull())
    .addColumn('registered_at', 'real', column => column.notNull())
    .addColumn('last_access_at', 'real')
    .addPrimaryKeyConstraint('vendor_accessors_party', ['vendor_name', 'accessor_id'])
    .modifyEnd(sql`strict`)
    .execute()
  await db.schema
    .createTable('vendor_accesses')
    .addColumn('id', 'integer', column => column.primaryKey().autoIncrement())
    .addColumn('vendor_name', 'text', column => column.notNull().references('vendors.name'))
    .addColumn('at', 'real', column => column.notNull())
    .addColumn('accessor_id', 'text')
    .addColumn('release_id', 'integer')
    .addColumn('outcome', 'text', column => column.notNull())
    .addColumn('message', 'text', column => column.notNull())
    .modifyEnd(sql`strict`)
    .execute()
  await db.schema
    .createIndex('vendor_accesses_newest')
    .on('vendor_accesses')
    .columns(['vendor_name', 'id'])
    .execute()
  await db.schema
    .createIndex('vendor_accesses_outcome')
    .on('vendor_accesses')
    .columns(['vendor_name', 'outcome', 'id'])
    .execute()
}
