import type { Kysely } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { CodedError } from '../base/coded-error'
import { firstTables } from './migrations/0001-first-tables'
import { restoreRecords } from './migrations/0002-restore-records'
import { carrierTables } from './migrations/0003-carrier'
import { vendorTables } from './migrations/0004-vendors'
import { rolloutTables } from './migrations/0005-rollouts'
import { settlementTables } from './migrations/0006-settlement'
import { mailTables } from './migrations/0007-mail'
import { pollingTables } from './migrations/0008-polling'
import { metadataTables } from './migrations/0009-metadata'
import type { Schema } from './schema'
import type { Connection } from './sqlite'

/** In order of their names. A migration that was ever released never changes. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-first-tables': firstTables,
  '0002-restore-records': restoreRecords,
  '0003-carrier': carrierTables,
  '0004-vendors': vendorTables,
  '0005-rollouts': rolloutTables,
  '0006-settlement': settlementTables,
  '0007-mail': mailTables,
  '0008-polling': pollingTables,
  '0009-metadata': metadataTables,
}

/** The tables that each migration makes. */
const TABLES: Readonly<Record<string, readonly string[]>> = {
  '0001-first-tables': ['images', 'restores', 'restore_log', 'audit', 'actions'],
  '0002-restore-records': ['restore_records'],
  '0003-carrier': ['carrier_releases', 'carrier_files', 'carrier_devices', 'carrier_updates'],
  '0004-vendors': [
    'vendors',
    'vendor_releases',
    'vendor_packages',
    'vendor_accessors',
    'vendor_accesses',
  ],
  '0005-rollouts': [
    'carrier_customers',
    'carrier_vendors',
    'carrier_notices',
    'carrier_addresses',
    'carrier_settings',
    'carrier_rollouts',
    'carrier_rollout_history',
    'carrier_uploads',
    'carrier_tasks',
    'carrier_outbox',
  ],
  '0006-settlement': ['settlement_invoices', 'settlement_payments', 'settlement_news'],
  '0007-mail': ['mails'],
  '0008-polling': ['carrier_polling', 'carrier_action_reports'],
  '0009-metadata': ['metadata', 'metadata_keys'],
}

/** Where Kysely notes which migrations ran. */
const MIGRATIONS_TABLE = 'kysely_migration'

/**
 * Brings a database to the newest version. Each migration and the note that it ran are one
 * transaction of their own, so a failing or killed one leaves the version before it. Throws a
 * CodedError `DATA_DIR_UNUSABLE` for a database that a newer version has written.
 */
export async function migrate(
  connection: Connection,
  db: Kysely<Schema>,
  migrations: Readonly<Record<string, Migration>> = MIGRATIONS,
): Promise<void> {
  const unknown = appliedNames(connection).filter(name => !Object.hasOwn(migrations, name))
  if (unknown.length > 0) throw newerVersion(connection.name, unknown)
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } })
  for (let applied = appliedNames(connection).length; applied < Object.keys(migrations).length;) {
    await applyNext(connection, migrator)
    applied += 1
  }
}

/**
 * Kysely rolls nothing back on SQLite, and it notes a migration only after the migration's own
 * transaction. So the transaction is opened below it: it holds one connection.
 */
async function applyNext(connection: Connection, migrator: Migrator): Promise<void> {
  connection.exec('BEGIN IMMEDIATE')
  try {
    const { error } = await migrator.migrateUp()
    if (error !== undefined) throw error
    connection.exec('COMMIT')
  } catch (error) {
    if (connection.inTransaction) connection.exec('ROLLBACK')
    throw error
  }
}

function appliedNames(connection: Connection): string[] {
  if (!tableNames(connection).has(MIGRATIONS_TABLE)) return []
  return connection.prepare(`SELECT name FROM ${MIGRATIONS_TABLE}`).pluck().all().map(String)
}

/**
 * Names a table that a database of its version should have and does not; undefined where all are
 * there, and for a newer version, of which nobody here knows.
 */
export function missingTable(connection: Connection): string | undefined {
  const tables = tableNames(connection)
  if (!tables.has(MIGRATIONS_TABLE)) return MIGRATIONS_TABLE
  const applied = appliedNames(connection)
  if (applied.some(name => !Object.hasOwn(TABLES, name))) return undefined
  return applied.flatMap(name => TABLES[name] ?? []).find(table => !tables.has(table))
}

function tableNames(connection: Connection): ReadonlySet<string> {
  const names = connection.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).pluck()
  return new Set(names.all().map(String))
}

function newerVersion(path: string, unknown: readonly string[]): CodedError {
  const message =
    `${path} was written by a newer version of Kintsugi (it knows ${unknown.join(', ')}). ` +
    'Use that version, or another data folder.'
  return new CodedError('DATA_DIR_UNUSABLE', message, { path })
}
