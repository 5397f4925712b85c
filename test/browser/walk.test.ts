import { readFile } from 'node:fs/promises'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { peer } from '../support/peers'
import {
  accessibilityFaults,
  FIRMWARE,
  openBrowser,
  startHost,
  temporaryFolder,
  visit,
  type Host,
} from './support'

const WORDS = {
  en: {
    bench: 'Restore bench',
    handset: 'Handset',
    vendor: 'Vendor',
    carrier: 'Carrier',
    trace: 'Trace',
    palette: 'Command palette',
    settings: 'Settings',
    help: 'Help',
    choose: 'Choose a message',
    written: 'Written and verified',
  },
  ja: {
    bench: '復旧ベンチ',
    handset: '仮想端末',
    vendor: 'ベンダ',
    carrier: 'キャリア',
    trace: 'トレース',
    palette: 'コマンドパレット',
    settings: '設定',
    help: 'ヘルプ',
    choose: 'メッセージを選ぶ',
    written: '書き込みと検証が完了しました',
  },
} as const

describe.skipIf(!peer('chromium'))('The window, walked by keyboard alone', () => {
  let browser: Browser
  let host: Host
  let folder: Awaited<ReturnType<typeof temporaryFolder>>

  beforeAll(async () => {
    folder = await temporaryFolder()
    host = await startHost(folder.path)
    browser = await openBrowser()
    await restoreOnce(host)
  })

  afterAll(async () => {
    await browser?.close()
    await host?.stop()
    await folder?.remove()
  })

  for (const language of ['en', 'ja'] as const) {
    for (const theme of ['light', 'dark'] as const) {
      test(`shell and consoles hold nothing that axe finds, in ${theme} and ${language}`, async () => {
        const words = WORDS[language]
        await host.call('PATCH', '/settings', { theme, language })
        const { page, complaints, close } = await visit(browser, host)
        const expectClean = async (view: string) => {
          expect({ view, faults: await accessibilityFaults(page) }).toEqual({ view, faults: [] })
        }
        const dialog = (name: string) => page.getByRole('dialog', { name })

        expect(await page.evaluate(() => document.documentElement.lang)).toBe(language)
        expect(await page.evaluate(() => document.documentElement.dataset['theme'])).toBe(theme)
        await page.getByRole('main', { name: words.bench }).waitFor()
        await expectClean('empty bench')

        await page.keyboard.press('Control+Shift+P')
        await dialog(words.palette).waitFor()
        await expectClean('palette')
        await page.keyboard.type(words.settings)
        await page.keyboard.press('Enter')
        await dialog(words.settings).waitFor()
        await expectClean('settings')
        await page.keyboard.press('Escape')
        await dialog(words.settings).waitFor({ state: 'detached' })

        await page.keyboard.press('F1')
        await dialog(words.help).waitFor()
        await expectClean('help')
        await page.keyboard.press('Escape')
        await dialog(words.help).waitFor({ state: 'detached' })

        await page.getByRole('menubar').getByRole('menuitem').first().focus()
        await page.keyboard.press('ArrowDown')
        await page.getByRole('menu').waitFor()
        await page.keyboard.press('ArrowRight')
        await expectClean('menu')
        await page.keyboard.press('Escape')
        await page.getByRole('menu').waitFor({ state: 'detached' })

        // The device, the image and the restore of the history, chosen by keys.
        await page.locator('input[name="link"][value="virtual:rehearsal"]').focus()
        await page.keyboard.press('Space')
        await page.locator('input[name="image"]').first().focus()
        await page.keyboard.press('Space')
        await page.getByRole('tab').last().focus()
        await page.keyboard.press('Enter')
        await page.getByRole('tabpanel').getByRole('button').first().focus()
        await page.keyboard.press('Enter')
        await page.getByText(words.written).waitFor()
        await page.keyboard.press('Control+i')
        await page.locator('dd', { hasText: 'smp' }).waitFor()
        await expectClean('bench with device, image and outcome')

        await page.keyboard.press('Alt+2')
        await page.getByRole('main', { name: words.handset }).waitFor()
        await page.getByRole('application').waitFor()
        for (let tab = 0; tab < 5; tab++) {
          await page.getByRole('tab').nth(tab).focus()
          await expectClean(`handset, tab ${tab}`)
        }

        await page.keyboard.press('Alt+3')
        await page.getByRole('main', { name: words.vendor }).waitFor()
        await expectClean('empty vendor')

        await page.keyboard.press('Alt+4')
        await page.getByRole('main', { name: words.carrier }).waitFor()
        for (let tab = 1; tab <= 8; tab++) {
          await page.keyboard.press(`Alt+Shift+${tab}`)
          await page.locator(`[role="tab"][data-state="active"]:nth-child(${tab})`).waitFor()
          await expectClean(`empty carrier, tab ${tab}`)
        }

        await page.keyboard.press('Alt+5')
        await page.getByRole('main', { name: words.trace }).waitFor()
        await page.getByText(words.choose).waitFor()
        await expectClean('trace')
        await page.getByRole('listbox').focus()
        await page.keyboard.press('Home')
        await page.keyboard.press('ArrowDown')
        await page.locator('.hex').waitFor()
        await expectClean('trace with a message')

        expect(complaints).toEqual([])
        await close()
      })
    }
  }

  test('the settings dialog changes theme and language at once, and the host remembers', async () => {
    await host.call('PATCH', '/settings', { theme: 'light', language: 'en' })
    const { page, complaints, close } = await visit(browser, host)
    await page.keyboard.press('Control+,')
    await page.locator('input[value="light"]:focus').waitFor()
    await page.keyboard.press('ArrowDown')
    await page.locator('html[data-theme="dark"]').waitFor()
    await page.getByRole('radio', { name: '日本語' }).focus()
    await page.keyboard.press('Space')
    await page.getByRole('dialog', { name: '設定' }).waitFor()
    await page.reload()
    await page.getByRole('main', { name: '復旧ベンチ' }).waitFor()
    expect(await host.call('GET', '/settings')).toMatchObject({ theme: 'dark', language: 'ja' })
    expect(complaints).toEqual([])
    await close()
  })

  test('a pane keeps the size that arrow keys gave it', async () => {
    await host.call('PATCH', '/settings', { language: 'en', layout: {} })
    const { page, close } = await visit(browser, host)
    const bar = page.getByRole('separator', { name: 'Resize Steps' })
    await bar.focus()
    const before = Number(await bar.getAttribute('aria-valuenow'))
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('ArrowUp')
    await expect
      .poll(() => host.call('GET', '/settings'))
      .toMatchObject({ layout: { 'bench.steps': before - 4 } })
    await page.reload()
    await page.getByRole('separator', { name: 'Resize Steps' }).waitFor()
    await expect.poll(() => bar.getAttribute('aria-valuenow')).toBe(String(before - 4))
    await close()
  })

  test('own keys never reach the browser, even where they do nothing', async () => {
    const { page, close } = await visit(browser, host)
    await page.evaluate(() => {
      window.addEventListener('keydown', event => {
        if (event.key === 's') document.title = `prevented: ${event.defaultPrevented}`
      })
    })
    await page.keyboard.press('Control+s')
    expect(await page.title()).toBe('prevented: true')
    await page.keyboard.press('F1')
    await page.getByRole('dialog').waitFor()
    await page.evaluate(() => (document.title = ''))
    await page.keyboard.press('Control+s')
    expect(await page.title()).toBe('prevented: true')
    await close()
  })

  test('the skip link comes first and leads to the console', async () => {
    const { page, close } = await visit(browser, host)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    const focused = await page.evaluate(() => document.activeElement?.tagName)
    expect(focused).toBe('MAIN')
    await close()
  })
})

/** Gives the consoles something to show: one handset, one image, one restore. */
async function restoreOnce(host: Host): Promise<void> {
  await host.call('POST', '/handsets', { name: 'rehearsal' })
  const image = (await readFile(FIRMWARE)).subarray(0, 8192)
  const { digest } = await host.upload('micropython-head.bin', image)
  await host.call('POST', '/restores', { link: 'virtual:rehearsal', digest })
  await vi.waitFor(
    async () => {
      const [first] = (await host.call('GET', '/restores')) as { result: string | null }[]
      expect(first?.result).toBe('written')
    },
    { timeout: 120_000, interval: 200 },
  )
}
