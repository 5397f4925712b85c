import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createWorkbench } from '../../src-main/workbench'
import { ask } from './raw-request'
import { run, stop, type ServeProcess } from './serve-process'

const CLI = 'out/main/cli.js'

describe('serve', () => {
  let dataDir: string
  let started: ServeProcess[]

  const serve = (given: readonly string[] = ['--no-open'], env: NodeJS.ProcessEnv = {}) => {
    const process = run(CLI, ['serve', '--data', dataDir, ...given], env)
    started.push(process)
    return process
  }

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'kintsugi-serve-'))
    started = []
  })
  afterEach(async () => {
    for (const process of started) process.child.kill('SIGKILL')
    await Promise.all(started.map(process => process.ended))
    rmSync(dataDir, { recursive: true, force: true })
  })

  test('prints its address last, serves the window and the contract, ends with 0', async () => {
    const process = serve()
    const { origin, searchParams, port } = await process.ready
    const token = searchParams.get('token')
    expect(process.lines).toHaveLength(1)
    expect(process.lines[0]).toMatch(/^ready http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}$/)

    const entry = await ask({
      port: Number(port),
      path: `/?token=${token}`,
      headers: { host: `127.0.0.1:${port}` },
    })
    expect(entry).toMatchObject({ status: 303, headers: { location: '/' } })
    const cookie = String(entry.headers['set-cookie']).split(';')[0] ?? ''
    const page = await ask({ port: Number(port), headers: { host: `127.0.0.1:${port}`, cookie } })
    expect(page.body).toContain('<div id="app">')
    const hello = await fetch(`${origin}/api/hello`, {
      headers: { authorization: `Bearer ${token}` },
    })
    expect(await hello.json()).toMatchObject({ host: 'headless', dataDir })

    expect(await stop(process)).toBe(0)
    expect(process.errors()).toBe('')
    await expect(fetch(origin)).rejects.toThrow('fetch failed')
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('%s ends it while a stream is open', async signal => {
    const process = serve()
    const { origin, searchParams } = await process.ready
    const stream = await fetch(`${origin}/api/connect?contract=1`, {
      headers: { authorization: `Bearer ${searchParams.get('token')}` },
    })
    const reader = stream.body?.getReader()
    await reader?.read()
    process.child.kill(signal)
    expect(await process.ended).toBe(0)
    await reader?.cancel().catch(() => {})
  })

  test('the file for other programs of the same user is private and goes with it', async () => {
    const process = serve()
    const { origin, searchParams } = await process.ready
    const file = join(dataDir, 'serve.json')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      pid: process.child.pid,
      address: origin,
      token: searchParams.get('token'),
    })
    await stop(process)
    expect(statSync(file, { throwIfNoEntry: false })).toBeUndefined()
  })

  test('a second start on the same data tells the address of the first and exits with 2', async () => {
    const first = serve()
    const { href, origin } = await first.ready
    const second = serve()
    expect(await second.ended).toBe(2)
    expect(second.lines).toEqual([`running ${href}`])
    expect(second.errors()).toBe(
      `kintsugi: Kintsugi already serves ${dataDir} at ${origin}; its whole address is on standard output.\n`,
    )
    expect(await stop(first)).toBe(0)
  })

  test('after one that was killed the next start serves', async () => {
    const first = serve()
    await first.ready
    first.child.kill('SIGKILL')
    await first.ended
    const second = serve()
    await second.ready
    expect(await stop(second)).toBe(0)
  })

  test('one that was killed is not pointed to while a script works in its folder', async () => {
    const first = serve()
    await first.ready
    first.child.kill('SIGKILL')
    await first.ended
    const script = await createWorkbench({ dataDir })
    const second = serve()
    expect(await second.ended).toBe(2)
    expect(second.lines).toEqual([])
    expect(second.errors()).toMatch(/^kintsugi: Another Kintsugi works in the data folder .*\n$/)
    await script.close()
  })

  test.each([
    ['a data folder without a name', ['--data', ''], /--data needs the path of a folder/],
    ['a port that is none', ['--port', 'abc'], /--port must be a number from 0 to 65535/],
    ['a port beyond the last', ['--port', '65536'], /--port must be a number from 0 to 65535/],
    ['an option that does not exist', ['--no-token'], /unknown option '--no-token'/],
  ])('%s is bad usage', async (_what, given, words) => {
    const process = serve(given)
    expect(await process.ended).toBe(2)
    expect(process.errors()).toMatch(words)
    expect(process.errors()).not.toMatch(/\n\s+at /)
    expect(process.lines).toEqual([])
  })

  test('a port in use is told in one line', async () => {
    const first = serve()
    const { port } = await first.ready
    const other = mkdtempSync(join(tmpdir(), 'kintsugi-serve-'))
    const second = run(CLI, ['serve', '--no-open', '--port', port, '--data', other])
    started.push(second)
    expect(await second.ended).toBe(2)
    expect(second.errors()).toMatch(/^kintsugi: Port \d+ of 127\.0\.0\.1 cannot be used: .*\n$/)
    rmSync(other, { recursive: true, force: true })
  })

  test('a data folder that cannot be one is told in one line', async () => {
    const file = join(dataDir, 'file')
    writeFileSync(file, 'in the way')
    const process = run(CLI, ['serve', '--no-open', '--data', file])
    started.push(process)
    expect(await process.ended).toBe(2)
    expect(process.errors()).toMatch(/^kintsugi: The data folder .* cannot be used: .*\n$/)
    expect(process.lines).toEqual([])
  })

  test.skipIf(process.platform === 'win32')(
    'the browser is handed a private page that leads here once, and no token',
    async () => {
      const bin = mkdtempSync(join(tmpdir(), 'kintsugi-bin-'))
      const record = join(bin, 'arguments')
      writeFileSync(join(bin, 'xdg-open'), `#!/bin/sh\nprintf '%s' "$*" > '${record}'\n`)
      chmodSync(join(bin, 'xdg-open'), 0o755)
      const served = serve([], { PATH: `${bin}${delimiter}${process.env['PATH']}` })
      const { port, searchParams } = await served.ready
      await expect
        .poll(() => statSync(record, { throwIfNoEntry: false })?.size ?? 0)
        .toBeGreaterThan(0)

      const given = readFileSync(record, 'utf8')
      expect(given).toMatch(/^file:\/\/\S+\/open\.html$/)
      const page = fileURLToPath(given)
      expect(statSync(page).mode & 0o777).toBe(0o600)
      const html = readFileSync(page, 'utf8')
      expect(html).not.toContain(searchParams.get('token'))
      const path = /url=http:\/\/127\.0\.0\.1:\d+(\/\?ticket=[\w-]{43})"/.exec(html)?.[1] ?? ''
      const visit = () =>
        ask({
          port: Number(port),
          path,
          headers: { host: `127.0.0.1:${port}`, 'sec-fetch-site': 'cross-site' },
        })
      expect(await visit()).toMatchObject({ status: 200, body: expect.stringContaining('url=/') })
      expect(await visit()).toMatchObject({ status: 401 })

      expect(await stop(served)).toBe(0)
      expect(statSync(page, { throwIfNoEntry: false })).toBeUndefined()
      rmSync(bin, { recursive: true, force: true })
    },
  )

  test('where there is no browser it serves all the same', async () => {
    const served = serve([], { PATH: '/nonexistent' })
    await served.ready
    expect(await stop(served)).toBe(0)
    expect(served.errors()).toBe('')
  })
})
