import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { peer } from '../support/peers'
import { chooseFile, removeHandsets } from './bench-steps'
import {
  accessibilityFaults,
  openBrowser,
  startHost,
  tabTo,
  temporaryFolder,
  visit,
  type Host,
} from './support'

const FIRMWARE = resolve(import.meta.dirname, '../../resources/firmware')
const [OLD, FRESH] = ['k1-1.0.0.bin', 'k1-1.1.0.bin'] as const
/** A file is made and a flash is cut off, many times. */
const TRIED = { timeout: 120_000 }

describe.skipIf(!peer('chromium'))('Power cuts on two images in the window', () => {
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
  })

  afterAll(async () => {
    await browser?.close()
    await host?.stop()
    await folder?.remove()
  })

  test('[S0-37] a sample is tried without a handset, and said in a sentence to quote', async () => {
    const { page, complaints, close } = await visit(browser, host)
    await page.keyboard.press('Alt+2')
    await page.getByText('No handset yet').waitFor()
    await page.getByRole('button', { name: 'Power cuts' }).click()
    await page.getByText('The library needs two images.').waitFor()
    const sides = { 'Installed software': OLD, 'New software': FRESH }
    for (const [side, name] of Object.entries(sides)) {
      await chooseFile(page, resolve(FIRMWARE, name), () =>
        page.getByRole('button', { name: 'Add image…' }).click(),
      )
      await expect.poll(() => chosenIn(page, side), TRIED).toContain(`${name} · `)
    }
    await page.getByLabel('How many').fill('0')
    expect(await start(page).isDisabled()).toBe(true)
    await page.getByLabel('How many').fill('60')
    await start(page).click()
    await page.getByText(/^60 cut points tried on your two images: .* none lost\.$/).waitFor(TRIED)
    const counts = await page.locator('tbody td.right').allInnerTexts()
    expect(counts).toHaveLength(6)
    expect(counts.map(Number).reduce((sum, count) => sum + count, 0)).toBe(60)
    expect(counts.slice(3)).toEqual(['0', '0', '0'])
    await page.locator('[data-verdict]').waitFor(TRIED)
    expect(await accessibilityFaults(page)).toEqual([])
    expect(complaints).toEqual([])
    await close()
  })

  test('[S0-36] [S0-37] a slider shows what each cut leaves, by keyboard alone', async () => {
    await cutOnce(host)
    const { page, complaints, close } = await visit(browser, host)
    await page.keyboard.press('Control+Shift+P')
    await page.keyboard.type('power cuts on two')
    await page.keyboard.press('Enter')
    await page.locator('[data-verdict]').waitFor(TRIED)
    await tabTo(page, 'input[type="range"]')
    await page.keyboard.press('Home')
    const line = page.locator('.replay code')
    await expect.poll(() => line.innerText(), TRIED).toMatch(/^flash:power-cut@1\b/)
    await page.locator('[data-verdict="old"]').waitFor()
    await page.getByRole('img', { name: /right after the cut, new 0, old [1-9]/ }).waitFor()
    await page.keyboard.press('End')
    const last = await page.getByRole('slider').getAttribute('max')
    await expect.poll(() => line.innerText(), TRIED).toContain(`@${last}`)
    await page.locator('[data-verdict="completed"]').waitFor()
    await page.getByRole('img', { name: /right after the cut, new [1-9]\d*, old 0/ }).waitFor()

    const middle = Math.floor(Number(last) / 2)
    await page.getByRole('slider').fill(String(middle))
    await page.locator('[data-verdict="needs-file"]').waitFor(TRIED)
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => line.innerText(), TRIED).toContain(`@${middle + 1}`)
    await page.getByLabel('How the power is cut').selectOption('torn')
    await expect.poll(() => line.innerText(), TRIED).toMatch(/^flash:torn@/)
    expect(complaints).toEqual([])
    await close()
  })

  test('a run can be cancelled, and says so', async () => {
    const [old, fresh] = [await upload(host, OLD), await upload(host, FRESH)]
    const { page, complaints, close } = await visit(browser, host)
    await page.keyboard.press('Alt+2')
    await page.getByRole('button', { name: 'Power cuts' }).click()
    await page.getByLabel('Installed software').selectOption(old)
    await page.getByLabel('New software').selectOption(fresh)
    await page.getByText('All points', { exact: true }).click()
    expect(await page.getByLabel('How many').isDisabled()).toBe(true)
    await start(page).click()
    await page.getByRole('progressbar', { name: 'Progress of the cuts' }).waitFor()
    await page.getByRole('button', { name: 'Cancel', disabled: false }).click()
    await page.getByText('Cancelled: no verdicts.').waitFor(TRIED)
    expect(complaints).toEqual([])
    await close()
  })
})

const start = (page: Page) => page.getByRole('button', { name: 'Cut the power' })

async function upload(host: Host, name: string): Promise<string> {
  return (await host.upload(name, await readFile(resolve(FIRMWARE, name)))).digest
}

/** The words of what is chosen in a list. */
function chosenIn(page: Page, label: string): Promise<string> {
  return page
    .getByLabel(label)
    .evaluate(
      list => (list instanceof HTMLSelectElement ? list.selectedOptions[0]?.text : '') ?? '',
    )
}

async function cutOnce(host: Host): Promise<void> {
  const [old, fresh] = [await upload(host, OLD), await upload(host, FRESH)]
  await host.call('POST', '/delta/jobs/cuts', { old, fresh, points: 20, seed: 3 })
  await expect
    .poll(async () => {
      const [job] = (await host.call('GET', '/delta/jobs')) as { endedAt: number | null }[]
      return job?.endedAt
    }, TRIED)
    .not.toBe(null)
}
