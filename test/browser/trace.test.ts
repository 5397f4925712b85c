import { readFile } from 'node:fs/promises'
import type { Browser, Download, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { peer } from '../support/peers'
import { openBrowser, startHost, temporaryFolder, visit, type Host, type Visit } from './support'

interface Entry {
  readonly sequence: number
  readonly type: string
}

describe.skipIf(!peer('chromium'))('The Trace', () => {
  let browser: Browser
  let host: Host
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let session: Visit
  let page: Page

  beforeAll(async () => {
    folder = await temporaryFolder()
    host = await startHost(folder.path)
    browser = await openBrowser()
    await host.call('PATCH', '/settings', { language: 'en' })
    await host.call('POST', '/handsets', { name: 'seen' })
    session = await visit(browser, host)
    page = session.page
    await page.getByRole('link', { name: 'Trace' }).click()
  })

  afterAll(async () => {
    await session?.close()
    await browser?.close()
    await host?.stop()
    await folder?.remove()
  })

  test('shows messages as they happen, in the list and in the diagram', async () => {
    await page.getByText('No messages yet.').waitFor()
    await host.call('POST', '/identify', { link: 'virtual:seen' })
    const entries = (await host.call('GET', '/trace')) as Entry[]
    expect(entries.length).toBeGreaterThan(3)
    await page.getByText(`${entries.length} of ${entries.length} messages`).waitFor()
    await expect.poll(() => page.locator('[role="option"]').count()).toBe(entries.length)
    await expect.poll(() => page.locator('svg .message').count()).toBe(entries.length)
  })

  test('narrows by words, outcome and actor, and shows all again', async () => {
    const rows = page.locator('.all > [role="option"]')
    const all = await rows.count()
    await page.keyboard.press('Control+F')
    await page.keyboard.type('parameters')
    await expect.poll(() => rows.count()).toBe(2)
    await page.getByLabel('Outcome').selectOption('answered')
    await expect.poll(() => rows.count()).toBe(1)
    await page.getByLabel('Actor').selectOption({ index: 1 })
    await expect.poll(() => rows.count()).toBe(1)
    await page.getByRole('searchbox').fill('no such message')
    await page.getByText('No message matches the filters.').waitFor()
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await expect.poll(() => rows.count()).toBe(all)
  })

  test('shows a message chosen in the diagram with its fields and its bytes', async () => {
    await page.locator('svg .message').first().click()
    await page.locator('[role="option"][aria-selected="true"]').waitFor()
    const [first] = (await host.call('GET', '/trace')) as Entry[]
    const { hex } = (await host.call('GET', `/trace/${first?.sequence}`)) as { hex: string }
    await page
      .getByRole('region', { name: 'Message' })
      .getByText(first?.type ?? '')
      .waitFor()
    const shown = await page.locator('.hex .digits').first().textContent()
    expect(shown?.replaceAll(/\s/g, '')).toBe(hex.slice(0, 32))
  })

  test('exports what is shown as SVG, text and Mermaid', async () => {
    const entries = (await host.call('GET', '/trace')) as Entry[]
    const svg = await exported(page, 'Export trace as SVG')
    expect(svg.name).toBe('kintsugi-trace.svg')
    const drawn = await page.evaluate(text => {
      const picture = new DOMParser().parseFromString(text, 'image/svg+xml')
      return [picture.documentElement.nodeName, picture.querySelectorAll('g').length]
    }, svg.text)
    expect(drawn).toEqual(['svg', entries.length])
    const { text } = await exported(page, 'Export trace as text')
    const lines = text.trimEnd().split('\n')
    expect(lines.length).toBe(entries.length)
    expect(lines[0]).toMatch(/^#\d+ \d{4}-\d\d-\d\dT.* -> .* \d+ bytes sha256=[0-9a-f]{64} sent$/)
    const mermaid = await exported(page, 'Export trace as Mermaid')
    expect(mermaid.text).toMatch(/^sequenceDiagram\n {2}participant a0 as /)
  })

  test('follows the newest of ten thousand messages with a handful of elements', async () => {
    await page.getByRole('button', { name: 'Follow' }).click()
    await exchange(host, 10_000)
    const newest = await newestOf(host)
    expect(newest).toBeGreaterThan(10_000)
    await page.locator(`#message-${newest}`).waitFor()
    expect(await page.locator('[role="option"]').count()).toBeLessThan(70)
    expect(await page.locator('svg .message').count()).toBeLessThan(70)
    await page.getByRole('listbox').press('Home')
    await page.locator('#message-1').waitFor()
    await page.getByRole('listbox').press('End')
    await page.locator(`#message-${newest}[aria-selected="true"]`).waitFor()
  })

  test('keeps the keys when the message that was clicked scrolls out of view', async () => {
    await page.getByRole('listbox').press('Home')
    await page.locator('#message-3').click()
    for (let presses = 0; presses < 10; presses++) await page.keyboard.press('PageDown')
    await page.locator('#message-3').waitFor({ state: 'detached' })
    await page.keyboard.press('End')
    const chosen = page.locator('[role="option"][aria-selected="true"]')
    await expect.poll(() => chosen.getAttribute('id')).toBe(`message-${await newestOf(host)}`)
  })

  test('loads older messages on demand', async () => {
    const { page: fresh, close } = await visit(browser, host)
    await fresh.goto(`${host.origin}/#/trace`)
    const known = fresh.getByText(/^500 of 500 messages$/)
    await known.waitFor()
    await fresh.getByRole('button', { name: 'Load older messages' }).click()
    await fresh.getByText(/^2,500 of 2,500 messages$/).waitFor()
    expect(await fresh.locator('[role="option"]').count()).toBeLessThan(70)
    await close()
  })

  test('is emptied only after a question', async () => {
    await page.getByRole('button', { name: 'Clear trace…' }).click()
    await page.getByRole('button', { name: 'Cancel' }).click()
    expect(await page.locator('[role="option"]').count()).toBeGreaterThan(0)
    await page.getByRole('button', { name: 'Clear trace…' }).click()
    await page.getByRole('button', { name: 'Clear', exact: true }).click()
    await page.getByText('No messages yet.').waitFor()
    expect(session.complaints).toEqual([])
  })
})

/** Lets handsets be asked side by side until the trace holds so many messages. */
async function exchange(host: Host, messages: number): Promise<void> {
  const names = Array.from({ length: 8 }, (_, index) => `chatty-${index}`)
  for (const name of names) await host.call('POST', '/handsets', { name })
  await Promise.all(
    names.map(async name => {
      while ((await newestOf(host)) < messages) {
        await host.call('POST', '/identify', { link: `virtual:${name}` })
      }
    }),
  )
}

async function newestOf(host: Host): Promise<number> {
  const [newest] = (await host.call('GET', '/trace?limit=1')) as Entry[]
  return newest?.sequence ?? 0
}

async function exported(page: Page, item: string): Promise<{ name: string; text: string }> {
  await page.getByRole('button', { name: 'Export' }).click()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: item }).click(),
  ])
  return { name: download.suggestedFilename(), text: await contentOf(download) }
}

async function contentOf(download: Download): Promise<string> {
  return readFile(await download.path(), 'utf8')
}
