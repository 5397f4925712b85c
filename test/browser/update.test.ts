import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { peer } from '../support/peers'
import { chooseFile, drop, removeHandsets } from './bench-steps'
import {
  accessibilityFaults,
  openBrowser,
  startHost,
  temporaryFolder,
  visit,
  type Host,
} from './support'

const FIRMWARE = resolve(import.meta.dirname, '../../resources/firmware')
const NEW_SOFTWARE = resolve(FIRMWARE, 'k1-1.1.0.bin')
/** A CPU is emulated, a file is made, sent and written in the flash's own time. */
const UPDATED = { timeout: 200_000 }

describe.skipIf(!peer('chromium'))('Updates over the radio in the window', () => {
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
    await removeHandsets(host)
    await withdrawAll(host)
  })

  afterAll(async () => {
    await browser?.close()
    await host?.stop()
    await folder?.remove()
  })

  test('[S0-25] [S0-39] an image is published, a phone asks and is updated, step by step', async () => {
    // What the phone runs must be known to make a differential file from it.
    await upload(host, 'k1-1.0.0.bin')
    await host.call('POST', '/handsets', { name: 'phone', bricked: false, software: '1.0.0' })
    const { page, complaints, close } = await visit(browser, host)
    await page.keyboard.press('Alt+Shift+3')
    await page.getByRole('main', { name: 'Carrier' }).waitFor()
    await page.getByText(/^Handsets reach the server at http:\/\/127\.0\.0\.1:\d+$/).waitFor()
    await chooseFile(page, NEW_SOFTWARE, () =>
      page.getByRole('button', { name: 'Add image…' }).click(),
    )
    await page.getByRole('button', { name: 'Publish', disabled: false }).click()
    const catalogue = page.getByRole('region', { name: 'Update catalogue' })
    await catalogue.getByText('handed out · k1').waitFor()

    await page.keyboard.press('Alt+2')
    await expectState(page, 'Running')
    await page.getByText('No update asked for yet.').waitFor()
    await page.keyboard.press('Control+u')
    await page.getByRole('tab', { name: 'Update' }).click()
    const strip = page.getByRole('region', { name: 'Update over the radio' })
    await strip.getByText('Updated to the new software.').waitFor(UPDATED)
    await page.getByText('The flash names its software kintsugi-k1 1.1.0').waitFor(UPDATED)
    await expect.poll(() => marksOf(page), UPDATED).toEqual(Array(10).fill('done'))
    await page.getByText('kintsugi-k1 1.1.0', { exact: true }).waitFor()
    await page.getByText(/^differential file · /).waitFor()
    await page.getByRole('tab', { name: 'Timeline' }).click()
    const timeline = page.getByRole('group', { name: 'States of phone' })
    await expect.poll(() => timeline.innerText(), UPDATED).toContain('Judging')
    const names = await timeline.innerText()
    // Newest first.
    const order = ['Judging', 'Rewriting', 'complete in RAM', 'Receiving', 'Asking', 'RAM secured']
    const places = order.map(word => names.indexOf(word))
    expect(places.toSorted((a, b) => a - b)).toEqual(places)
    expect(places).not.toContain(-1)

    await page.keyboard.press('Alt+Shift+3')
    const devices = page.getByRole('region', { name: 'Devices' })
    await devices.getByRole('cell', { name: 'kintsugi-k1 1.1.0' }).waitFor()
    const updates = page.getByRole('region', { name: 'Updates' })
    await updates.getByRole('cell', { name: 'updated', exact: true }).waitFor()
    await updates.getByRole('cell', { name: /^differential, / }).waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    expect(complaints).toEqual([])
    await close()
  })

  test('[S0-44] a phone for which there is nothing is told so, and what to do', async () => {
    await host.call('POST', '/handsets', { name: 'newest', bricked: false, software: '2.0.0' })
    const { page, complaints, close } = await visit(browser, host)
    await page.keyboard.press('Alt+2')
    await expectState(page, 'Running')
    await page.getByRole('button', { name: 'Ask for an update', disabled: false }).click()
    await page.getByText('The carrier has no update for this software.').waitFor(UPDATED)
    await page.getByText('Publish a newer release on the Carrier console').waitFor()
    await page.getByRole('switch', { name: 'Radio cell in reach' }).click()
    const ask = page.getByRole('button', { name: 'Ask for an update' })
    await expect.poll(() => ask.isDisabled()).toBe(true)
    expect(complaints).toEqual([])
    await close()
  })

  test('[S0-37] a phone cut off in the rewriting says why, gets the same file and finishes', async () => {
    await publish(host, 'k1-1.1.0.bin')
    await host.call('POST', '/handsets', { name: 'cut', bricked: false, software: '1.0.0' })
    const { page, complaints, close } = await visit(browser, host)
    await page.keyboard.press('Alt+2')
    await expectState(page, 'Running')
    await host.call('POST', '/handsets/cut/cut-power', { inOperations: 90 })
    await page.getByRole('button', { name: 'Ask for an update', disabled: false }).click()
    await expectState(page, 'Off', UPDATED)
    await page.getByText('while its software was being rewritten in place').waitFor()
    const banner = page.getByRole('region', { name: 'State and reason' })
    await banner.getByRole('button', { name: 'Power on' }).click()
    await expectState(page, 'Needs its update file again', UPDATED)
    await banner.getByText('the journal in the flash knows which file it was').waitFor()
    await page.getByRole('tab', { name: 'Update' }).click()
    const marks = ['stopped here', 'not reached', 'not reached', 'under way']
    await expect
      .poll(() => marksOf(page), UPDATED)
      .toEqual([...Array<string>(7).fill('done'), ...marks])
    expect(await accessibilityFaults(page)).toEqual([])

    await banner.getByRole('button', { name: 'Get the file again' }).click()
    await page.getByText('Updated to the new software.').first().waitFor(UPDATED)
    await page.getByText('The flash names its software kintsugi-k1 1.1.0').waitFor(UPDATED)
    await expectState(page, 'Running', UPDATED)
    expect(complaints).toEqual([])
    await close()
  })

  test('an update can be cancelled before the rewriting; the flash stays as it is', async () => {
    // Nobody has asked for this pair before, so its file is made first; out of reach the phone then
    // tries for so long that the click is in time.
    await upload(host, 'k1-1.1.0.bin')
    await publish(host, 'k1-2.0.0.bin')
    await host.call('POST', '/handsets', { name: 'still', bricked: false, software: '1.1.0' })
    const { page, complaints, close } = await visit(browser, host)
    await page.keyboard.press('Alt+2')
    await expectState(page, 'Running')
    const strip = page.getByRole('region', { name: 'Update over the radio' })
    await strip.getByRole('button', { name: 'Ask for an update', disabled: false }).click()
    await host.call('POST', '/handsets/still/radio', { on: false })
    await strip.getByRole('button', { name: 'Cancel', disabled: false }).click()
    await strip.getByText('The update was cancelled.').waitFor(UPDATED)
    await expectState(page, 'Running')
    await page.getByText('The flash names its software kintsugi-k1 1.1.0').waitFor()
    expect(complaints).toEqual([])
    await close()
  })

  test('a release is withdrawn after a question, and what is no release is refused in words', async () => {
    await publish(host, 'k1-1.1.0.bin')
    const { page, complaints, close } = await visit(browser, host)
    await page.keyboard.press('Alt+Shift+3')
    const catalogue = page.getByRole('region', { name: 'Update catalogue' })
    await catalogue.getByRole('button', { name: 'Withdraw kintsugi-k1 1.1.0' }).first().click()
    const question = page.getByRole('dialog', { name: 'Withdraw release' })
    await question.getByRole('button', { name: 'Cancel' }).click()
    await question.waitFor({ state: 'detached' })
    await catalogue.getByRole('button', { name: 'Withdraw kintsugi-k1 1.1.0' }).first().click()
    await question.getByRole('button', { name: 'Withdraw' }).click()
    await catalogue.getByText('withdrawn · k1').first().waitFor()
    await expect
      .poll(() => catalogue.getByRole('button', { name: /^Withdraw kintsugi/ }).count())
      .toBe(0)

    await drop(page, 'scrap.bin', Array<number>(600).fill(7))
    await page.getByRole('button', { name: 'Publish', disabled: false }).click()
    await page.getByText('The file cannot be a release.').waitFor()
    await page.getByRole('main', { name: 'Carrier' }).waitFor()
    expect(complaints).toEqual([])
    await close()
  })
})

async function upload(host: Host, name: string): Promise<{ digest: string }> {
  return host.upload(name, await readFile(resolve(FIRMWARE, name)))
}

async function publish(host: Host, name: string): Promise<void> {
  const { digest } = await upload(host, name)
  await host.call('POST', '/carrier/releases', { digest })
}

async function withdrawAll(host: Host): Promise<void> {
  const releases = (await host.call('GET', '/carrier/releases')) as {
    id: number
    withdrawnAt: number | null
  }[]
  for (const { id, withdrawnAt } of releases) {
    if (withdrawnAt === null) await host.call('POST', `/carrier/releases/${id}/withdraw`)
  }
}

function expectState(page: Page, name: string, wait = UPDATED): Promise<void> {
  const banner = page.getByRole('region', { name: 'State and reason' })
  return banner.getByRole('heading', { name, exact: true }).waitFor(wait)
}

/** What is said of each step of the update, in their order. */
function marksOf(page: Page): Promise<string[]> {
  return page.locator('.ladder li > .note').allInnerTexts()
}
