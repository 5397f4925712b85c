import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { expect, test } from 'vitest'
import { MIGRATIONS, migrate } from '../../src-main/storage/migrate'
import type { Schema } from '../../src-main/storage/schema'
import { type Connection, IN_MEMORY, kyselyOn, openConnection } from '../../src-main/storage/sqlite'

const addColour: Migration = {
  up: async db => void (await sql`ALTER TABLE images ADD COLUMN colour TEXT`.execute(db)),
}

const failHalfway: Migration = {
  async up(db) {
    await sql`ALTER TABLE images ADD COLUMN weight REAL`.execute(db)
    await sql`UPDATE no_such_table SET weight = 1`.execute(db)
  },
}

test('every migration runs once, in order of their names', async () => {
  const { connection, db } = openMemory()
  await migrate(connection, db)
  expect(columnsOf(connection)).toEqual(['digest', 'name', 'file_bytes', 'added_at', 'info'])
  await migrate(connection, db, { ...MIGRATIONS, '9001-colour': addColour })
  await migrate(connection, db, { ...MIGRATIONS, '9001-colour': addColour })
  expect(columnsOf(connection)).toContain('colour')
  expect(appliedIn(connection)).toEqual([...Object.keys(MIGRATIONS), '9001-colour'])
})

test('a failing migration leaves nothing behind, and those before it stay', async () => {
  const { connection, db } = openMemory()
  const migrations = { ...MIGRATIONS, '9001-colour': addColour, '9002-weight': failHalfway }
  await expect(migrate(connection, db, migrations)).rejects.toThrow(/no_such_table/)
  expect(columnsOf(connection)).toContain('colour')
  expect(columnsOf(connection)).not.toContain('weight')
  expect(appliedIn(connection)).toEqual([...Object.keys(MIGRATIONS), '9001-colour'])
  expect(connection.inTransaction).toBe(false)
})

test('a repaired migration takes up where the failing one left off', async () => {
  const { connection, db } = openMemory()
  await expect(migrate(connection, db, { ...MIGRATIONS, '9001-it': failHalfway })).rejects.toThrow(
    /no_such_table/,
  )
  await migrate(connection, db, { ...MIGRATIONS, '9001-it': addColour })
  expect(columnsOf(connection)).toContain('colour')
})

test('a database that knows more migrations is of a newer version', async () => {
  const { connection, db } = openMemory()
  await migrate(connection, db, { ...MIGRATIONS, '9001-colour': addColour })
  await expect(migrate(connection, db)).rejects.toMatchObject({ code: 'DATA_DIR_UNUSABLE' })
})

function openMemory() {
  const connection = openConnection(IN_MEMORY)
  return { connection, db: kyselyOn<Schema>(connection) }
}

function columnsOf(connection: Connection): unknown[] {
  return connection.prepare(`SELECT name FROM pragma_table_info('images')`).pluck().all()
}

function appliedIn(connection: Connection): unknown[] {
  return connection.prepare('SELECT name FROM kysely_migration ORDER BY name').pluck().all()
}
