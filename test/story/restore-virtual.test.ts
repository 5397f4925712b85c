import { mkdirSync } from 'node:fs'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
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
    const answer = await fetch(new URL('/api/handsets', address), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${address.searchParams.get('token')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ name }),
    })
    expect(answer.status).toBe(200)
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
})
