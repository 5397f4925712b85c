import { mkdirSync, writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { realClock } from '../../src-main/observe/real-clock'
import { openStorage } from '../../src-main/storage/open-storage'
import { writeServeFile } from '../../src-main/storage/serve-file'
import { noise } from '../restore/workshop'
import { KintsugiProcess, FIRMWARE, run, scratchFolder } from './kintsugi'

describe('a virtual handset of a running workbench', () => {
  const scratch = scratchFolder()
  const data = scratch.file('data')
  let serve: KintsugiProcess
  let address: URL
  beforeEach(async () => {
    mkdirSync(data, { recursive: true })
    serve = new KintsugiProcess('serve', '--no-open', '--port', '0', '--data', data)
    const ready = await serve.line(/^ready http/)
    address = new URL(ready.slice('ready '.length))
  })
  afterEach(() => serve.stop())
  afterAll(() => scratch.remove())

  async function makeHandset(name: string): Promise<void> {
    await call('/api/handsets', { method: 'POST', body: JSON.stringify({ name }) })
  }

  async function call(path: string, init: RequestInit = {}): Promise<unknown> {
    const answer = await fetch(new URL(path, address), {
      ...init,
      headers: {
        authorization: `Bearer ${address.searchParams.get('token')}`,
        'content-type': 'application/json',
      },
    })
    expect(answer.status).toBe(200)
    return answer.json()
  }

  test('is identified and restored by its name, through the workbench', async () => {
    await makeHandset('T-0001')
    const identified = await run('identify', 'virtual:T-0001', '--data', data, '--json')
    expect(JSON.parse(identified.stdout)).toMatchObject({ device: { mode: 'restore-mode' } })
    const log = scratch.file('log.txt')
    const commandLine = ['virtual:T-0001', FIRMWARE, '--data', data, '--json', '--log', log]
    const { exitCode, stdout } = await run('restore', ...commandLine)
    expect(JSON.parse(stdout)).toMatchObject({
      link: 'virtual:T-0001',
      result: 'written',
      verified: true,
      bytes: 320_016,
    })
    expect(exitCode).toBe(0)
  })

  test('that does not exist is said to be missing', async () => {
    const { exitCode, stdout } = await run(
      'restore',
      'virtual:none',
      FIRMWARE,
      '--data',
      data,
      '--json',
    )
    expect(JSON.parse(stdout)).toMatchObject({
      result: 'failed',
      error: { code: 'LINK_NOT_FOUND', message: expect.stringContaining('"none"') },
    })
    expect(exitCode).toBe(1)
  })

  test('a file that is no image is refused there as here', async () => {
    const { exitCode, stdout } = await run(
      'restore',
      'virtual:none',
      '/bin/ls',
      '--data',
      data,
      '--json',
    )
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: expect.stringMatching(/^IMAGE_(FOREIGN|DAMAGED)$/) },
    })
    expect(exitCode).toBe(2)
  })

  test('is lost with its workbench, and that is said', async () => {
    await makeHandset('T-0002')
    const large = scratch.file('large.bin')
    writeFileSync(large, noise(1_500_000))
    const commandLine = ['restore', 'virtual:T-0002', large, '--data', data, '--json']
    const restoring = new KintsugiProcess(...commandLine)
    for (let stage: unknown; stage !== 'writing';) {
      const restores = (await call('/api/restores?limit=1')) as { stage: string }[]
      stage = restores.find(restore => restore.stage === 'writing')?.stage
    }
    await serve.stop('SIGKILL')
    const { exitCode, stdout, stderr } = await restoring.finished()
    const { error } = JSON.parse(stdout)
    expect(error).toMatchObject({
      code: 'WORKBENCH_LOST',
      message: expect.stringContaining('Start it again with "kintsugi serve"'),
    })
    expect(exitCode).toBe(1)
    expect(stderr).toContain(`kintsugi: ${error.message}\n`)
  })
})

describe('a workbench that holds its data folder but does not answer', () => {
  const scratch = scratchFolder()
  afterAll(() => scratch.remove())

  test.each(['identify', 'restore'])('is named when %s asks for it', async command => {
    const dataDir = scratch.file('data')
    const storage = await openStorage({ dataDir, clock: realClock })
    try {
      await writeServeFile(dataDir, { pid: 1, address: 'http://127.0.0.1:1', token: 'x' })
      const words = command === 'restore' ? ['virtual:T-0001', FIRMWARE] : ['virtual:T-0001']
      const { exitCode, stdout } = await run(command, ...words, '--data', dataDir, '--json')
      const { error } = JSON.parse(stdout)
      expect(error).toMatchObject({ code: 'NO_WORKBENCH', data: { dataDir } })
      expect(error.message).toContain(`${dataDir} does not answer`)
      expect(exitCode).toBe(2)
    } finally {
      await storage.close()
    }
  })
})
