import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { run } from '../http/serve-process'

/** Stands in for the bundler: notes that it ran, looks at what others see, and takes its time. */
const BUNDLER = `
  import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
  import { join } from 'node:path'
  const root = process.cwd()
  const source = readFileSync(join(root, 'src-main/a.ts'), 'utf8')
  const seen = existsSync(join(root, 'out/a.js')) ? readFileSync(join(root, 'out/a.js'), 'utf8') : ''
  appendFileSync(join(root, 'runs'), seen + '>' + source + ';')
  console.log('bundling')
  mkdirSync(process.env.KINTSUGI_OUT)
  await new Promise(done => setTimeout(done, 200))
  if (source === 'broken') process.exit(3)
  writeFileSync(join(process.env.KINTSUGI_OUT, 'a.js'), source)
`

let checkout: string

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'kintsugi-checkout-'))
  cpSync(resolve(import.meta.dirname, '../../scripts'), join(checkout, 'scripts'), {
    recursive: true,
  })
  const tool = join(checkout, 'node_modules/electron-vite/bin')
  mkdirSync(tool, { recursive: true })
  writeFileSync(join(tool, 'electron-vite.js'), BUNDLER)
  writeFileSync(join(checkout, 'package.json'), '{"type":"module"}')
  writeFileSync(join(checkout, 'node_modules/electron-vite/package.json'), '{"type":"module"}')
  writeFileSync(join(checkout, 'electron.vite.config.ts'), '')
  mkdirSync(join(checkout, 'src-main'))
  edit('first')
})
afterEach(() => rmSync(checkout, { recursive: true, force: true }))

const edit = (text: string) => writeFileSync(join(checkout, 'src-main/a.ts'), text)
const builder = () => run(join(checkout, 'scripts/build.mjs'), [])
const built = () => readFileSync(join(checkout, 'out/a.js'), 'utf8')
const runs = () => readFileSync(join(checkout, 'runs'), 'utf8')

async function build(): Promise<{ code: number | null; output: string; errors: string }> {
  const started = builder()
  const code = await started.ended
  return { code, output: started.lines.join('\n'), errors: started.errors() }
}

const LINE = 'Building Kintsugi, which takes a few seconds.\n'

test('what is stale is built with one line on stderr, what is fresh is left in silence', async () => {
  expect(await build()).toEqual({ code: 0, output: '', errors: LINE })
  expect(await build()).toEqual({ code: 0, output: '', errors: '' })
  edit('second')
  expect((await build()).code).toBe(0)
  expect(built()).toBe('second')
  expect(runs()).toBe('>first;first>second;')
})

test('two that start at once build once', async () => {
  const both = [builder(), builder(), builder()]
  expect(await Promise.all(both.map(started => started.ended))).toEqual([0, 0, 0])
  expect(runs()).toBe('>first;')
  expect(readdirSync(checkout).filter(name => name.startsWith('out.'))).toEqual([])
})

test('a build that fails leaves the one before as it was', async () => {
  await build()
  edit('broken')
  const { code, errors } = await build()
  expect(code).toBe(1)
  expect(errors).toMatch(new RegExp(`^${LINE}bundling\nKintsugi could not be built`))
  expect(built()).toBe('first')
  edit('mended')
  expect((await build()).code).toBe(0)
  expect(built()).toBe('mended')
})

test('one that was killed while it built holds nobody up', async () => {
  const first = builder()
  await expect.poll(() => existsSync(join(checkout, 'runs'))).toBe(true)
  first.child.kill('SIGKILL')
  await first.ended
  expect((await build()).code).toBe(0)
  expect(built()).toBe('first')
})

test('a package that was installed is never built', () => {
  rmSync(join(checkout, 'electron.vite.config.ts'))
  const { status, stderr } = spawnSync(process.execPath, [join(checkout, 'scripts/build.mjs')])
  expect(status).toBe(0)
  expect(String(stderr)).toBe('')
  expect(existsSync(join(checkout, 'out'))).toBe(false)
})
