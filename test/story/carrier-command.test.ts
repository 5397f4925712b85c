import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { resolve } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FIRMWARE, KintsugiProcess, run, scratchFolder } from './kintsugi'

const BUILT_IN = resolve(import.meta.dirname, '../../resources/firmware')
const OLD = resolve(BUILT_IN, 'k1-1.0.0.bin')
const NEW = resolve(BUILT_IN, 'k1-1.1.0.bin')

describe('the carrier of a running workbench, by commands', () => {
  const scratch = scratchFolder()
  let count = 0
  let data: string
  let serve: KintsugiProcess
  let address: URL
  beforeEach(async () => {
    data = scratch.file(`data-${++count}`)
    mkdirSync(data)
    await start()
  })
  afterEach(() => serve.stop())
  afterAll(() => scratch.remove())

  async function start(): Promise<void> {
    serve = new KintsugiProcess('serve', '--no-open', '--port', '0', '--data', data)
    const ready = await serve.line(/^ready http/)
    address = new URL(ready.slice('ready '.length))
  }

  async function call(path: string, body: unknown): Promise<void> {
    const answer = await fetch(new URL(path, address), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${address.searchParams.get('token')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    })
    expect(answer.status).toBe(200)
  }

  async function carrier(...words: string[]) {
    const { exitCode, stdout } = await run('carrier', ...words, '--data', data, '--json')
    return { exitCode, answer: JSON.parse(stdout) as unknown }
  }

  test('a release goes to a handset, and both survive a kill of the workbench [S0-14] [S0-28] [S0-39]', async () => {
    await carrier('publish', OLD)
    await carrier('publish', NEW)
    await call('/api/handsets', { name: 'H-1', bricked: false, software: '1.0.0' })
    const { exitCode, stdout } = await run('handset', 'update', 'H-1', '--data', data, '--json')
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'updated' })
    expect(exitCode).toBe(0)
    await serve.stop('SIGKILL')
    await start()
    expect(await carrier('devices')).toMatchObject({
      exitCode: 0,
      answer: [
        {
          model: 'k1',
          software: { version: '1.1.0' },
          update: { kind: 'differential', state: 'updated', from: { version: '1.0.0' } },
        },
      ],
    })
    const table = await run('carrier', 'devices', '--data', data)
    expect(table.stdout).toMatch(/kintsugi-k1 1\.1\.0, differential, \d+ bytes, updated\n/)
  })

  test('the catalogue is filled, listed, and emptied again', async () => {
    const empty = await run('carrier', 'releases', '--data', data)
    expect(empty.stdout).toBe('The catalogue is empty.\n')
    expect(await carrier('publish', NEW)).toMatchObject({
      exitCode: 0,
      answer: { id: 1, model: 'k1', software: { name: 'kintsugi-k1', version: '1.1.0' } },
    })
    expect(await carrier('withdraw', '1')).toMatchObject({
      exitCode: 0,
      answer: { id: 1, withdrawnAt: expect.any(Number) },
    })
    const releases = await run('carrier', 'releases', '--data', data)
    expect(releases.stdout.split('\n')[1]).toMatch(/^1 .* 1\.1\.0 .*\d{2}:\d{2}:\d{2} {2}20\d\d-/)
    const where = await run('carrier', 'server', '--data', data)
    expect(where.stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\n$/)
  })

  test('a handset in a process of its own loses its power in the rewriting and finishes it [S0-37] [S0-39]', async () => {
    await carrier('publish', OLD)
    await carrier('publish', NEW)
    const { stdout } = await run('carrier', 'server', '--data', data)
    const handset = new KintsugiProcess(
      'handset',
      'run',
      'tcp-listen:127.0.0.1:0',
      '--software=1.0.0',
      '--name=H-2',
      `--carrier=${stdout.trim()}`,
      '--update',
      '--fault=flash:power-cut@60',
      '--power-cycle',
    )
    try {
      await handset.line(/^needs-file/)
      await handset.line(/^update: updated to kintsugi-k1 1\.1\.0/)
    } finally {
      await handset.stop()
    }
    const { answer } = await carrier('devices')
    expect(answer).toContainEqual(
      expect.objectContaining({
        software: { name: 'kintsugi-k1', version: '1.1.0' },
        update: expect.objectContaining({ kind: 'differential', state: 'updated' }),
      }),
    )
  })

  test.each([
    { words: ['publish', FIRMWARE], exitCode: 2, code: 'RELEASE_UNFIT' },
    { words: ['publish', '/bin/ls'], exitCode: 2, code: /^IMAGE_/ },
    { words: ['publish', 'nowhere.bin'], exitCode: 2, code: 'FILE_NOT_FOUND' },
    { words: ['withdraw', '99'], exitCode: 2, code: 'RELEASE_UNKNOWN' },
    { words: ['withdraw', 'all'], exitCode: 2, code: 'USAGE' },
  ])('$words is refused with $exitCode', async ({ words, exitCode, code }) => {
    const refused = await carrier(...words)
    expect(refused).toMatchObject({
      exitCode,
      answer: { error: { code: expect.stringMatching(code) } },
    })
  })
})

test.each(['x', '-1', '65536'])('serve --carrier-port %s is refused', async port => {
  const { exitCode, stderr } = await run('serve', '--no-open', `--carrier-port=${port}`)
  expect(exitCode).toBe(2)
  expect(stderr).toContain(`--carrier-port must be a number from 0 to 65535, not "${port}"`)
})

test('a port for handsets that is taken ends serve before it is ready', async () => {
  const scratch = scratchFolder()
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  try {
    const { port } = taken.address() as AddressInfo
    const options = ['--no-open', '--data', scratch.file('data'), '--carrier-port', String(port)]
    const { exitCode, stdout, stderr } = await run('serve', ...options)
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toContain(`Port ${port} of 127.0.0.1 cannot be used for the carrier`)
  } finally {
    taken.close()
    scratch.remove()
  }
})

test('without a workbench the carrier is said to be missing', async () => {
  const scratch = scratchFolder()
  const { exitCode, stderr } = await run('carrier', 'devices', '--data', scratch.file('none'))
  scratch.remove()
  expect(exitCode).toBe(2)
  expect(stderr).toContain('The carrier lives in a running workbench, and none serves')
})
