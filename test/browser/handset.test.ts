import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Browser, Page, WebSocketRoute } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { peer } from '../support/peers'
import {
  accessibilityFaults,
  openBrowser,
  startHost,
  tabTo,
  temporaryFolder,
  visit,
  type Host,
} from './support'

const IMAGE = resolve(import.meta.dirname, '../../resources/firmware/k1-2.0.0.bin')
/** The CPU of the handset works for its self-test before it says that it runs. */
const STARTED = { timeout: 120_000 }

describe.skipIf(!peer('chromium'))('The Handset console', () => {
  let browser: Browser
  let host: Host
  let folder: Awaited<ReturnType<typeof temporaryFolder>>

  beforeAll(async () => {
    folder = await temporaryFolder()
    host = await startHost(folder.path)
    browser = await openBrowser()
  })

  beforeEach(async () => {
    await host.call('PATCH', '/settings', { language: 'en', theme: 'dark', layout: {} })
    const handsets = (await host.call('GET', '/handsets')) as { name: string }[]
    for (const { name } of handsets) await host.call('DELETE', `/handsets/${name}`)
  })

  afterAll(async () => {
    await browser?.close()
    await host?.stop()
    await folder?.remove()
  })

  test('makes a handset whose screen shows what its keys do, by mouse', async () => {
    const { page, complaints, close } = await visit(browser, host)
    await page.getByRole('link', { name: 'Handset' }).click()
    await page.getByText('No handset yet').waitFor()
    await page.getByRole('button', { name: 'New virtual handset' }).click()
    await page.getByLabel('Name').fill('phone')
    await page.getByRole('button', { name: 'Create', exact: true }).click()
    await expectState(page, 'Running')
    await page.getByText('The flash names its software kintsugi-k1 1.0.0').waitFor()
    const home = await steadyScreen(page)

    const select = page.getByRole('button', { name: 'Select', exact: true })
    await select.hover()
    await page.mouse.down()
    await page.locator('[data-key="select"][data-held]').waitFor()
    expect(await keysOf(host, 'phone')).toEqual(['select'])
    await page.mouse.up()
    await page.locator('[data-key="select"]:not([data-held])').waitFor()
    expect(await keysOf(host, 'phone')).toEqual([])
    await expect.poll(() => screenOf(page)).not.toBe(home)

    await page.getByRole('button', { name: 'Power off' }).click()
    await expectState(page, 'Off')
    await page.getByRole('img', { name: 'Screen of phone: dark' }).waitFor()
    expect(await screenOf(page)).toBe('0')
    await page.getByRole('button', { name: 'Restore mode' }).click()
    await expectState(page, 'Restore mode, waiting')
    await page.getByText('The select key was held while the power came').waitFor()
    expect(await keysOf(host, 'phone')).toEqual([])
    expect(complaints).toEqual([])
    await close()
  })

  test('tells in words why a handset that lost its power in a restore does not boot', async () => {
    await host.call('POST', '/handsets', { name: 'cut', bricked: true })
    const { digest } = await host.upload('k1-2.0.0.bin', await readFile(IMAGE))
    const { page, complaints, close } = await visit(browser, host)
    await page.keyboard.press('Alt+2')
    await expectState(page, 'Restore mode, waiting')
    await page.getByRole('button', { name: 'Cut at…' }).click()
    await page.getByLabel('Flash operations from now').fill('60')
    await page.getByRole('button', { name: 'Plan the cut' }).click()
    await page.getByText(/^flash:power-cut@\d+/).waitFor()
    await host.call('POST', '/restores', { link: 'virtual:cut', digest })
    await expectState(page, 'Off', STARTED)
    await page.getByText('The power went while its software was being written.').waitFor()

    await page.getByRole('region', { name: 'State and reason' }).getByText('Power on').click()
    await expectState(page, 'Restore mode, waiting', STARTED)
    await page.getByText('The journal in the flash is open').waitFor()
    await page
      .getByText(/sectors? .*(written in part|are erased|is erased)/)
      .first()
      .waitFor()
    await page.getByRole('img', { name: 'Sectors of the software' }).waitFor()
    await page.getByRole('tab', { name: 'Timeline' }).click()
    await page.getByText('before: Being written').waitFor()
    await page.getByRole('button', { name: 'Open on the Restore bench' }).click()
    await page.getByRole('main', { name: 'Restore bench' }).waitFor()
    expect(await page.getByRole('radio', { name: /^cut/ }).isChecked()).toBe(true)
    expect(complaints).toEqual([])
    await close()
  })

  test('is worked by keyboard alone', async () => {
    const { page, complaints, close } = await visit(browser, host)
    await page.keyboard.press('Alt+2')
    await runCommand(page, 'new virtual')
    await page.getByRole('dialog', { name: 'New virtual handset' }).waitFor()
    await tabTo(page, 'input[id$="-name"]')
    await page.keyboard.press('Control+A')
    await page.keyboard.type('keys')
    await page.keyboard.press('Enter')
    await expectState(page, 'Running')
    const home = await steadyScreen(page)
    await page.keyboard.press('Control+Shift+H')
    await page.locator('#handset-phone:focus').waitFor()
    await page.keyboard.down('Enter')
    await page.locator('[data-key="select"][data-held]').waitFor()
    await page.keyboard.up('Enter')
    await expect.poll(() => screenOf(page)).not.toBe(home)

    // Tab leaves the phone, whose other keys it would take; a key still held is let go.
    await page.keyboard.down('5')
    await page.locator('[data-key="5"][data-held]').waitFor()
    await tabTo(page, '[role="tab"]')
    await page.keyboard.up('5')
    await expect.poll(() => keysOf(host, 'keys')).toEqual([])

    await tabTo(page, '[role="listbox"]')
    await page.keyboard.press('Home')
    for (let cell = 0; cell < 16; cell++) await page.keyboard.press('ArrowRight')
    await page.getByRole('option', { name: /^0x00010000 · Software · programmed/ }).waitFor()
    await page.keyboard.press('Enter')
    await page
      .locator('.hex .line', { hasText: '00010000' })
      .or(page.locator('.hex .line'))
      .first()
      .waitFor()

    await page.getByRole('tab', { name: 'Memory' }).focus()
    await page.keyboard.press('ArrowRight')
    const lines = page.getByRole('log', { name: 'Terminal of keys' })
    await lines.getByText('Kintsugi k1 1.0.0').waitFor()
    // The last that a start says by itself: nothing comes after the terminal was cleared.
    await lines.getByText('radio: in service').waitFor()
    await runCommand(page, 'type in the terminal')
    await page.locator('#handset-terminal-input:focus').waitFor()
    await page.keyboard.type('hello')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.locator('#handset-terminal-input').inputValue()).toBe('')
    await runCommand(page, 'clear terminal')
    await page.getByText('Cleared. New output appears here.').waitFor()
    expect(complaints).toEqual([])
    await close()
  })

  test('operates two handsets at once, each with its own screen and keys', async () => {
    await host.call('POST', '/handsets', { name: 'left', bricked: false, software: '1.0.0' })
    await host.call('POST', '/handsets', { name: 'right', bricked: false, software: '2.0.0' })
    const { page, complaints, close } = await visit(browser, host)
    await page.keyboard.press('Alt+2')
    const notes = page.getByRole('region', { name: 'Virtual handsets' })
    await notes.getByText('k1 · 1.0.0 · Running').waitFor(STARTED)
    await notes.getByText('k1 · 2.0.0 · Running').waitFor(STARTED)
    await page.getByRole('radio', { name: /^left/ }).focus()
    await page.keyboard.press('Space')
    const left = await steadyScreen(page)
    await page.keyboard.press('ArrowDown')
    await page.getByRole('application', { name: 'Phone right' }).waitFor()
    const right = await steadyScreen(page)
    expect(right).not.toBe(left)
    await page.getByRole('button', { name: 'Select', exact: true }).click({ delay: 150 })
    await expect.poll(() => screenOf(page)).not.toBe(right)
    await runCommand(page, 'previous handset')
    await page.getByRole('application', { name: 'Phone left' }).waitFor()
    await expect.poll(() => screenOf(page)).toBe(left)
    expect(complaints).toEqual([])
    await close()
  })

  test('secures RAM, names the tasks that are limited in their order, and gives it back', async () => {
    await host.call('POST', '/handsets', { name: 'full', bricked: false })
    const { page, complaints, close } = await visit(browser, host)
    await page.keyboard.press('Alt+2')
    await expectState(page, 'Running')
    await page.getByLabel('Bytes of the area').fill('100000')
    await page.getByRole('button', { name: 'Secure area' }).click()
    await page.getByText('in this order: 1. phonebook-cache, 2. browser.').waitFor(STARTED)
    await page.getByRole('button', { name: 'Release' }).click()
    await page.getByLabel('Bytes of the area').fill('260000')
    await page.getByRole('button', { name: 'Secure area' }).click()
    await page.getByText('So much RAM cannot be secured.').waitFor()
    expect(complaints).toEqual([])
    await close()
  })

  test('counts from now what is executed, and says when no task holds RAM', async () => {
    await host.call('POST', '/handsets', { name: 'counted', bricked: false })
    const { page, complaints, close } = await visit(browser, host)
    await page.keyboard.press('Alt+2')
    await expectState(page, 'Running')
    await page.getByText('Execution', { exact: true }).click()
    // The self-test read every byte of the software.
    await page.getByText(/ 100% read as data/).waitFor()
    await page.getByRole('button', { name: 'Count from now' }).click()
    await page.getByText(/[1-9]\d*% executed, \d{1,2}% read as data/).waitFor(STARTED)
    await page.getByRole('cell', { name: 'telephony' }).waitFor()
    await page.getByRole('button', { name: 'Power off' }).click()
    await page.getByText('No software runs: there are no tasks, and none holds RAM.').waitFor()
    expect(await page.getByRole('cell', { name: 'telephony' }).count()).toBe(0)
    expect(complaints).toEqual([])
    await close()
  })

  test('plans faults from the list and as lines, and says what is wrong with a line', async () => {
    await host.call('POST', '/handsets', { name: 'faulty' })
    const { page, complaints, close } = await visit(browser, host)
    await page.keyboard.press('Alt+2')
    await page.getByRole('button', { name: 'Plan a fault…' }).click()
    await page.getByLabel('Fault', { exact: true }).selectOption('torn-erase')
    await page.getByLabel('Flash operations from now').fill('3')
    expect(await page.getByLabel('As one line').inputValue()).toBe('flash:torn-erase@3')
    await page.getByLabel('As one line').fill('flash:nonsense@3')
    await page.getByRole('button', { name: 'Plan it' }).click()
    await page.getByText('That is no fault.').waitFor()
    await page.getByLabel('As one line').fill('flash:disturb@3,bits=2')
    await page.getByRole('button', { name: 'Plan it' }).click()
    await page.getByText(/^flash:disturb@\d+,bits=2/).waitFor()
    await page.getByRole('button', { name: 'Take all back' }).click()
    await page.getByText('None planned.').waitFor()
    expect(complaints).toEqual([])
    await close()
  })

  test('shows after a break of the connection what happened meanwhile', async () => {
    await host.call('POST', '/handsets', { name: 'phone', bricked: false })
    const { page, close } = await visit(browser, host)
    const routes: WebSocketRoute[] = []
    let isCut = false
    await page.routeWebSocket(/\/socket$/, route => {
      routes.push(route)
      if (isCut) void route.close()
      else route.connectToServer()
    })
    await page.reload()
    await page.keyboard.press('Alt+2')
    await expectState(page, 'Running')
    await page.getByRole('tab', { name: 'Terminal' }).click()
    const banners = page.getByRole('log').getByText('Kintsugi k1 1.0.0')
    await expect.poll(() => banners.count()).toBe(1)
    await expect
      .poll(() => host.call('GET', '/settings'))
      .toMatchObject({ layout: { 'handset.tab': 1 } })
    isCut = true
    await routes[0]?.close()
    await page.locator('.status [data-state="reconnecting"]').waitFor()
    await host.call('POST', '/handsets/phone/power', { on: false })
    await host.call('POST', '/handsets/phone/power', { on: true })
    isCut = false
    await page.locator('.status [data-state="connected"]').waitFor()
    await expectState(page, 'Running')
    await expect.poll(() => banners.count()).toBe(2)
    await steadyScreen(page)
    await close()
  })

  for (const theme of ['light', 'dark'] as const) {
    test(`holds nothing that axe finds, in ${theme}, wide and narrow`, async () => {
      await host.call('POST', '/handsets', { name: 'first', bricked: false })
      await host.call('POST', '/handsets', { name: 'second' })
      await host.call('PATCH', '/settings', { theme })
      const { page, complaints, close } = await visit(browser, host)
      await page.keyboard.press('Alt+2')
      await expectState(page, 'Running')
      const expectClean = async (view: string) => {
        expect({ view, faults: await accessibilityFaults(page) }).toEqual({ view, faults: [] })
      }
      for (const overlay of ['Wear', 'Execution', 'Content']) {
        await page.getByRole('radio', { name: overlay }).focus()
        await page.keyboard.press('Space')
        await expectClean(`memory, ${overlay}`)
      }
      await page.getByRole('listbox').first().focus()
      await page.keyboard.press('Enter')
      await page.locator('.hex').waitFor()
      await expectClean('bytes')
      for (const tab of ['Terminal', 'Timeline', 'Update', 'Power cuts']) {
        await page.getByRole('tab', { name: tab }).click()
        await expectClean(tab)
      }
      for (const dialog of ['new virtual', 'plan a fault', 'cut power at']) {
        await runCommand(page, dialog)
        await page.getByRole('dialog').waitFor()
        await expectClean(dialog)
        await page.keyboard.press('Escape')
        await page.getByRole('dialog').waitFor({ state: 'detached' })
      }
      await page.setViewportSize({ width: 640, height: 400 })
      await page.locator('.stacked').waitFor()
      await expectClean('narrow')
      expect(complaints).toEqual([])
      await close()
    })
  }
})

async function expectState(page: Page, state: string, options = STARTED): Promise<void> {
  const region = page.getByRole('region', { name: 'State and reason' })
  await region.getByRole('heading', { name: state, exact: true }).waitFor(options)
}

async function runCommand(page: Page, words: string): Promise<void> {
  await page.keyboard.press('Control+Shift+P')
  await page.getByRole('dialog', { name: 'Command palette' }).waitFor()
  await page.keyboard.type(words)
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: 'Command palette' }).waitFor({ state: 'detached' })
}

/** A number for what the phone's screen shows below its status line; `0`: nothing. */
function screenOf(page: Page): Promise<string> {
  return page.locator('#handset-phone canvas').evaluate(canvas => {
    const { width, height } = canvas as HTMLCanvasElement
    const context = (canvas as HTMLCanvasElement).getContext('2d')
    const { data } = context?.getImageData(0, 30, width, height - 30) ?? { data: [] }
    let sum = 0
    for (const value of data) sum = (sum * 31 + value) >>> 0
    return sum.toString(16)
  })
}

/** What the screen shows once it is drawn: the same several times, and not nothing. */
async function steadyScreen(page: Page): Promise<string> {
  let [last, times] = ['0', 0]
  await expect
    .poll(
      async () => {
        const now = await screenOf(page)
        times = now === last && now !== '0' ? times + 1 : 0
        last = now
        return times
      },
      { interval: 150, timeout: 120_000 },
    )
    .toBeGreaterThanOrEqual(3)
  return last
}

async function keysOf(host: Host, name: string): Promise<readonly string[]> {
  const handsets = (await host.call('GET', '/handsets')) as { name: string; keys: string[] }[]
  return handsets.find(handset => handset.name === name)?.keys ?? []
}
