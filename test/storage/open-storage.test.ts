import { chmodSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { asciiBytes } from '../../src-main/base/bytes'
import { realClock } from '../../src-main/observe/real-clock'
import { defaultDataFolder, defaultStateFolder } from '../../src-main/storage/data-folder'
import { openStorage } from '../../src-main/storage/open-storage'
import { scratchFolder } from './scratch'

const LIMIT = { bytes: 1000, tooLarge: () => new Error('too large') }

test('without a data folder everything is kept in memory', async () => {
  const storage = await openStorage({ clock: realClock })
  expect(storage.dataDir).toBeNull()
  await storage.db.insertInto('restores').values({ started_at: 1, view: '{}' }).execute()
  const { digest } = await storage.blobs.put([asciiBytes('abc')], LIMIT)
  expect(await storage.blobs.get(digest)).toHaveLength(3)
  await storage.close()
})

test('with one, everything is there after opening again', async () => {
  const dataDir = join(scratchFolder(), 'made', 'on', 'the', 'way')
  const first = await openStorage({ dataDir, clock: realClock })
  await first.db.insertInto('restores').values({ started_at: 1.5, view: '{}' }).execute()
  const { digest } = await first.blobs.put([asciiBytes('abc')], LIMIT)
  await first.settings.change({ theme: 'dark' })
  await first.close()
  expect(statSync(dataDir).mode & 0o777).toBe(0o700)

  const second = await openStorage({ dataDir, clock: realClock })
  expect(second.dataDir).toBe(dataDir)
  expect(await second.db.selectFrom('restores').selectAll().execute()).toEqual([
    { id: 1, started_at: 1.5, view: '{}' },
  ])
  expect(await second.blobs.has(digest)).toBe(true)
  expect(second.settings.current().theme).toBe('dark')
  expect(second.notices).toEqual([])
  await second.close()
})

test('several damages at once are all told, and the blobs stay', async () => {
  const dataDir = scratchFolder()
  const first = await openStorage({ dataDir, clock: realClock })
  const { digest } = await first.blobs.put([asciiBytes('abc')], LIMIT)
  await first.close()
  writeFileSync(join(dataDir, 'kintsugi.db'), 'not a database')
  writeFileSync(join(dataDir, 'settings.json'), 'not settings')
  const storage = await openStorage({ dataDir, clock: realClock })
  expect(storage.notices.map(notice => notice.code).toSorted()).toEqual([
    'DATABASE_DAMAGED',
    'SETTINGS_DAMAGED',
  ])
  expect(await storage.blobs.has(digest)).toBe(true)
  await storage.close()
})

test('a blob found damaged later is told to whoever listens', async () => {
  const dataDir = scratchFolder()
  const storage = await openStorage({ dataDir, clock: realClock })
  const heard: string[] = []
  const stop = storage.onNotice(notice => void heard.push(notice.code))
  const { digest } = await storage.blobs.put([asciiBytes('abc')], LIMIT)
  writeFileSync(join(dataDir, 'blobs', digest), 'abd')
  await expect(storage.blobs.get(digest)).rejects.toMatchObject({ code: 'BLOB_DAMAGED' })
  stop()
  expect(heard).toEqual(['BLOB_DAMAGED'])
  expect(storage.notices.map(notice => notice.code)).toEqual(['BLOB_DAMAGED'])
  await storage.close()
})

test('what a killed process left unfinished is removed', async () => {
  const dataDir = scratchFolder()
  for (const name of ['.incoming-1', '.incoming-1-wal', '.incoming-1-shm']) {
    writeFileSync(join(dataDir, name), 'half')
  }
  const storage = await openStorage({ dataDir, clock: realClock })
  await storage.close()
  expect(readdirSync(dataDir).toSorted()).toEqual(['blobs', 'kintsugi.db', 'lock.db'])
})

test('a folder in use is refused, and free again after a failed opening', async () => {
  const dataDir = scratchFolder()
  const first = await openStorage({ dataDir, clock: realClock })
  const second = openStorage({ dataDir, clock: realClock })
  await expect(second).rejects.toMatchObject({ code: 'DATA_DIR_BUSY' })
  await first.close()
  rmSync(join(dataDir, 'kintsugi.db'))
  mkdirSync(join(dataDir, 'kintsugi.db'))
  const third = openStorage({ dataDir, clock: realClock })
  await expect(third).rejects.toMatchObject({ code: 'DATA_DIR_UNUSABLE' })
  rmSync(join(dataDir, 'kintsugi.db'), { recursive: true })
  const fourth = await openStorage({ dataDir, clock: realClock })
  await fourth.close()
})

describe('a place that cannot be used is named with its reason', () => {
  test('a file', async () => {
    const dataDir = join(scratchFolder(), 'data')
    writeFileSync(dataDir, '')
    const opening = openStorage({ dataDir, clock: realClock })
    await expect(opening).rejects.toMatchObject(unusable(dataDir, /a file of that name/))
  })

  test('a path below a file', async () => {
    const file = join(scratchFolder(), 'file')
    writeFileSync(file, '')
    const dataDir = join(file, 'deep', 'data')
    const opening = openStorage({ dataDir, clock: realClock })
    await expect(opening).rejects.toMatchObject(unusable(dataDir, /a file of that name/))
  })

  test.each(['settings.json', 'serve.json'])('one with a folder in place of %s', async name => {
    const dataDir = scratchFolder()
    mkdirSync(join(dataDir, name))
    const opening = openStorage({ dataDir, clock: realClock })
    await expect(opening).rejects.toMatchObject(unusable(dataDir, /a folder lies where a file/))
  })

  test('one whose path is too long', async () => {
    const dataDir = join(scratchFolder(), 'x'.repeat(300))
    const opening = openStorage({ dataDir, clock: realClock })
    await expect(opening).rejects.toMatchObject(unusable(dataDir, /too long/))
  })

  test('one where nobody may write', async () => {
    const dataDir = unwritableFolder()
    const opening = openStorage({ dataDir, clock: realClock })
    const reason = /permission denied|read-only|cannot be opened|no such place/
    await expect(opening).rejects.toMatchObject(unusable(dataDir, reason))
  })

  function unusable(path: string, reason: RegExp) {
    return {
      code: 'DATA_DIR_UNUSABLE',
      message: expect.stringMatching(reason),
      data: { path },
    }
  }

  /** The superuser may write wherever permissions forbid it, but not into /proc. */
  function unwritableFolder(): string {
    if (process.getuid?.() === 0) return '/proc/kintsugi'
    const folder = scratchFolder()
    chmodSync(folder, 0o500)
    return folder
  }
})

describe('the default data folder is the one of the system', () => {
  test.each([
    ['linux', {}, '/home/ada/.local/share/kintsugi'],
    ['linux', { XDG_DATA_HOME: '/data/ada' }, '/data/ada/kintsugi'],
    ['linux', { XDG_DATA_HOME: 'relative' }, '/home/ada/.local/share/kintsugi'],
    ['darwin', {}, '/home/ada/Library/Application Support/Kintsugi'],
    ['win32', { APPDATA: 'C:\\Users\\ada\\Roaming' }, 'C:\\Users\\ada\\Roaming\\Kintsugi'],
    ['win32', {}, '\\home\\ada\\AppData\\Roaming\\Kintsugi'],
  ] as const)('on %s with %j', (platform, env, expected) => {
    expect(defaultDataFolder({ platform, env, home: '/home/ada' })).toBe(expected)
  })
})

describe('the folder for what commands leave behind is the one of the system', () => {
  test.each([
    ['linux', {}, '/home/ada/.local/state/kintsugi'],
    ['linux', { XDG_STATE_HOME: '/state/ada' }, '/state/ada/kintsugi'],
    ['linux', { XDG_STATE_HOME: 'relative' }, '/home/ada/.local/state/kintsugi'],
    ['darwin', {}, '/home/ada/Library/Application Support/Kintsugi'],
    ['win32', { LOCALAPPDATA: 'C:\\Users\\ada\\Local' }, 'C:\\Users\\ada\\Local\\Kintsugi'],
    ['win32', {}, '\\home\\ada\\AppData\\Local\\Kintsugi'],
  ] as const)('on %s with %j', (platform, env, expected) => {
    expect(defaultStateFolder({ platform, env, home: '/home/ada' })).toBe(expected)
  })
})
