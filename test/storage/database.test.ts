import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { realClock } from '../../src-main/observe/real-clock'
import { openDatabase } from '../../src-main/storage/database'
import type { RaisedNotice } from '../../src-main/storage/notices'
import { openConnection } from '../../src-main/storage/sqlite'
import { scratchFolder } from './scratch'

const ROWS = 500

test('a fresh database is strict, synchronous and whole', async () => {
  const path = join(scratchFolder(), 'kintsugi.db')
  const { db, close, notices } = await open(path)
  expect(notices).toEqual([])
  const wrong = { at: 'noon', actor: 'a', code: 'C', message: 'm' } as unknown as { at: number }
  await expect(
    db.insertInto('audit').values({ actor: 'a', code: 'C', message: 'm', at: wrong.at }).execute(),
  ).rejects.toThrow(/cannot store TEXT value in REAL column/)
  close()
  const connection = openConnection(path)
  expect(connection.pragma('journal_mode', { simple: true })).toBe('wal')
  expect(connection.pragma('synchronous', { simple: true })).toBe(2)
  expect(connection.pragma('foreign_keys', { simple: true })).toBe(1)
  connection.close()
})

test('lines of a restore log go with their restore and cannot come without one', async () => {
  const { db, close } = await open(join(scratchFolder(), 'kintsugi.db'))
  const line = { position: 0, at: 1, level: 'info', text: 'begun' } as const
  await expect(
    db
      .insertInto('restore_log')
      .values({ restore_id: 7, ...line })
      .execute(),
  ).rejects.toThrow(/FOREIGN KEY/)
  await db.insertInto('restores').values({ started_at: 1, view: '{}' }).execute()
  await db
    .insertInto('restore_log')
    .values({ restore_id: 1, ...line })
    .execute()
  await db.deleteFrom('restores').execute()
  expect(await db.selectFrom('restore_log').selectAll().execute()).toEqual([])
  close()
})

test('what was written is there after opening again', async () => {
  const path = await filledDatabase()
  const { db, close, notices } = await open(path)
  expect(await countOf(db)).toBe(ROWS)
  expect(notices).toEqual([])
  close()
})

describe('a damaged database is set aside untouched and a fresh one begun', () => {
  const damages: readonly [what: string, damage: (path: string) => void][] = [
    ['is garbage', path => writeFileSync(path, Buffer.alloc(40_000, 0x55))],
    ['is empty', path => truncateSync(path, 0)],
    ['has one byte left', path => truncateSync(path, 1)],
    ['ends within its header', path => truncateSync(path, 60)],
    ['ends after its first page', path => truncateSync(path, 4096)],
    ['ends in the middle', path => truncateSync(path, 30_000)],
    ['has a page of noise', path => overwrite(path, 8192, Buffer.alloc(4096, 0xff))],
    ['has lost its schema page', path => overwrite(path, 100, Buffer.alloc(3996, 0))],
    ['has another magic', path => overwrite(path, 0, Buffer.from('SQLite format 4'))],
    ['has a page size that cannot be', path => overwrite(path, 16, Buffer.from([0x03, 0x03]))],
    ['has lost a table of its version', path => execute(path, 'DROP TABLE actions')],
    ['has lost the note of its version', path => execute(path, 'DROP TABLE kysely_migration')],
    ['has a format that cannot be', path => overwrite(path, 44, Buffer.from([0, 0, 0, 9]))],
  ]
  test.each(damages)('when it %s', async (_what, damage) => {
    const path = await filledDatabase()
    damage(path)
    const damaged = readFileSync(path)

    const { db, close, notices } = await open(path)
    expect(await countOf(db)).toBe(0)
    await db.insertInto('audit').values(rowOf(1)).execute()
    close()
    const aside = readdirSync(dirname(path)).filter(name => name.includes('.damaged-'))
    expect(aside[0]).toMatch(/^kintsugi\.db\.damaged-\d{8}T\d{6}Z$/)
    expect(readFileSync(join(dirname(path), aside[0]!)).equals(damaged)).toBe(true)
    expect(notices).toEqual([
      {
        severity: 'error',
        code: 'DATABASE_DAMAGED',
        message: expect.stringContaining(join(dirname(path), aside[0]!)),
      },
    ])

    const again = await open(path)
    expect(again.notices).toEqual([])
    expect(await countOf(again.db)).toBe(1)
    again.close()
  })

  test('when only its log was left, which must not flow into the fresh one', async () => {
    const { path, close } = await openWithLog()
    const folder = scratchFolder()
    copyFileSync(`${path}-wal`, join(folder, 'kintsugi.db-wal'))
    close()
    const { db, close: closeFresh, notices } = await open(join(folder, 'kintsugi.db'))
    expect(await countOf(db)).toBe(0)
    expect(notices).toHaveLength(1)
    expect(readdirSync(folder).some(name => name.startsWith('kintsugi.db-wal.damaged-'))).toBe(true)
    closeFresh()
  })
})

test('a killed writer leaves its log, and every commit in it counts', async () => {
  const { path, close } = await openWithLog()
  const folder = scratchFolder()
  for (const suffix of ['', '-wal']) {
    copyFileSync(`${path}${suffix}`, join(folder, `kintsugi.db${suffix}`))
  }
  close()
  const { db, close: closeCopy, notices } = await open(join(folder, 'kintsugi.db'))
  expect(await countOf(db)).toBe(1)
  expect(notices).toEqual([])
  closeCopy()
})

test('a second damage in the same second does not overwrite what was set aside before', async () => {
  const path = join(scratchFolder(), 'kintsugi.db')
  for (const content of ['first', 'second']) {
    writeFileSync(path, content)
    const { close } = await openDatabase({ path, clock: stoppedClock, raise: () => {} })
    close()
  }
  const asides = readdirSync(dirname(path))
    .filter(name => name.includes('damaged'))
    .toSorted()
  expect(asides).toEqual([
    'kintsugi.db.damaged-20260105T000000Z',
    'kintsugi.db.damaged-20260105T000000Z-2',
  ])
})

describe('a sound database that is not for this version is refused and stays untouched', () => {
  test('one that a newer version has written', async () => {
    const path = await filledDatabase()
    const connection = openConnection(path)
    connection
      .prepare('INSERT INTO kysely_migration (name, timestamp) VALUES (?, ?)')
      .run('0099-from-the-future', '2030-01-01T00:00:00.000Z')
    connection.close()
    const before = readFileSync(path)
    const reason = /newer version of Kintsugi.*0099-from-the-future/
    await expect(open(path)).rejects.toMatchObject(unusable(reason))
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(readdirSync(dirname(path))).toEqual(['kintsugi.db'])
  })

  test('one of another program', async () => {
    const path = join(scratchFolder(), 'kintsugi.db')
    const connection = openConnection(path)
    connection.pragma('journal_mode = DELETE')
    connection.exec('CREATE TABLE bookmarks (address TEXT)')
    connection.close()
    const before = readFileSync(path)
    await expect(open(path)).rejects.toMatchObject(unusable(/another program/))
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(readdirSync(dirname(path))).toEqual(['kintsugi.db'])
  })

  function unusable(reason: RegExp) {
    return { code: 'DATA_DIR_UNUSABLE', message: expect.stringMatching(reason) }
  }
})

test('a folder in place of the database is no damage', async () => {
  const path = join(scratchFolder(), 'kintsugi.db')
  mkdirSync(path)
  await expect(open(path)).rejects.toMatchObject({ code: 'EISDIR' })
})

const stoppedClock = {
  kind: 'virtual',
  busy: () => () => {},
  now: () => Date.UTC(2026, 0, 5),
  after: () => () => {},
} as const

async function open(path: string) {
  const notices: RaisedNotice[] = []
  const raise = (notice: RaisedNotice) => void notices.push(notice)
  return { ...(await openDatabase({ path, clock: realClock, raise })), notices }
}

type Db = Awaited<ReturnType<typeof open>>['db']

async function filledDatabase(): Promise<string> {
  const path = join(scratchFolder(), 'kintsugi.db')
  const { db, close } = await open(path)
  const rows = Array.from({ length: ROWS }, (_, index) => rowOf(index))
  await db.insertInto('audit').values(rows).execute()
  close()
  return path
}

/** Still open, so that its one row lies in the log and nowhere else. */
async function openWithLog(): Promise<{ path: string; close: () => void }> {
  const path = join(scratchFolder(), 'kintsugi.db')
  const { db, close } = await open(path)
  await db.insertInto('audit').values(rowOf(0)).execute()
  return { path, close }
}

function rowOf(index: number) {
  return { at: index, actor: 'a test', code: 'REFUSED', message: `${index} ${'x'.repeat(100)}` }
}

async function countOf(db: Db): Promise<number> {
  const rows = await db.selectFrom('audit').select('id').execute()
  return rows.length
}

function execute(path: string, statement: string): void {
  const connection = openConnection(path)
  connection.exec(statement)
  connection.close()
}

function overwrite(path: string, at: number, bytes: Uint8Array): void {
  const content = readFileSync(path)
  content.set(bytes, at)
  writeFileSync(path, content)
}
