import type { Browser, WebSocketRoute } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { peer } from '../support/peers'
import { openBrowser, startHost, temporaryFolder, visit, type Host } from './support'

describe.skipIf(!peer('chromium'))('The connection of the window', () => {
  let browser: Browser
  let host: Host
  let folder: Awaited<ReturnType<typeof temporaryFolder>>

  beforeAll(async () => {
    folder = await temporaryFolder()
    host = await startHost(folder.path)
    browser = await openBrowser()
    await host.call('PATCH', '/settings', { language: 'en' })
  })

  afterAll(async () => {
    await browser?.close()
    await host?.stop()
    await folder?.remove()
  })

  test('comes back by itself after a break and shows what happened meanwhile', async () => {
    const { page, close } = await visit(browser, host)
    const routes: WebSocketRoute[] = []
    let isCut = false
    await page.routeWebSocket(/\/socket$/, route => {
      routes.push(route)
      if (isCut) void route.close()
      else route.connectToServer()
    })
    await page.reload()
    await page.locator('.status [data-state="connected"]').waitFor()
    isCut = true
    await routes[0]?.close()
    await page.getByText('The connection to the workbench broke off.').waitFor()
    await host.call('POST', '/handsets', { name: 'meanwhile' })
    isCut = false
    await page.locator('.status [data-state="connected"]').waitFor()
    await page.getByRole('radio', { name: /^meanwhile/ }).waitFor()
    expect(await page.getByText('broke off').count()).toBe(0)

    // After so many attempts the next one is seconds away, so that only a person brings it on.
    isCut = true
    await routes.at(-1)?.close()
    await page.locator('.status [data-state="lost"]').waitFor()
    isCut = false
    await page.getByRole('button', { name: 'Try now' }).click()
    await page.locator('.status [data-state="connected"]').waitFor({ timeout: 6000 })
    await close()
  })

  test('tells after a restart of the host to open the new address, and works from there', async () => {
    const { page, close } = await visit(browser, host)
    const { port } = host
    await host.stop()
    await page.locator('.status [data-state="reconnecting"]').waitFor()
    host = await startHost(folder.path, port)
    await page.getByText('Open the address that it printed at its start.').waitFor()
    await page.goto(host.entry)
    await page.locator('.status [data-state="connected"]').waitFor()
    expect(await page.getByText('Open the address').count()).toBe(0)
    await close()
  })
})
