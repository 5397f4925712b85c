import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { peer } from '../support/peers'
import {
  SOFTWARE,
  REGION_ADDRESS,
  chooseFile,
  drop,
  planAndStart,
  startable,
  removeHandsets,
  operationsOf,
  stateOf,
  flashOf,
} from './bench-steps'
import {
  accessibilityFaults,
  FIRMWARE,
  openBrowser,
  startCommand,
  startHost,
  tabTo,
  temporaryFolder,
  visit,
  type Host,
} from './support'

const OUTCOME = { timeout: 200_000 }

describe.skipIf(!peer('chromium'))('The Restore bench', () => {
  let browser: Browser
  let host: Host
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let small: string

  beforeAll(async () => {
    folder = await temporaryFolder()
    host = await startHost(join(folder.path, 'data'))
    browser = await openBrowser()
    await host.call('PATCH', '/settings', { language: 'en', theme: 'dark' })
    small = join(folder.path, 'micropython-head.bin')
    await writeFile(small, (await readFile(FIRMWARE)).subarray(0, 20_000))
  })

  afterAll(async () => {
    await browser?.close()
    await host?.stop()
    await folder?.remove()
  })

  test('brings a bricked virtual handset back by mouse, which then runs', async () => {
    await removeHandsets(host)
    const { page, complaints, close } = await visit(browser, host)
    await page.getByRole('button', { name: 'New virtual handset' }).click()
    await page.getByLabel('Name').fill('by-mouse')
    await page.getByRole('button', { name: 'Create', exact: true }).click()
    await chooseFile(page, SOFTWARE, () => page.getByRole('button', { name: 'Add image…' }).click())
    await page.getByRole('button', { name: 'Identify' }).click()
    await page.getByText('Restore mode', { exact: true }).waitFor()
    const plan = page.locator('.plan')
    await plan.getByText('Ready to write').waitFor()
    await plan.getByText('Slot 0 (1.5 MiB), as far as the image needs it.').waitFor()
    await plan.getByText('k1-1.1.0.bin, 44,300 bytes from the start of the slot').waitFor()
    await plan.getByText('Everything outside of the slot, such as boot code and data').waitFor()
    await plan.getByText(/^[\d,]+ bytes out in \d+ requests$/).waitFor()
    await plan.getByText(/^About \d+\.\d sec at [\d.]+ KiB\/s$/).waitFor()
    await plan
      .getByRole('img', { name: /43\.3 KiB erased and written, 1\.5 MiB not touched$/ })
      .waitFor()
    expect(await operationsOf(host, 'by-mouse')).toBe(0)
    expect(await accessibilityFaults(page)).toEqual([])
    await page.getByRole('button', { name: 'Start restore' }).click()
    await page.getByRole('heading', { name: 'Restored' }).waitFor(OUTCOME)
    await page.getByText('Verified by read-back').waitFor()
    await page.getByText('Version 1.1.0 answers.').waitFor()
    expect(await flashOf(host, 'by-mouse', 44_300)).toEqual(await readFile(SOFTWARE))
    await page.getByRole('link', { name: 'Handset' }).click()
    await page.getByText('The flash names its software kintsugi-k1 1.1.0').waitFor()
    await page.getByRole('heading', { name: 'Running' }).waitFor()
    expect(await stateOf(host, 'by-mouse')).toBe('normal')
    expect(complaints).toEqual([])
    await close()
  })

  test('brings a bricked virtual handset back by keyboard alone', async () => {
    await removeHandsets(host)
    const { page, complaints, close } = await visit(browser, host)
    await page.keyboard.press('Control+Shift+P')
    await page.keyboard.type('new virtual')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'New virtual handset' }).waitFor()
    await tabTo(page, 'input[id$="-name"]')
    await page.keyboard.press('Control+A')
    await page.keyboard.type('by-keyboard')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await chooseFile(page, SOFTWARE, () => page.keyboard.press('Control+O'))
    await page.locator('input[name="image"]:checked').waitFor()
    await page.keyboard.press('Control+I')
    await page.locator('.plan').getByText('Ready to write').waitFor()
    await page.getByText('Plan: Ready to write.').waitFor()
    expect(await operationsOf(host, 'by-keyboard')).toBe(0)
    await tabTo(page, 'button.start')
    await page.keyboard.press('Enter')
    await page.getByRole('progressbar', { name: 'Restore progress' }).waitFor()
    // The button that had the focus is gone: the focus stays in its step.
    await page.locator('section.step:focus').waitFor()
    await page.getByRole('heading', { name: 'Restored' }).waitFor(OUTCOME)
    await page.getByText(/^Restore \d+ ended: Restored\.$/).waitFor()
    await page.getByText('Version 1.1.0 answers.').waitFor()
    await page.keyboard.press('Alt+2')
    await page.getByRole('heading', { name: 'Running' }).waitFor()
    await page.getByText('The flash names its software kintsugi-k1 1.1.0').waitFor()
    expect(await stateOf(host, 'by-keyboard')).toBe('normal')
    expect(complaints).toEqual([])
    await close()
  })

  test('survives a power cut: says what to do, and the next restore succeeds', async () => {
    const { page, complaints, close } = await visit(browser, host)
    await host.call('POST', '/handsets', { name: 'cut-off' })
    await chooseFile(page, small, () => page.getByRole('button', { name: 'Add image…' }).click())
    await page.getByRole('radio', { name: /^cut-off/ }).check()
    await page.getByRole('button', { name: 'Plan a power cut for cut-off' }).click()
    await page.getByLabel('Flash operations from now').fill('12')
    await page.getByRole('button', { name: 'Plan the cut' }).click()
    await page.getByText('Power cut at operation').waitFor()
    await planAndStart(page)
    await page.locator('[data-result="interrupted"], [data-result="failed"]').waitFor(OUTCOME)
    await page.getByRole('switch', { name: 'Power of cut-off: Off' }).click()
    await page.getByRole('switch', { name: 'Power of cut-off: On' }).waitFor()
    await planAndStart(page)
    await page.getByText('Written and verified').waitFor(OUTCOME)
    expect(await flashOf(host, 'cut-off', 20_000)).toEqual(await readFile(small))
    expect(complaints).toEqual([])
    await close()
  })

  test('refuses a file that is no firmware, in words, and takes a dropped one', async () => {
    const { page, complaints, close } = await visit(browser, host)
    await drop(page, 'holiday.png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
    await page.getByText('holiday.png was not added').waitFor()
    await page.getByText('The file is no firmware image.').waitFor()
    await page.getByRole('button', { name: 'Dismiss' }).click()
    await page.keyboard.press('Alt+5')
    await page.getByRole('main', { name: 'Trace' }).waitFor()
    await drop(page, 'dropped.hex', [...Buffer.from(':0400000001020304F2\n:00000001FF\n')])
    await page.getByRole('main', { name: 'Restore bench' }).waitFor()
    await page.getByRole('radio', { name: /^dropped\.hex/ }).waitFor()
    // A refused upload is an answer with an error status, which the browser reports by itself.
    expect(complaints.filter(one => !one.includes('status of 422'))).toEqual([])
    await close()
  })

  test('says what is wrong with a link, and why a device does not answer', async () => {
    const { page, close } = await visit(browser, host)
    await page.getByLabel('Link', { exact: true }).fill('usb:stick')
    await page.getByRole('button', { name: 'Use', exact: true }).click()
    expect(await page.getByRole('alert').innerText()).toContain('"usb:stick" is no link')
    await page.getByLabel('Link', { exact: true }).fill('tcp:127.0.0.1:9')
    await page.getByRole('button', { name: 'Use', exact: true }).click()
    await page.getByRole('button', { name: 'Identify' }).click()
    await page.getByText('Nobody listens at that address.').waitFor()
    await close()
  })

  test('begins in sight where the steps stand one below the other', async () => {
    const { page, close } = await visit(browser, host, { viewport: { width: 640, height: 480 } })
    await host.call('POST', '/handsets', { name: 'narrow' })
    await chooseFile(page, FIRMWARE, () => page.keyboard.press('Control+O'))
    await page.getByRole('radio', { name: /^narrow/ }).check()
    await page.locator('input[name="image"]:checked').waitFor()
    await page.keyboard.press('Control+Shift+Enter')
    await startable(page)
    await page.keyboard.press('Control+Enter')
    const progress = page.getByRole('progressbar', { name: 'Restore progress' })
    await progress.waitFor()
    const isInSight = () =>
      progress.evaluate(bar => {
        const { x, y } = bar.getBoundingClientRect()
        return bar.contains(document.elementFromPoint(x + 2, y + 2))
      })
    await expect.poll(isInSight).toBe(true)
    expect(
      await page.getByRole('menubar').evaluate(bar => bar.getBoundingClientRect().y),
    ).toBeGreaterThan(0)
    await page.keyboard.press('Control+.')
    await page.locator('[data-result="interrupted"]').waitFor(OUTCOME)
    await close()
  })

  test('lets go of a virtual handset that is removed', async () => {
    const { page, close } = await visit(browser, host)
    await host.call('POST', '/handsets', { name: 'short-lived' })
    await page.getByRole('radio', { name: /^short-lived/ }).check()
    await page.getByRole('button', { name: 'Identify' }).click()
    await page.getByText('Restore mode', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Remove short-lived' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).focus()
    await page.keyboard.press('Enter')
    await page.getByText('Choose a port, a handset or a link.').waitFor()
    expect(await page.locator('input[name="link"]:checked').count()).toBe(0)
    await page.locator('section.step:focus, main:focus').waitFor()
    await close()
  })

  test('asks before the window closes while a device is written', async () => {
    const { page, close } = await visit(browser, host)
    await host.call('POST', '/handsets', { name: 'long' })
    await chooseFile(page, FIRMWARE, () => page.getByRole('button', { name: 'Add image…' }).click())
    await page.getByRole('radio', { name: /^long/ }).check()
    await planAndStart(page)
    await expect.poll(() => page.title(), { timeout: 120_000 }).toMatch(/^\d+% Kintsugi$/)
    const asked = new Promise<string>(done =>
      page.once('dialog', dialog => {
        done(dialog.type())
        void dialog.dismiss()
      }),
    )
    await page.close({ runBeforeUnload: true })
    expect(await asked).toBe('beforeunload')
    await page.getByRole('button', { name: 'Cancel restore' }).click()
    await page.locator('[data-result="interrupted"]').waitFor(OUTCOME)
    await close()
  })

  test('runs several restores at once and shows each on demand', async () => {
    const { page, close } = await visit(browser, host)
    await chooseFile(page, FIRMWARE, () => page.getByRole('button', { name: 'Add image…' }).click())
    for (const name of ['left', 'right']) {
      await host.call('POST', '/handsets', { name })
      await page.getByRole('radio', { name: new RegExp(`^${name}`) }).check()
      await planAndStart(page)
      await page.getByRole('progressbar', { name: 'Restore progress' }).waitFor()
    }
    await page.getByText('2 restores running').waitFor()
    await page.getByRole('button', { name: /^Show restore \d+ on virtual:left$/ }).click()
    expect(await page.getByRole('radio', { name: /^left/ }).isChecked()).toBe(true)
    for (const name of ['left', 'right']) {
      await page.getByRole('radio', { name: new RegExp(`^${name}`) }).check()
      await page.getByRole('button', { name: 'Cancel restore' }).click()
      await page.locator('[data-result="interrupted"]').waitFor(OUTCOME)
    }
    await close()
  })

  describe.skipIf(!peer('socat'))('over a serial line', () => {
    test('writes a dropped image into a bricked handset at the other end, byte by byte [S0-24, S0-31]', async () => {
      const line = await startLine(folder.path)
      const saved = join(folder.path, 'flash.bin')
      const handset = await startCommand(
        [
          'handset',
          'run',
          `serial:${line.far}@921600`,
          '--bricked',
          '--protocol',
          'smp',
          '--save',
          saved,
        ],
        /ready/,
      )
      const image = await readFile(FIRMWARE)
      const { page, complaints, close } = await visit(browser, host)
      await drop(page, 'micropython-next.bin', [...image])
      await page.getByRole('radio', { name: /^micropython-next\.bin/ }).waitFor()
      await page.getByLabel('Link', { exact: true }).fill(`serial:${line.near}@921600`)
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: 'Identify' }).click()
      await page.getByText('Restore mode', { exact: true }).waitFor()
      await (await startable(page)).click()
      await page.getByText('Written and verified').waitFor(OUTCOME)
      await handset.stop()
      line.process.kill()
      const flash = await readFile(saved)
      const written = flash.subarray(REGION_ADDRESS, REGION_ADDRESS + image.length)
      expect(written.equals(image)).toBe(true)
      expect(complaints).toEqual([])
      await close()
    })
  })
})

async function startLine(
  folder: string,
): Promise<{ near: string; far: string; process: ChildProcess }> {
  const [near, far] = [join(folder, 'near'), join(folder, 'far')]
  const ends = [near, far].map(path => `pty,raw,echo=0,link=${path}`)
  const process = spawn(peer('socat') ?? 'socat', ends, { stdio: 'ignore' })
  await once(process, 'spawn')
  await expect.poll(() => [near, far].every(path => existsSync(path))).toBe(true)
  return { near, far, process }
}
