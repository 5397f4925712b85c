import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import * as samples from '../renderer/desk-samples'
import { peer } from '../support/peers'
import { startSampleDesk, type SampleDesk } from './sample-desk'
import { openBrowser, visit, type Visit } from './support'

describe.skipIf(!peer('chromium'))('What a person has chosen, while more comes in', () => {
  let browser: Browser
  let desk: SampleDesk
  let session: Visit
  let page: Page

  beforeAll(async () => {
    browser = await openBrowser()
  })

  beforeEach(async () => {
    desk = await startSampleDesk(200)
    session = await visit(browser, desk, { locale: 'en-GB' })
    page = session.page
  })

  afterEach(async () => {
    await session.close()
    await desk.stop()
  })

  afterAll(async () => {
    await browser?.close()
  })

  const grid = () => page.getByRole('grid')
  const chosen = () => grid().locator('[aria-selected="true"]')
  const showTab = (number: number) => page.keyboard.press(`Alt+Shift+${number}`)

  async function enterFirst(deviceId: string): Promise<void> {
    desk.rows.unshift({ ...samples.customerAt(0), deviceId })
    desk.events.publish({ kind: 'customers-changed' })
    await grid().getByText(deviceId).waitFor()
  }

  test('a row that comes above the chosen one does not take its place', async () => {
    await showTab(2)
    await grid().getByText('DEV-000004').click()
    await enterFirst('AAA-1')
    await enterFirst('AAA-0')
    await expect
      .poll(() => chosen().allInnerTexts())
      .toEqual([expect.stringContaining('DEV-000004')])
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Change a customer' })
    expect(await dialog.getByLabel('Device number').inputValue()).toBe('DEV-000004')
    await page.keyboard.press('Escape')
    await page.keyboard.press('ArrowDown')
    await expect
      .poll(() => chosen().allInnerTexts())
      .toEqual([expect.stringContaining('DEV-000005')])
    expect(session.complaints).toEqual([])
  })

  test('the row after one that is gone is not chosen by itself', async () => {
    await showTab(2)
    await grid().getByText('DEV-000004').click()
    const place = desk.rows.findIndex(({ deviceId }) => deviceId === 'DEV-000004')
    desk.rows.splice(place, 1)
    desk.events.publish({ kind: 'customers-changed' })
    await page.getByText('199 rows').waitFor()
    await expect.poll(() => chosen().count()).toBe(0)
    await page.keyboard.press('ArrowUp')
    await expect
      .poll(() => chosen().allInnerTexts())
      .toEqual([expect.stringContaining('DEV-000003')])
    expect(session.complaints).toEqual([])
  })

  test('another search lets go of the chosen row', async () => {
    await showTab(2)
    await grid().getByText('DEV-000004').click()
    const remove = page.getByRole('button', { name: 'Remove' })
    await expect.poll(() => remove.isEnabled()).toBe(true)
    await page.getByRole('searchbox').fill('DEV-000009')
    await page.getByText('1 row', { exact: true }).waitFor()
    await expect.poll(() => remove.isEnabled()).toBe(false)
    expect(session.complaints).toEqual([])
  })

  test("a newer rollout and a newer mail take nobody's place", async () => {
    await showTab(1)
    const shown = page.getByRole('radio', { checked: true })
    const before = await shown.getAttribute('value')
    const rollout = { ...samples.asking, id: 99, softwareName: 'newer' }
    desk.events.publish({ kind: 'rollout-changed', rollout })
    await page.getByRole('radio', { name: 'newer' }).waitFor()
    expect(await shown.getAttribute('value')).toBe(before)
    await showTab(5)
    const [mail] = samples.mails
    if (!mail) throw new Error('there is no sample of a mail')
    await page.getByRole('heading', { name: mail.subject }).waitFor()
    desk.events.publish({ kind: 'mail-received', mail: { ...mail, id: 2, subject: 'Newer' } })
    await page.getByRole('radio', { name: 'Newer' }).waitFor()
    expect(await page.getByRole('article').getAttribute('aria-label')).toBe(mail.subject)
    expect(session.complaints).toEqual([])
  })
})
