import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { peer } from '../support/peers'
import { chooseFile } from './bench-steps'
import { fill, goAhead, PASSWORDS, RELEASE_FILE } from './desk-steps'
import {
  accessibilityFaults,
  openBrowser,
  startHost,
  temporaryFolder,
  visit,
  type Host,
  type Visit,
} from './support'

describe.skipIf(!peer('chromium'))('The Vendor console', () => {
  let browser: Browser
  let host: Host
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let session: Visit
  let page: Page

  beforeAll(async () => {
    folder = await temporaryFolder()
    host = await startHost(folder.path)
    browser = await openBrowser()
    await host.call('PATCH', '/settings', { language: 'en', theme: 'dark', layout: {} })
    session = await visit(browser, host)
    page = session.page
    await page.keyboard.press('Alt+3')
  })

  afterAll(async () => {
    await session?.close()
    await browser?.close()
    await host?.stop()
    await folder?.remove()
  })

  test('[S1-26] opens a vendor with a database of its own', async () => {
    await page.getByText('There is no vendor yet.').first().waitFor()
    for (const name of ['Vendor A', 'Vendor B']) {
      await page.getByRole('button', { name: 'New vendor…' }).click()
      await fill(page, { Name: name })
      await goAhead(page, 'Create')
      await page.getByRole('region', { name, exact: true }).waitFor()
    }
    await page.getByRole('radio', { name: 'Vendor A' }).check()
    const address = page.getByText(/^Vendor A Software database at http:\/\/127\.0\.0\.1:\d+$/)
    await address.waitFor()
    await page.getByRole('button', { name: 'New vendor…' }).click()
    await fill(page, { Name: 'Vendor A' })
    await page.getByRole('button', { name: 'Create' }).click()
    await page.getByText('A vendor of this name exists.').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(session.complaints).toEqual([])
  })

  test('[S1-27] registers a release with its additional information; other vendors have none of it', async () => {
    await page.getByRole('button', { name: 'Register a release…' }).click()
    await chooseFile(page, RELEASE_FILE, () =>
      page.getByRole('dialog').getByRole('button', { name: 'Add image…' }).click(),
    )
    await expect
      .poll(() => page.getByLabel('File').locator('option:checked').innerText())
      .toContain('k1-1.1.0.bin')
    await fill(page, { 'Device types': 'k1, k2', Price: '700' })
    await goAhead(page, 'Register')
    const detail = page.getByRole('region', { name: 'kintsugi-k1 1.1.0' })
    await detail.getByText('k1, k2').waitFor()
    await detail.getByText('¥700').waitFor()
    await page.getByRole('radio', { name: 'Vendor B' }).check()
    await page.getByText('No release is registered.').waitFor()
    await page.getByRole('radio', { name: 'Vendor A' }).check()
    expect(session.complaints).toEqual([])
  })

  test('registers a file that is no firmware once it is told what it is', async () => {
    await page.getByRole('button', { name: 'Register a release…' }).click()
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      page.getByRole('button', { name: 'Add another file…' }).click(),
    ])
    const buffer = Buffer.from('an office suite')
    await chooser.setFiles({ name: 'office.pkg', mimeType: 'application/octet-stream', buffer })
    await fill(page, { 'Software name': 'Office Suite', Version: '3.0' })
    await goAhead(page, 'Register')
    await page
      .getByRole('region', { name: 'Office Suite 3.0' })
      .getByText('other software')
      .waitFor()
    expect(session.complaints).toEqual([])
  })

  test('says that the carrier cannot be told with a wrong password', async () => {
    await page.getByRole('radio', { name: 'kintsugi-k1 1.1.0' }).check()
    await page.getByRole('button', { name: 'Access to the carrier…' }).click()
    await fill(page, { Password: PASSWORDS.atCarrier })
    await goAhead(page, 'Save')
    await page.getByRole('button', { name: 'Tell the carrier' }).click()
    await page.getByText('The carrier could not be told.').waitFor()
    expect(session.complaints).toEqual([])
  })

  test('registers who may fetch, and lets them go after a question', async () => {
    await page.getByRole('tab', { name: 'Access' }).click()
    await page.getByText('Nobody may fetch yet.').waitFor()
    await page.getByRole('button', { name: 'Register…' }).click()
    await fill(page, { 'Registered party': 'Minato Mobile', Password: PASSWORDS.atVendor })
    await goAhead(page, 'Save')
    await page.getByRole('cell', { name: 'Minato Mobile' }).waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    await page.getByRole('button', { name: 'Remove carrier' }).click()
    await goAhead(page, 'Remove')
    await page.getByText('Nobody may fetch yet.').waitFor()
    expect(session.complaints).toEqual([])
  })

  test('replaces keys by keyboard alone: palette, question, the next root', async () => {
    await page.keyboard.press('Control+Shift+P')
    await page.getByRole('dialog', { name: 'Command palette' }).waitFor()
    await page.keyboard.type('Replace the root key')
    await page.keyboard.press('Enter')
    const question = page.getByRole('dialog', { name: 'Replace a key' })
    await question.waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await question.waitFor({ state: 'detached' })
    const version = page.locator('dd', { hasText: /^2$/ })
    await version.waitFor()
    expect(session.complaints).toEqual([])
  })
})
