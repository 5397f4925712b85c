import { chromium, type Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { peer } from '../../support/peers'
import { consentBench } from './consent-bench'

const PAGE_MS = 60_000

describe.skipIf(!peer('chromium'))('The page of a question in a browser without scripts', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: peer('chromium') ?? 'chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    })
  })
  afterAll(() => browser.close())

  test.each([
    ['en-GB', 'Yes, update', 'Your answer: Yes, update'],
    ['ja-JP', 'いいえ、更新しません', 'お客様の回答: いいえ、更新しません'],
  ])('takes an answer (%s) [S1-54]', async (locale, button, said) => {
    const { begin, customers, desk, linkOf, rollout } = await consentBench()
    await begin()
    await desk.ask(rollout)
    const context = await browser.newContext({ locale, javaScriptEnabled: false })
    const page = await context.newPage()
    page.setDefaultTimeout(PAGE_MS)
    const complaints: string[] = []
    page.on('console', message => complaints.push(message.text()))
    page.on('requestfailed', request => complaints.push(request.url()))
    await page.goto(await linkOf('ABC-123'))
    await page.getByRole('button', { name: button }).click()
    await expect.poll(() => page.getByRole('status').textContent()).toBe(said)
    // Reading once more answers nothing anew, and asks nobody whether to send a form again.
    await page.reload()
    expect(await page.getByRole('status').textContent()).toBe(said)
    // The style that the policy lets through.
    expect(await page.locator('main').evaluate(element => element.clientWidth)).toBeLessThan(600)
    const { updateManagement } = await customers.customer({ deviceId: 'ABC-123' })
    expect(updateManagement).toBe(locale === 'en-GB' ? 'update' : 'do-not-update')
    expect(complaints).toEqual([])
    await context.close()
  })
})
