import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { realClock } from '../../src-main/observe/real-clock'
import type { RaisedNotice } from '../../src-main/storage/notices'
import {
  DEFAULT_SETTINGS,
  SETTINGS_BYTES_MAX,
  SettingsFile,
} from '../../src-main/storage/settings-file'
import { scratchFolder } from './scratch'

const CHANGED = { ...DEFAULT_SETTINGS, theme: 'dark', layout: { trace: 40 } }

test('settings begin as at first, and a change is on the disk when it is answered', async () => {
  const dataDir = scratchFolder()
  const { file, notices } = await open(dataDir)
  expect(file.current()).toEqual(DEFAULT_SETTINGS)
  expect(existsSync(join(dataDir, 'settings.json'))).toBe(false)
  expect(await file.change({ theme: 'dark', layout: { trace: 40 } })).toEqual(CHANGED)
  expect(JSON.parse(readFileSync(join(dataDir, 'settings.json'), 'utf8'))).toEqual(CHANGED)
  const reopened = await open(dataDir)
  expect(reopened.file.current()).toEqual(CHANGED)
  expect([...notices, ...reopened.notices]).toEqual([])
})

test('a change leaves alone what it does not name, unknown keys of another version too', async () => {
  const dataDir = scratchFolder()
  const written = { ...CHANGED, telemetry: false, nested: { from: 'elsewhere' } }
  writeFileSync(join(dataDir, 'settings.json'), JSON.stringify(written))
  const { file } = await open(dataDir)
  await file.change({ language: 'ja', theme: undefined })
  const { file: reopened } = await open(dataDir)
  expect(reopened.current()).toEqual({ ...written, language: 'ja' })
})

test("a mail server of the user's own is kept, and taken away again", async () => {
  const dataDir = scratchFolder()
  const { file } = await open(dataDir)
  const mailServer = {
    host: 'mail.example',
    port: 465,
    isSecure: true,
    user: 'carrier',
    password: 'secret',
  }
  await file.change({ mailServer })
  const { file: reopened } = await open(dataDir)
  expect(reopened.current()).toEqual({ ...DEFAULT_SETTINGS, mailServer })
  await reopened.change({ mailServer: null })
  const { file: last } = await open(dataDir)
  expect(last.current()).toEqual({ ...DEFAULT_SETTINGS, mailServer: null })
})

test('changes made at once all count, the later one last', async () => {
  const dataDir = scratchFolder()
  const { file } = await open(dataDir)
  await Promise.all([
    file.change({ theme: 'dark' }),
    file.change({ language: 'ja' }),
    file.change({ theme: 'light' }),
    file.change({ recentLinks: ['tcp:127.0.0.1:4000'] }),
  ])
  const { file: reopened } = await open(dataDir)
  expect(reopened.current()).toEqual({
    ...DEFAULT_SETTINGS,
    theme: 'light',
    language: 'ja',
    recentLinks: ['tcp:127.0.0.1:4000'],
  })
})

test('a change that would outgrow the limit is refused and changes nothing', async () => {
  const dataDir = scratchFolder()
  const { file } = await open(dataDir)
  await file.change({ theme: 'dark' })
  const layout = Object.fromEntries(
    Array.from({ length: 20_000 }, (_, index) => [`pane-${index}`, index]),
  )
  await expect(file.change({ layout })).rejects.toMatchObject({ code: 'SETTINGS_TOO_LARGE' })
  await file.change({ language: 'en' })
  const { file: reopened } = await open(dataDir)
  expect(reopened.current()).toEqual({ ...DEFAULT_SETTINGS, theme: 'dark', language: 'en' })
})

test('settings without a data folder live as long as the process', async () => {
  const file = SettingsFile.inMemory()
  await file.change({ theme: 'dark' })
  expect(file.current().theme).toBe('dark')
  expect(SettingsFile.inMemory().current().theme).toBe('system')
})

const DAMAGES: readonly [what: string, damage: (path: string) => void][] = [
  ['is garbage', path => writeFileSync(path, Buffer.alloc(5000, 0xa5))],
  ['is empty', path => truncateSync(path, 0)],
  ['ends in the middle', path => truncateSync(path, 30)],
  ['is another JSON value', path => writeFileSync(path, '[]')],
  ['has no version', path => writeFileSync(path, '{"theme": "dark"}')],
  ['has a value that is none', path => patch(path, { theme: 'mauve' })],
  ['has a version before the first', path => patch(path, { version: 0 })],
  ['has a version in words', path => patch(path, { version: 'one' })],
  ['has too many links', path => patch(path, { recentLinks: Array(21).fill('tcp:a:1') })],
  ['is far too long', path => patch(path, { filler: 'x'.repeat(SETTINGS_BYTES_MAX) })],
  ['is nested deeply', path => writeFileSync(path, '['.repeat(100_000))],
]

describe.each(DAMAGES)('a settings file that %s', (_what, damage) => {
  test('is set aside, and its backup copy is used', async () => {
    const dataDir = await changedSettings()
    damage(join(dataDir, 'settings.json'))
    const damaged = readFileSync(join(dataDir, 'settings.json'))
    const { file, notices } = await open(dataDir)
    expect(file.current()).toEqual(CHANGED)
    const aside = asideIn(dataDir)
    expect(aside).toMatch(/^settings\.json\.damaged-\d{8}T\d{6}Z$/)
    expect(readFileSync(join(dataDir, aside!)).equals(damaged)).toBe(true)
    expect(notices).toEqual([
      {
        severity: 'warning',
        code: 'SETTINGS_BACKUP_USED',
        message: expect.stringContaining(join(dataDir, aside!)),
      },
    ])
    const again = await open(dataDir)
    expect(again.file.current()).toEqual(CHANGED)
    expect(again.notices).toEqual([])
  })

  test('and a backup copy that does too: the defaults', async () => {
    const dataDir = await changedSettings()
    damage(join(dataDir, 'settings.json'))
    damage(join(dataDir, 'settings.backup.json'))
    const { file, notices } = await open(dataDir)
    expect(file.current()).toEqual(DEFAULT_SETTINGS)
    expect(notices).toEqual([
      { severity: 'error', code: 'SETTINGS_DAMAGED', message: expect.stringContaining(dataDir) },
    ])
    expect(readdirSync(dataDir).every(name => name.includes('.damaged-'))).toBe(true)
  })
})

test('a file that is missing while its backup copy is there is restored from it', async () => {
  const dataDir = await changedSettings()
  rmSync(join(dataDir, 'settings.json'))
  const { file, notices } = await open(dataDir)
  expect(file.current()).toEqual(CHANGED)
  expect(notices).toMatchObject([{ code: 'SETTINGS_BACKUP_USED' }])
})

test('settings of a newer version are refused and stay untouched', async () => {
  const dataDir = await changedSettings()
  patch(join(dataDir, 'settings.json'), { version: 2, theme: { hue: 200 } })
  const before = readFileSync(join(dataDir, 'settings.json'), 'utf8')
  await expect(open(dataDir)).rejects.toMatchObject({
    code: 'DATA_DIR_UNUSABLE',
    data: { version: 2 },
  })
  expect(readFileSync(join(dataDir, 'settings.json'), 'utf8')).toBe(before)
})

test('a folder under the name of the file is no damage', async () => {
  const dataDir = scratchFolder()
  mkdirSync(join(dataDir, 'settings.json'))
  await expect(open(dataDir)).rejects.toMatchObject({ code: 'EISDIR' })
})

describe('a process killed while it writes the settings', () => {
  test('before the rename leaves the old ones', async () => {
    const dataDir = await changedSettings()
    writeFileSync(
      join(dataDir, '.incoming-11111111-0000-4000-8000-000000000000'),
      '{"version": 1, "the',
    )
    const { file, notices } = await open(dataDir)
    expect(file.current()).toEqual(CHANGED)
    expect(notices).toEqual([])
  })

  test('between file and backup copy leaves the new ones', async () => {
    const dataDir = await changedSettings()
    patch(join(dataDir, 'settings.json'), { language: 'ja' })
    const { file, notices } = await open(dataDir)
    expect(file.current()).toEqual({ ...CHANGED, language: 'ja' })
    expect(notices).toEqual([])
  })

  test('after setting a broken file aside leaves the backup copy to be used', async () => {
    const dataDir = await changedSettings()
    const path = join(dataDir, 'settings.json')
    writeFileSync(`${path}.damaged-20260105T000000Z`, 'x')
    rmSync(path)
    const { file } = await open(dataDir)
    expect(file.current()).toEqual(CHANGED)
  })
})

test('whatever bytes lie in both files, the settings open and can be changed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.boolean(), async (noise, keepStart) => {
      const dataDir = await changedSettings()
      for (const name of ['settings.json', 'settings.backup.json']) {
        const path = join(dataDir, name)
        const start = keepStart ? readFileSync(path).subarray(0, noise.length) : new Uint8Array()
        writeFileSync(path, Buffer.concat([start, noise]))
      }
      const { file } = await open(dataDir)
      await file.change({ theme: 'light' })
      const { file: reopened, notices } = await open(dataDir)
      expect(reopened.current().theme).toBe('light')
      expect(notices).toEqual([])
      rmSync(dataDir, { recursive: true })
    }),
    { numRuns: 40, seed: 20_261 },
  )
})

async function open(dataDir: string) {
  const notices: RaisedNotice[] = []
  const raise = (notice: RaisedNotice) => void notices.push(notice)
  return { file: await SettingsFile.open({ dataDir, clock: realClock, raise }), notices }
}

async function changedSettings(): Promise<string> {
  const dataDir = scratchFolder()
  const { file } = await open(dataDir)
  await file.change({ theme: 'dark', layout: { trace: 40 } })
  return dataDir
}

function patch(path: string, change: Record<string, unknown>): void {
  const settings = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
  writeFileSync(path, JSON.stringify({ ...settings, ...change }))
}

function asideIn(dataDir: string): string | undefined {
  return readdirSync(dataDir).find(name => name.includes('.damaged-'))
}
