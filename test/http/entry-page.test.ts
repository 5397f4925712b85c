import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { peer } from '../support/peers'
import { host, type Hosted } from './hosted'

const program = peer('chromium')

describe.skipIf(!program)('a real browser', () => {
  let browser: Browser
  let hosted: Hosted

  beforeAll(async () => {
    hosted = await host()
    browser = await chromium.launch({
      executablePath: program ?? '',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    })
  })
  afterAll(async () => {
    await browser.close()
    await hosted.close()
  })

  test('comes in from the page on the disk and stays in', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kintsugi-entry-'))
    const file = join(folder, 'open.html')
    writeFileSync(file, `<meta http-equiv="refresh" content="0;url=${hosted.server.issueVisit()}">`)
    const page = await browser.newPage()
    await page.goto(pathToFileURL(file).href)
    await page.waitForURL(`${hosted.server.origin}/`)
    await expect.poll(() => page.title()).toBe('the window')
    expect((await page.reload())?.status()).toBe(200)
    await page.context().close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('comes in by the printed address, which then is clean', async () => {
    const page = await browser.newPage()
    await page.goto(hosted.server.entryUrl)
    expect(page.url()).toBe(`${hosted.server.origin}/`)
    expect(await page.title()).toBe('the window')
    expect(await page.evaluate('document.cookie')).toBe('')
    await page.context().close()
  })

  test('another page of it can neither read, change nor listen', async () => {
    const context = await browser.newContext()
    const own = await context.newPage()
    await own.goto(hosted.server.entryUrl)
    // Another port is the same site: the strict cookie comes along with every request.
    const evil = createServer((_incoming, outgoing) => outgoing.end('<title>evil</title>'))
    await once(evil.listen(0, '127.0.0.1'), 'listening')
    const page = await context.newPage()
    await page.goto(`http://127.0.0.1:${(evil.address() as AddressInfo).port}/`)
    const reached = await page.evaluate(async origin => {
      const fetched = (path: string, init: RequestInit) =>
        fetch(origin + path, { credentials: 'include', ...init }).then(
          () => 'answered',
          () => 'refused',
        )
      const socket = new WebSocket(`${origin.replace('http', 'ws')}/socket`)
      const listened = new Promise<string>(done => {
        socket.addEventListener('open', () => done('answered'))
        socket.addEventListener('error', () => done('refused'))
      })
      return [
        await fetched('/api/settings', {}),
        await fetched('/api/trace', { method: 'DELETE' }),
        await fetched('/api/handsets', { method: 'POST', mode: 'no-cors', body: '{"name":"h"}' }),
        await listened,
      ]
    }, hosted.server.origin)
    expect(reached).toEqual(['refused', 'refused', 'refused', 'refused'])
    expect(hosted.effects()).toBe(0)
    await context.close()
    evil.close()
  })
})
