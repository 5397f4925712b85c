import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { peer } from '../support/peers'
import { chooseFile } from './bench-steps'
import {
  connectPhone,
  DELIVERED,
  expectRollout,
  fill,
  goAhead,
  introduce,
  PASSWORDS,
  release,
  RELEASE_FILE,
} from './desk-steps'
import { openBrowser, startHost, temporaryFolder, visit, type Host, type Visit } from './support'

describe.skipIf(!peer('chromium'))('A release on its way, in the window', () => {
  let browser: Browser
  let host: Host
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let session: Visit
  let page: Page

  beforeAll(async () => {
    browser = await openBrowser()
  })

  beforeEach(async () => {
    folder = await temporaryFolder()
    host = await startHost(folder.path)
    await host.call('PATCH', '/settings', { language: 'en', theme: 'dark' })
    session = await visit(browser, host)
    page = session.page
  })

  afterEach(async () => {
    await session.close()
    await host.stop()
    await folder.remove()
  })

  afterAll(async () => {
    await browser?.close()
  })

  const showTab = (number: number) => page.keyboard.press(`Alt+Shift+${number}`)

  test('[S1-18] [S1-20] [S1-69] from the notice to the paid bill, by mouse', async () => {
    await page.getByRole('link', { name: 'Vendor' }).click()
    await page.getByRole('button', { name: 'New vendor…' }).click()
    await fill(page, { Name: 'Vendor A' })
    await goAhead(page, 'Create')
    await page.getByRole('tab', { name: 'Access' }).click()
    await page.getByRole('button', { name: 'Register…' }).click()
    await fill(page, { 'Registered party': 'Minato Mobile', Password: PASSWORDS.atVendor })
    await goAhead(page, 'Save')
    await page.getByRole('button', { name: 'Access to the carrier…' }).click()
    await fill(page, { Password: PASSWORDS.atCarrier })
    await goAhead(page, 'Save')

    await page.getByRole('link', { name: 'Carrier' }).click()
    await page.getByRole('tab', { name: 'Vendors and addresses' }).click()
    await page.getByRole('button', { name: 'Register a vendor…' }).click()
    // Name and address of a vendor in this workbench stand there already.
    await fill(page, {
      'Password of the carrier at the database': PASSWORDS.atVendor,
      'Password of the vendor at the carrier': PASSWORDS.atCarrier,
    })
    await goAhead(page, 'Save')
    await connectPhone(host, 'ABC-123', 4)
    await page.getByRole('tab', { name: 'Customers' }).click()
    await page.getByRole('gridcell', { name: '10.1.23.4' }).waitFor()
    await page.getByRole('tab', { name: 'Rollouts' }).click()
    await page.getByRole('button', { name: 'Defaults…' }).click()
    await page.getByLabel('Reach devices only in a window').uncheck()
    await goAhead(page, 'Save')

    await page.getByRole('link', { name: 'Vendor' }).click()
    await page.getByRole('button', { name: 'Register a release…' }).click()
    await chooseFile(page, RELEASE_FILE, () =>
      page.getByRole('dialog').getByRole('button', { name: 'Add image…' }).click(),
    )
    await expect
      .poll(() => page.getByLabel('File').locator('option:checked').innerText())
      .toContain('k1-1.1.0.bin')
    await fill(page, { 'Device types': 'k1' })
    await goAhead(page, 'Register')
    await page.getByRole('button', { name: 'Tell the carrier' }).click()

    await page.getByRole('link', { name: 'Carrier' }).click()
    await page.getByRole('tab', { name: 'Rollouts' }).click()
    await expectRollout(page, 'closed')
    await page.getByRole('button', { name: 'invoiced 1' }).click()
    await page.getByRole('grid').getByText('ABC-123').waitFor()

    await page.getByRole('tab', { name: 'Mailbox' }).click()
    const mail = page.getByRole('article')
    await mail.getByText('minato@shiba.co.jp').waitFor()
    await page.getByRole('tab', { name: 'Invoices' }).click()
    await page.getByText('1 open, 0 paid, 0 overdue').waitFor()
    await page.getByRole('grid').getByText('R1-ABC-123').click()
    await page.getByRole('button', { name: 'Pay…' }).click()
    await goAhead(page, 'Pay…')
    await page.getByText('0 open, 1 paid, 0 overdue').waitFor()
    await page.getByText('¥500').first().waitFor()
    await page.getByRole('tab', { name: 'Rollouts' }).click()
    await page.getByRole('button', { name: 'paid 1' }).waitFor(DELIVERED)

    await page.getByRole('link', { name: 'Trace' }).click()
    await page.getByLabel('Step').selectOption('1:S13')
    await page.locator('[role="option"]').first().click()
    await page.getByText('The database demands to know who asks.').last().waitFor()
    expect(session.complaints).toEqual([])
  })

  test('[S1-36] a refused carrier says why, and fetches again once it has the right password, by keyboard', async () => {
    await introduce(host, 'a wrong password')
    await connectPhone(host, 'ABC-123', 4)
    await host.call('PUT', '/carrier/rollout-defaults', { window: null })
    await release(host)
    await showTab(1)
    await expectRollout(page, 'refused by the vendor')
    await showTab(8)
    await page
      .getByRole('cell', { name: /vendor/ })
      .first()
      .waitFor()

    await command(page, 'Register a vendor')
    await fill(page, {
      'Password of the carrier at the database': PASSWORDS.atVendor,
      'Password of the vendor at the carrier': PASSWORDS.atCarrier,
    })
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await command(page, 'Fetch the release again')
    await expectRollout(page, 'closed')
    const steps = page.getByRole('list', { name: 'States of the rollout' })
    await steps.getByText('closed').waitFor()
    expect(session.complaints).toEqual([])
  })

  test('[S1-54] [S1-56] a manager answers on the page that the mail leads to', async () => {
    await introduce(host)
    await connectPhone(host, 'ABC-123', 4)
    await host.call('PUT', '/carrier/rollout-defaults', { window: null, consent: true })
    await release(host)
    await showTab(1)
    await expectRollout(page, 'asking managers')
    await page.getByRole('button', { name: 'asked 1' }).waitFor(DELIVERED)
    await page.getByText(/^Answers count until /).waitFor()
    await showTab(5)
    const link = page.getByRole('article').getByRole('link').first()
    const [answering] = await Promise.all([page.context().waitForEvent('page'), link.click()])
    await answering.getByRole('button').first().click()
    await showTab(1)
    await expectRollout(page, 'closed')
    await showTab(2)
    await page.getByRole('gridcell', { name: 'update', exact: true }).waitFor()
    await answering.close()
    expect(session.complaints).toEqual([])
  })
})

/** Chooses a command in the palette by keyboard. */
async function command(page: Page, words: string): Promise<void> {
  await page.keyboard.press('Control+Shift+P')
  await page.getByRole('dialog', { name: 'Command palette' }).waitFor()
  await page.keyboard.type(words)
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: 'Command palette' }).waitFor({ state: 'detached' })
}
