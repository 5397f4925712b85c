import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Signed metadata of updates, and the keys that sign it. */
export const metadataTables: Migration = {
  async up(db) {
    await db.schema
      .createTable('metadata')
      .addColumn('repository', 'text', column => column.notNull())
      .addColumn('role', 'text', column => column.notNull())
      .addColumn('version', 'integer', column => column.notNull())
      .addColumn('document', 'text', column => column.notNull())
      .addColumn('created_at', 'real', column => column.notNull())
      .addPrimaryKeyConstraint('metadata_version', ['repository', 'role', 'version'])
      .modifyEnd(sql`strict`)
      .execute()
    await db.schema
      .createTable('metadata_keys')
      .addColumn('repository', 'text', column => column.notNull())
      .addColumn('role', 'text', column => column.notNull())
      .addColumn('key_id', 'text', column => column.notNull())
      .addColumn('private_key', 'text', column => column.notNull())
      .addColumn('created_at', 'real', column => column.notNull())
      .addColumn('retired_at', 'real')
      .addPrimaryKeyConstraint('metadata_keys_id', ['repository', 'role', 'key_id'])
      .modifyEnd(sql`strict`)
      .execute()
  },
}
