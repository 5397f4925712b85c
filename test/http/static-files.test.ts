import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { rendererFile, serveFile } from '../../src-main/http/static-files'

const around = mkdtempSync(join(tmpdir(), 'kintsugi-files-'))
const folder = join(around, 'renderer')
mkdirSync(join(folder, 'assets'), { recursive: true })
mkdirSync(join(around, 'renderer-secret'))
writeFileSync(join(folder, 'index.html'), 'the page')
writeFileSync(join(folder, 'assets', 'a b.js'), 'code')
writeFileSync(join(around, 'secret.txt'), 'secret')
writeFileSync(join(around, 'renderer-secret', 'secret.txt'), 'secret')

afterAll(() => rmSync(around, { recursive: true, force: true }))

test.each([
  ['/', 'the page', 'text/html; charset=utf-8'],
  ['/index.html', 'the page', 'text/html; charset=utf-8'],
  ['/assets/a%20b.js', 'code', 'text/javascript; charset=utf-8'],
])('%s is served', async (path, text, type) => {
  const answer = await serveFile(folder, path)
  expect(answer.status).toBe(200)
  expect(await answer.text()).toBe(text)
  expect(answer.headers.get('content-type')).toBe(type)
})

test.each([
  '/../secret.txt',
  '/..%2fsecret.txt',
  '/%2e%2e/secret.txt',
  '/%2e%2e%2fsecret.txt',
  '/assets/../../secret.txt',
  '/assets/..%2f..%2fsecret.txt',
  '/..%5csecret.txt',
  '/..\\secret.txt',
  '/%252e%252e%252fsecret.txt',
  '/../renderer-secret/secret.txt',
  '/index.html%00',
  '/%00',
  '/%',
  '/%ff',
  '/assets',
  '/assets/',
  '//etc/passwd',
  `/${'x'.repeat(5000)}`,
  '/nothing.html',
])('%s is no page', async path => {
  const answer = await serveFile(folder, path)
  expect(answer.status).toBe(404)
  expect(await answer.json()).toMatchObject({ code: 'NOT_FOUND' })
})

test('a folder whose name only begins alike is outside', () => {
  expect(rendererFile(folder, '/../renderer-secret/secret.txt')).toBeUndefined()
  expect(rendererFile(folder, '/..')).toBeUndefined()
})
