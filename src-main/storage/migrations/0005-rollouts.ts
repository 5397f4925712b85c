import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** The customer table, vendors as the carrier knows them, rollouts and their tasks. */
export const rolloutTables: Migration = {
  async up(db) {
    await createCustomers(db)
    await createCarrierVendors(db)
    await createRollouts(db)
    await createTasks(db)
    await createOutbox(db)
    await tieCatalogue(db)
  },
}

async function createCustomers(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('carrier_customers')
    .addColumn('device_id', 'text', column => column.primaryKey().notNull())
    .addColumn('ip_address', 'text', column => column.notNull())
    .addColumn('password', 'text', column => column.notNull())
    .addColumn('vendor_name', 'text', column => column.notNull())
    .addColumn('manager_name', 'text', column => column.notNull())
    .addColumn('manager_email', 'text', column => column.notNull())
    .addColumn('update_management', 'text', column => column.notNull())
    .addColumn('device_type', 'text')
    .addColumn('device_class', 'text', column => column.notNull())
    .addColumn('is_test_device', 'integer', column => column.notNull())
    .addColumn('wanted_software', 'text', column => column.notNull())
    .addColumn('terminal_id', 'text', column => column.unique())
    .addColumn('software_name', 'text')
    .addColumn('software_version', 'text')
    .addColumn('time_zone', 'text', column => column.notNull())
    .addColumn('reach', 'text', column => column.notNull())
    .addColumn('token_digest', 'text')
    .addColumn('extra', 'text', column => column.notNull())
    .addColumn('changed_at', 'real', column => column.notNull())
    .addColumn('search_text', 'text', column => column.generatedAlwaysAs(SEARCHED))
    .modifyEnd(sql`strict`)
    .execute()
  await createCustomerIndexes(db)
}

/** Lower case of the letters A to Z only; other letters are looked for as they are. */
const SEARCHED = sql`lower(device_id || char(10) || ip_address || char(10) || vendor_name || char(10)
  || manager_name || char(10) || manager_email || char(10) || coalesce(device_type, '') || char(10)
  || coalesce(terminal_id, ''))`

async function createCustomerIndexes(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createIndex('carrier_customers_search')
    .on('carrier_customers')
    .column('search_text')
    .execute()
  await db.schema
    .createIndex('carrier_customers_ip_address')
    .on('carrier_customers')
    .column('ip_address')
    .execute()
  await db.schema
    .createIndex('carrier_customers_test_device')
    .on('carrier_customers')
    .columns(['vendor_name', 'device_id'])
    .where(sql.ref('is_test_device'), '=', 1)
    .execute()
  for (const column of ['vendor_name', 'device_type', 'manager_name']) {
    await db.schema
      .createIndex(`carrier_customers_${column}`)
      .on('carrier_customers')
      .columns([column, 'device_id'])
      .execute()
  }
}

async function createCarrierVendors(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('carrier_vendors')
    .addColumn('vendor_name', 'text', column => column.primaryKey().notNull())
    .addColumn('database_address', 'text', column => column.notNull())
    .addColumn('accessor_id', 'text', column => column.notNull())
    .addColumn('accessor_password', 'text', column => column.notNull())
    .addColumn('vendor_password_hash', 'text', column => column.notNull())
    .addColumn('registered_at', 'real', column => column.notNull())
    .modifyEnd(sql`strict`)
    .execute()
  await db.schema
    .createTable('carrier_notices')
    .addColumn('notice_id', 'text', column => column.primaryKey().notNull())
    .addColumn('vendor_name', 'text', column => column.notNull())
    .addColumn('received_at', 'real', column => column.notNull())
    .modifyEnd(sql`strict`)
    .execute()
  await db.schema
    .createTable('carrier_addresses')
    .addColumn('ip_address', 'text', column => column.primaryKey().notNull())
    .addColumn('base', 'text', column => column.notNull())
    .modifyEnd(sql`strict`)
    .execute()
  await db.schema
    .createTable('carrier_settings')
    .addColumn('name', 'text', column => column.primaryKey().notNull())
    .addColumn('value', 'text', column => column.notNull())
    .modifyEnd(sql`strict`)
    .execute()
}

async function createRollouts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('carrier_rollouts')
    .addColumn('id', 'integer', column => column.primaryKey().autoIncrement())
    .addColumn('vendor_name', 'text', column => column.notNull())
    .addColumn('software_name', 'text', column => column.notNull())
    .addColumn('version', 'text', column => column.notNull())
    .addColumn('revision', 'integer', column => column.notNull())
    .addColumn('vendor_release_id', 'integer', column => column.notNull())
    .addColumn('kind', 'text')
    .addColumn('model', 'text')
    .addColumn('digest', 'text')
    .addColumn('bytes', 'integer')
    .addColumn('additional', 'text')
    .addColumn('settings', 'text', column => column.notNull())
    .addColumn('state', 'text', column => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('is_paused', 'integer', column => column.notNull())
    .addColumn('groups', 'text', column => column.notNull())
    .addColumn('report', 'text')
    .addColumn('notified_at', 'real', column => column.notNull())
    .addColumn('stored_at', 'real')
    .addColumn('deadline', 'real')
    .addColumn('closed_at', 'real')
    .addColumn('changed_at', 'real', column => column.notNull())
    .addColumn('catalogue_id', 'integer')
    .addUniqueConstraint('carrier_rollouts_release', ['vendor_name', 'vendor_release_id'])
    .modifyEnd(sql`strict`)
    .execute()
  await db.schema
    .createTable('carrier_rollout_history')
    .addColumn('rollout_id', 'integer', column =>
      column.notNull().references('carrier_rollouts.id'),
    )
    .addColumn('position', 'integer', column => column.notNull())
    .addColumn('at', 'real', column => column.notNull())
    .addColumn('state', 'text', column => column.notNull())
    .addColumn('reason', 'text')
    .addPrimaryKeyConstraint('carrier_rollout_history_place', ['rollout_id', 'position'])
    .modifyEnd(sql`strict`)
    .execute()
  await db.schema
    .createTable('carrier_uploads')
    .addColumn('rollout_id', 'integer', column =>
      column.primaryKey().references('carrier_rollouts.id'),
    )
    .addColumn('record', 'text', column => column.notNull())
    .modifyEnd(sql`strict`)
    .execute()
}

async function createTasks(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('carrier_tasks')
    .addColumn('id', 'integer', column => column.primaryKey().autoIncrement())
    .addColumn('rollout_id', 'integer', column =>
      column.notNull().references('carrier_rollouts.id'),
    )
    .addColumn('device_id', 'text', column => column.notNull())
    .addColumn('manager_name', 'text', column => column.notNull())
    .addColumn('state', 'text', column => column.notNull())
    .addColumn('group_number', 'integer', column => column.notNull())
    .addColumn('attempts', 'integer', column => column.notNull())
    .addColumn('next_at', 'real')
    .addColumn('reason', 'text')
    .addColumn('question_digest', 'text')
    .addColumn('answer', 'text')
    .addColumn('answered_at', 'real')
    .addColumn('update_id', 'text')
    .addColumn('sent_bytes', 'integer', column => column.notNull())
    .addColumn('total_bytes', 'integer')
    .addColumn('downloaded_at', 'real')
    .addColumn('is_restored', 'integer', column => column.notNull())
    .addColumn('confirmed_at', 'real')
    .addColumn('invoice_id', 'text')
    .addColumn('changed_at', 'real', column => column.notNull())
    .addUniqueConstraint('carrier_tasks_device', ['rollout_id', 'device_id'])
    .modifyEnd(sql`strict`)
    .execute()
  const indexes = {
    carrier_tasks_state: ['rollout_id', 'state', 'group_number'],
    carrier_tasks_due: ['rollout_id', 'state', 'next_at'],
    carrier_tasks_of_device: ['device_id', 'id'],
    carrier_tasks_question: ['question_digest'],
    carrier_tasks_update: ['update_id'],
    carrier_tasks_invoice: ['invoice_id'],
  }
  for (const [name, columns] of Object.entries(indexes)) {
    await db.schema.createIndex(name).on('carrier_tasks').columns(columns).execute()
  }
}

async function createOutbox(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('carrier_outbox')
    .addColumn('id', 'integer', column => column.primaryKey().autoIncrement())
    .addColumn('key', 'text', column => column.notNull().unique())
    .addColumn('kind', 'text', column => column.notNull())
    .addColumn('payload', 'text', column => column.notNull())
    .addColumn('attempts', 'integer', column => column.notNull())
    .addColumn('next_at', 'real', column => column.notNull())
    .addColumn('done_at', 'real')
    .modifyEnd(sql`strict`)
    .execute()
  await db.schema
    .createIndex('carrier_outbox_open')
    .on('carrier_outbox')
    .column('next_at')
    .where(sql.ref('done_at'), 'is', null)
    .execute()
}

/** What a rollout hands out lies in the catalogue beside what everybody may have. */
async function tieCatalogue(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('carrier_releases')
    .addColumn('rollout_id', 'integer', column => column.references('carrier_rollouts.id'))
    .execute()
  await db.schema.dropIndex('carrier_releases_offered').execute()
  await db.schema
    .createIndex('carrier_releases_offered')
    .unique()
    .on('carrier_releases')
    .columns(['model', 'name', 'version'])
    .where(sql<boolean>`withdrawn_at is null and rollout_id is null`)
    .execute()
}
