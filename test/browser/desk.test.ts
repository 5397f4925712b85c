import type { Browser, Page } from 'playwright-core'
import { afterEach, afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { peer } from '../support/peers'
import { startSampleDesk, type SampleDesk } from './sample-desk'
import { accessibilityFaults, openBrowser, visit, type Visit } from './support'

const CUSTOMERS = 100_000
const TABS = 8

describe.skipIf(!peer('chromium'))('Vendor and Carrier consoles on sample data', () => {
  let browser: Browser
  let desk: SampleDesk
  let session: Visit
  let page: Page

  beforeAll(async () => {
    browser = await openBrowser()
    desk = await startSampleDesk(CUSTOMERS)
  })

  beforeEach(async () => {
    desk.done.length = 0
    desk.asked.length = 0
    session = await visit(browser, desk, { locale: 'en-GB' })
    page = session.page
  })

  afterEach(async () => {
    await session.close()
  })

  afterAll(async () => {
    await browser?.close()
    await desk?.stop()
  })

  const grid = () => page.getByRole('grid')
  const rows = () => grid().locator('[data-index]')
  const showTab = (number: number) => page.keyboard.press(`Alt+Shift+${number}`)

  test('100,000 customers scroll and are filtered by pages, with a screenful of rows', async context => {
    await observeLongTasks(page)
    await showTab(2)
    await page.getByText('100,000 rows').waitFor()
    await grid().hover()
    for (let turn = 0; turn < 30; turn++) await page.mouse.wheel(0, 4000)
    await expect.poll(() => grid().evaluate(element => element.scrollTop)).toBeGreaterThan(100_000)
    await expect.poll(() => rows().first().innerText()).toContain('DEV-00')
    expect(await firstNumber(page)).toBeGreaterThan(3000)
    expect(await rows().count()).toBeLessThan(60)
    await grid().press('End')
    await grid().getByText('DEV-099999').waitFor()
    await page.getByRole('searchbox').fill('0123')
    await page.getByText('120 rows').waitFor()
    await grid().getByText('DEV-000123').waitFor()
    expect(await grid().evaluate(element => element.scrollTop)).toBe(0)
    expect(await rows().count()).toBeLessThan(60)
    expect(desk.asked.every(({ limit }) => limit === 100)).toBe(true)
    // The way leads past a thousand pages.
    expect(desk.asked.length).toBeLessThan(100)
    const longest = await longestTask(page)
    await context.annotate(`longest task ${longest} ms, ${desk.asked.length} pages asked for`)
    expect(session.complaints).toEqual([])
  })

  test('a customer is opened, changed and saved by keyboard; the table has the focus again', async () => {
    await showTab(2)
    await page.getByText('100,000 rows').waitFor()
    await grid().focus()
    for (let presses = 0; presses < 3; presses++) await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Change a customer' })
    const manager = dialog.getByLabel('Manager', { exact: true })
    await manager.fill('Shinjuku K.K.')
    await manager.press('Enter')
    await dialog.waitFor({ state: 'detached' })
    const [put] = desk.done
    expect(put).toMatchObject({
      call: 'putCustomers',
      input: { rows: [{ deviceId: 'DEV-000002', managerName: 'Shinjuku K.K.' }] },
    })
    await expect.poll(() => focusedRole(page)).toBe('grid')
    expect(session.complaints).toEqual([])
  })

  test('a customer is removed after a question and put back', async () => {
    await showTab(2)
    await grid().getByText('DEV-000004').click()
    await page.getByRole('button', { name: 'Remove' }).click()
    const question = page.getByRole('dialog', { name: 'Remove row' })
    await question.getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByRole('button', { name: 'Undo' }).waitFor({ state: 'detached' })
    expect(desk.done.map(({ call }) => call)).toEqual(['removeCustomers', 'putCustomers'])
    expect(session.complaints).toEqual([])
  })

  test('customers are imported from a file, or the line that is wrong is named', async () => {
    const head = 'deviceId,ipAddress,password,vendorName,managerName,managerEmail'
    const row = 'ABC-123,10.1.23.4,98-76-54,Vendor A,Minato-ku K.K.,minato@shiba.co.jp'
    await showTab(2)
    await page.getByRole('button', { name: 'Import…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Import customers' })
    await choose(page, `${head}\n${row}\nXYZ-987\n`)
    await dialog.getByText('Line 3 has another number of columns').waitFor()
    expect(await dialog.getByRole('button', { name: 'Import' }).isDisabled()).toBe(true)
    await choose(page, `${head}\n${row}\n`)
    await dialog.getByText('The file holds 1 row.').waitFor()
    await dialog.getByRole('button', { name: 'Import' }).click()
    await dialog.waitFor({ state: 'detached' })
    expect(desk.done).toMatchObject([{ input: { rows: [{ deviceId: 'ABC-123' }] } }])
    expect(session.complaints).toEqual([])
  })

  test('a rollout shows its states, its devices by state, and what it waits for', async () => {
    await showTab(1)
    await page.getByRole('radio', { name: 'kintsugi-k1 1.1.0' }).check()
    const steps = page.getByRole('list', { name: 'States of the rollout' })
    await steps.locator('[aria-current="step"]', { hasText: 'distributing' }).waitFor()
    await page.getByRole('cell', { name: '12 · 60%' }).waitFor()
    await page.getByText('Devices are reached from 01:00 to 05:00').waitFor()
    await page.getByRole('button', { name: 'failed 1' }).click()
    await grid().getByText('The line broke after 65,536 of 131,072 bytes.').waitFor()
    expect(await rows().count()).toBe(1)
    await page.getByRole('button', { name: 'Pause' }).click()
    await expect.poll(() => desk.done).toEqual([{ call: 'pauseRollout', input: { id: 1 } }])
    await page.getByRole('button', { name: 'Cancel rollout' }).click()
    const question = page.getByRole('dialog', { name: 'Cancel rollout' })
    await question.getByRole('button', { name: 'Cancel', exact: true }).click()
    await question.waitFor({ state: 'detached' })
    expect(desk.done.length).toBe(1)
    expect(session.complaints).toEqual([])
  })

  test('a refusal stands where it happened, with its reason and the way on', async () => {
    await showTab(1)
    await page.getByRole('radio', { name: 'kintsugi-k1 1.3.0' }).check()
    await page.getByText('The database of Vendor A does not know the accessor').waitFor()
    await page.getByRole('button', { name: 'Fetch again' }).click()
    await expect.poll(() => desk.done).toEqual([{ call: 'fetchRollout', input: { id: 3 } }])
    await showTab(8)
    await page.getByRole('cell', { name: 'ACCESS_REFUSED' }).waitFor()
    // What others refuse is not the carrier's.
    expect(await page.getByRole('cell', { name: 'NO_ANSWER' }).count()).toBe(0)
    expect(session.complaints).toEqual([])
  })

  test('an invoice is paid, and links of mails open elsewhere', async () => {
    await showTab(4)
    await page.getByText('1 open, 1 paid, 1 overdue').waitFor()
    await grid().getByText('R1-DEV-000000').dblclick()
    const dialog = page.getByRole('dialog', { name: 'Pay an invoice' })
    await dialog.getByText('¥500 into the account 001-0000001').waitFor()
    await dialog.getByRole('button', { name: 'Pay' }).click()
    await dialog.waitFor({ state: 'detached' })
    expect(desk.done).toMatchObject([
      { input: { invoiceId: 'R1-DEV-000000', amount: 500, method: 'electronic-money' } },
    ])
    await showTab(5)
    const link = page.getByRole('link', { name: 'http://127.0.0.1:40003/answers/abc' })
    expect(await link.getAttribute('target')).toBe('_blank')
    expect(await link.getAttribute('rel')).toBe('noreferrer')
    expect(session.complaints).toEqual([])
  })

  test('a returned release is seen at once, with the report', async () => {
    await page.keyboard.press('Alt+3')
    await page.getByText('kintsugi-k1 1.2.0, revision 1, was returned by the carrier.').waitFor()
    await page.getByText('1 returned').waitFor()
    await page.getByRole('button', { name: 'Show report' }).click()
    const report = page.getByRole('region', { name: 'Trial report' })
    await report.getByText('no answer').waitFor()
    // The others can still be sent.
    expect(await page.getByRole('button', { name: 'Tell the carrier' }).count()).toBe(0)
    await page.getByRole('radio', { name: 'kintsugi-k1 1.1.0' }).check()
    await page.getByRole('button', { name: 'Tell the carrier' }).waitFor()
    expect(session.complaints).toEqual([])
  })

  for (const [theme, language] of [
    ['light', 'en'],
    ['dark', 'ja'],
  ] as const) {
    test(`nothing that axe finds is on any tab or dialog, in ${theme} and ${language}`, async () => {
      await session.close()
      session = await visit(browser, desk, {
        locale: language === 'ja' ? 'ja-JP' : 'en-GB',
        colorScheme: theme,
      })
      page = session.page
      const expectClean = async (view: string) => {
        expect({ view, faults: await accessibilityFaults(page) }).toEqual({ view, faults: [] })
      }
      await page.keyboard.press('Alt+3')
      for (let tab = 0; tab < 3; tab++) {
        await page.getByRole('tab').nth(tab).click()
        await expectClean(`vendor, tab ${tab}`)
      }
      await page.keyboard.press('Control+Shift+E')
      await page.getByRole('dialog').waitFor()
      await expectClean('registration')
      await page.keyboard.press('Escape')
      for (let tab = 1; tab <= TABS; tab++) {
        await showTab(tab)
        await page
          .getByRole('tab')
          .nth(tab - 1)
          .and(page.locator('[data-state="active"]'))
          .waitFor()
        await expectClean(`carrier, tab ${tab}`)
      }
      await showTab(1)
      await page.locator('.banner button').last().click()
      await page.getByRole('dialog').waitFor()
      await expectClean('rollout settings')
      expect(session.complaints).toEqual([])
    })
  }
})

async function observeLongTasks(page: Page): Promise<void> {
  await page.evaluate(() => {
    const tasks: number[] = []
    Object.assign(window, { tasks })
    const observer = new PerformanceObserver(list => {
      for (const entry of list.getEntries()) tasks.push(entry.duration)
    })
    observer.observe({ type: 'longtask' })
  })
}

/** In milliseconds; 0 where no task took 50 or more. */
function longestTask(page: Page): Promise<number> {
  return page.evaluate(() => {
    const { tasks } = window as unknown as { tasks: number[] }
    return Math.max(0, ...tasks)
  })
}

/** Number of the first device whose row is there. */
async function firstNumber(page: Page): Promise<number> {
  const text = await page.locator('[data-index]').first().innerText()
  return Number(/DEV-(\d+)/.exec(text)?.[1])
}

function focusedRole(page: Page): Promise<string | null | undefined> {
  return page.evaluate(() => document.activeElement?.getAttribute('role'))
}

async function choose(page: Page, csv: string): Promise<void> {
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('button', { name: 'Choose a CSV file…' }).click(),
  ])
  await chooser.setFiles({ name: 'customers.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) })
}
