import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { realClock } from '../../src-main/observe/real-clock'
import { isDataFolderLocked, lockDataFolder } from '../../src-main/storage/data-lock'
import { openStorage } from '../../src-main/storage/open-storage'
import { readServeFile, removeServeFile, writeServeFile } from '../../src-main/storage/serve-file'
import { scratchFolder } from './scratch'

const SERVED = { pid: 4711, address: 'http://127.0.0.1:8080', token: 'secret' }

test('a data folder has one holder, and is free again when that one lets go', async () => {
  const folder = scratchFolder()
  expect(await isDataFolderLocked(folder)).toBe(false)
  const lock = lockDataFolder(folder)
  expect(await isDataFolderLocked(folder)).toBe(true)
  expect(() => lockDataFolder(folder)).toThrow(
    expect.objectContaining({ code: 'DATA_DIR_BUSY', data: { path: folder } }),
  )
  lock.release()
  expect(await isDataFolderLocked(folder)).toBe(false)
  lockDataFolder(folder).release()
})

test('a second process is refused, and let in once the first was killed with -9', async () => {
  const folder = scratchFolder()
  const holder = await startHolder(folder)
  await expect(openStorage({ dataDir: folder, clock: realClock })).rejects.toMatchObject({
    code: 'DATA_DIR_BUSY',
  })
  expect(await readServeFile(folder)).toMatchObject({ pid: holder.pid, token: 'of-the-child' })

  holder.kill('SIGKILL')
  await once(holder, 'exit')
  expect(existsSync(join(folder, 'serve.json'))).toBe(true)
  expect(await readServeFile(folder)).toBeUndefined()
  const storage = await openStorage({ dataDir: folder, clock: realClock })
  expect(storage.notices).toEqual([])
  expect(await isDataFolderLocked(folder)).toBe(true)
  expect(await readServeFile(folder)).toBeUndefined()
  expect(existsSync(join(folder, 'serve.json'))).toBe(false)
  await storage.close()
})

test('a lock file of garbage is explained, not overrun', () => {
  const folder = scratchFolder()
  writeFileSync(join(folder, 'lock.db'), Buffer.alloc(8192, 0x55))
  expect(() => lockDataFolder(folder)).toThrow(
    expect.objectContaining({
      code: 'DATA_DIR_UNUSABLE',
      message: expect.stringMatching(/lock\.db/),
    }),
  )
})

test('the serve file is for its owner only and counts only while the folder is held', async () => {
  const folder = scratchFolder()
  expect(await readServeFile(folder)).toBeUndefined()
  const lock = lockDataFolder(folder)
  expect(await readServeFile(folder)).toBeUndefined()
  await writeServeFile(folder, SERVED)
  expect(await readServeFile(folder)).toEqual(SERVED)
  expect(statSync(join(folder, 'serve.json')).mode & 0o777).toBe(0o600)
  await removeServeFile(folder)
  expect(await readServeFile(folder)).toBeUndefined()
  await writeServeFile(folder, SERVED)
  lock.release()
  expect(await readServeFile(folder)).toBeUndefined()
})

test.each([
  ['no JSON', '{"pid": 1'],
  ['a field missing', '{"pid": 1, "token": "x"}'],
  ['another scheme', '{"pid": 1, "address": "file:///etc/passwd", "token": "x"}'],
  ['far too long', JSON.stringify({ ...SERVED, more: 'x'.repeat(5000) })],
])('a serve file with %s is named as damaged', async (_what, content) => {
  const folder = scratchFolder()
  const lock = lockDataFolder(folder)
  writeFileSync(join(folder, 'serve.json'), content)
  await expect(readServeFile(folder)).rejects.toMatchObject({
    code: 'DATA_DIR_UNUSABLE',
    message: expect.stringMatching(/serve\.json is damaged/),
  })
  lock.release()
})

async function startHolder(folder: string): Promise<ChildProcess> {
  const at = (name: string) => join(import.meta.dirname, name)
  const holder = spawn(
    process.execPath,
    ['--import', at('../../scripts/typescript-hooks.mjs'), at('holds-data-folder.ts'), folder],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  onTestFinished(() => void holder.kill('SIGKILL'))
  const ended = once(holder, 'exit').then(() => ['it ended'])
  const [line] = await Promise.race([once(holder.stdout, 'data'), ended])
  expect(String(line)).toBe('open\n')
  return holder
}
