import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { run, stop } from '../http/serve-process'

const START = 'scripts/start.mjs'

beforeAll(async () => {
  // What was just edited is built here, so that no test below has a build to tell of.
  await run('scripts/build.mjs', []).ended
})

describe('npm start', () => {
  let folder: string
  const env = (more: NodeJS.ProcessEnv) => ({
    DISPLAY: '',
    WAYLAND_DISPLAY: '',
    KINTSUGI_NO_DOWNLOAD: '1',
    ELECTRON_OVERRIDE_DIST_PATH: folder,
    ...more,
  })

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kintsugi-start-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  test.each([
    ['without a display', [], { DISPLAY: '' }, /^There is no display: .*\n$/],
    [
      "without Electron's binary",
      [],
      { DISPLAY: ':0' },
      /^Electron's binary is not installed and could not be downloaded: .*\n$/,
    ],
    ['when it is asked to', ['--headless'], { DISPLAY: ':0' }, /^As asked: .*\n$/],
  ] as const)('%s says so in one line and serves', async (_what, given, more, words) => {
    const started = run(START, [...given, '--no-open', '--data', folder], env(more))
    const { origin } = await started.ready
    const answer = await fetch(origin)
    expect(answer.status).toBe(401)
    expect(await stop(started)).toBe(0)
    expect(started.errors()).toMatch(words)
    expect(started.lines[0]).toMatch(/^ready /)
  })

  test('starts the binary that is there and ends as it does', async () => {
    const more = { DISPLAY: ':0', ELECTRON_EXEC_PATH: '/bin/false', ELECTRON_RUN_AS_NODE: '1' }
    const started = run(START, [], env(more))
    expect(await started.ended).toBe(1)
    expect(started.lines).toEqual([])
    expect(started.errors()).toBe('')
  })
})

describe('the command line', () => {
  test('keeps standard output for the answer', async () => {
    const asked = run('scripts/kintsugi.mjs', ['--version'])
    expect(await asked.ended).toBe(0)
    expect(asked.lines).toEqual([expect.stringMatching(/^\d+\.\d+\.\d+$/)])
  })

  test('signals reach the command', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kintsugi-start-'))
    const served = run('scripts/kintsugi.mjs', ['serve', '--no-open', '--data', folder])
    await served.ready
    expect(await stop(served)).toBe(0)
    rmSync(folder, { recursive: true, force: true })
  })
})
