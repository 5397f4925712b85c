import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createLog } from '../../src-main/observe/log'

const folder = mkdtempSync(join(tmpdir(), 'kintsugi-test-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('tokens and passwords reach the log neither in fields nor in addresses', () => {
  const file = join(folder, 'secrets.log')
  const log = createLog({ file, level: 'info', env: {} })
  log.info(
    { token: 's3cret', headers: { authorization: 'Bearer s3cret', cookie: 'k=s3cret' } },
    'ready http://127.0.0.1:80/?token=s3cret',
  )
  log.info({ url: '/connect?contract=1&token=s3cret', call: { input: { password: 's3cret' } } })
  const text = readFileSync(file, 'utf8')
  expect(text).not.toContain('s3cret')
  expect(text).toContain('/?token=[secret]')
  expect(text).toContain('/connect?contract=1&token=[secret]"')
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

test('KINTSUGI_LOG decides the level, and a level that is none is bad usage', () => {
  const file = join(folder, 'level.log')
  createLog({ file, level: 'silent', env: {} }).error('unheard')
  createLog({ file, level: 'silent', env: { KINTSUGI_LOG: 'warn' } }).warn('heard')
  createLog({ file, level: 'info', env: { KINTSUGI_LOG: '' } }).info('heard too')
  const messages = readFileSync(file, 'utf8').trim().split('\n').map(messageOf)
  expect(messages).toEqual(['heard', 'heard too'])
  expect(() => createLog({ level: 'info', env: { KINTSUGI_LOG: 'loud' } })).toThrow(
    expect.objectContaining({ code: 'USAGE', message: expect.stringMatching(/"loud"/) }),
  )
})

test('a long log makes way for a new one and is kept once', () => {
  const file = join(folder, 'long.log')
  writeFileSync(file, Buffer.alloc(8 * 1024 * 1024 + 1, 0x61))
  createLog({ file, level: 'info', env: {} }).info('a fresh start')
  expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(2)
  expect(existsSync(`${file}.old`)).toBe(true)
})

function messageOf(line: string): unknown {
  return (JSON.parse(line) as { msg: unknown }).msg
}
