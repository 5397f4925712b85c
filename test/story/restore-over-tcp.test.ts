import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { handsetOverTcp, KintsugiProcess, FIRMWARE, run, scratchFolder } from './kintsugi'

describe('bricked handsets at the end of TCP links', () => {
  const scratch = scratchFolder()
  const running: KintsugiProcess[] = []
  afterEach(async () => {
    await Promise.all(running.splice(0).map(each => each.stop()))
  })
  afterAll(() => scratch.remove())

  async function bricked(...options: string[]): Promise<string> {
    const { handset, link } = await handsetOverTcp(...options)
    running.push(handset)
    return link
  }

  test('are restored one after the other, with a log of what was said', async () => {
    const link = await bricked()
    const log = scratch.file('restore.log')
    const restored = await run('restore', link, FIRMWARE, '--log', log)
    expect(restored.exitCode).toBe(0)
    expect(restored.stdout).toMatch(/: written, verified: 320016 bytes at /)
    const text = readFileSync(log, 'utf8')
    expect(text).toContain('micropython-next.bin, 320016 bytes')
    expect(text).toContain('After the reset the device answers from its restore mode.')
    const again = await run('restore', link, FIRMWARE)
    expect(again.stdout).toBe(`${link}: up-to-date, verified. Nothing had to be sent.\n`)
  })

  test('are restored several at once, and one that is missing does not hold up the others', async () => {
    const links = [await bricked('--seed', '1'), await bricked('--seed', '2')]
    const gone = 'tcp:127.0.0.1:1'
    const { exitCode, stdout } = await run('restore', ...links, gone, FIRMWARE, '--json')
    expect(exitCode).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      restores: [
        { link: links[0], result: 'written', verified: true, lineRateRatio: null },
        { link: links[1], result: 'written', verified: true },
        { link: gone, result: 'failed', verified: false, error: { code: 'LINK_REFUSED' } },
      ],
    })
  })

  test('outlive callers that hang up while they wait, and end when they are told to', async () => {
    const { handset, link } = await handsetOverTcp()
    running.push(handset)
    const first = await caller(link)
    const [rude, polite] = [await caller(link), await caller(link)]
    rude.resetAndDestroy()
    polite.end('hello')
    await once(polite, 'close')
    first.destroy()
    const { exitCode } = await run('identify', link)
    expect(exitCode).toBe(0)
    expect(await handset.stop()).toMatchObject({ exitCode: 0 })
  })

  test('end quietly when nobody reads what they say any more', async () => {
    const { handset, link } = await handsetOverTcp()
    running.push(handset)
    handset.deafen()
    const { exitCode } = await run('restore', link, FIRMWARE)
    expect(exitCode).toBe(0)
    expect((await handset.stop()).exitCode).toBe(0)
  })

  test('are not verified where nobody wants that, and the result says so', async () => {
    const link = await bricked()
    const { exitCode, stdout } = await run('restore', link, FIRMWARE, '--no-verify', '--json')
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ result: 'written', verified: false })
  })
})

async function caller(link: string): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: Number(link.split(':').at(-1)) })
  await once(socket, 'connect')
  return socket
}
