import { readFile } from 'node:fs/promises'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { peer } from '../support/peers'
import { SOFTWARE, chooseFile, drop, startable, operationsOf, flashOf } from './bench-steps'
import {
  accessibilityFaults,
  FIRMWARE,
  openBrowser,
  startHost,
  temporaryFolder,
  visit,
  type Host,
} from './support'

/** Where the descriptor of an image names the model. */
const MODEL_AT = 0x48
const OUTCOME = { timeout: 200_000 }

describe.skipIf(!peer('chromium'))('The plan of a restore', () => {
  let browser: Browser
  let host: Host
  let folder: Awaited<ReturnType<typeof temporaryFolder>>

  beforeAll(async () => {
    folder = await temporaryFolder()
    host = await startHost(folder.path)
    browser = await openBrowser()
  })

  beforeEach(() => host.call('PATCH', '/settings', { language: 'en', theme: 'dark', layout: {} }))

  afterAll(async () => {
    await browser?.close()
    await host?.stop()
    await folder?.remove()
  })

  test('goes on with a restore whose cable was pulled, and ends restored', async () => {
    await host.call('POST', '/handsets', { name: 'unplugged' })
    const { page, complaints, close } = await visit(browser, host)
    await chooseFile(page, SOFTWARE, () => page.getByRole('button', { name: 'Add image…' }).click())
    await page.getByRole('radio', { name: /^unplugged/ }).check()
    await page.getByRole('button', { name: 'Identify' }).click()
    await (await startable(page)).click()
    const pulledAt = await pullCable(host, 'unplugged')
    await page.getByRole('heading', { name: 'Interrupted' }).waitFor(OUTCOME)
    await host.call('POST', '/handsets/unplugged/cable', { on: true })
    await page.getByRole('button', { name: 'Plan to go on' }).click()
    const plan = page.locator('.plan')
    await plan.getByText('Ready to go on').waitFor()
    const goOn = plan.getByRole('radio', { name: /^Go on from [\d,]+ of 44,300 bytes$/ })
    expect(await goOn.isChecked()).toBe(true)
    expect(await accessibilityFaults(page)).toEqual([])
    await plan.getByRole('radio', { name: 'Start over: write all once more' }).check()
    await plan.getByText('k1-1.1.0.bin, 44,300 bytes from the start of the slot').waitFor()
    await goOn.check()
    await plan.getByText(/^k1-1\.1\.0\.bin, [\d,]+ bytes from byte [\d,]+ on$/).waitFor()
    await page.getByRole('button', { name: 'Start restore' }).click()
    await page.getByRole('heading', { name: 'Restored' }).waitFor(OUTCOME)
    await page.getByText(/^Taken up at byte [\d,]+ of 44,300\.$/).waitFor()
    const [last] = (await host.call('GET', '/restores')) as { resumedFrom: number }[]
    expect(last?.resumedFrom).toBeGreaterThanOrEqual(pulledAt)
    expect(await flashOf(host, 'unplugged', 44_300)).toEqual(await readFile(SOFTWARE))
    expect(complaints).toEqual([])
    await close()
  })

  test('refuses an image of another model before anything is written', async () => {
    const image = await readFile(SOFTWARE)
    image.set(Buffer.from('k2'), MODEL_AT)
    await host.call('POST', '/handsets', { name: 'a-k1' })
    const { page, complaints, close } = await visit(browser, host)
    await drop(page, 'for-k2.bin', [...image])
    await page.getByRole('radio', { name: /^for-k2\.bin/, checked: true }).waitFor()
    await page.getByRole('radio', { name: /^a-k1/ }).check()
    await page.getByRole('button', { name: 'Plan', exact: true }).click()
    const plan = page.locator('.plan')
    await plan.getByText('Refused: nothing will be written').waitFor()
    await plan.getByText('The image was made for k2, and the device is a k1.').waitFor()
    await plan.getByText('Choose the image that is made for this device.').waitFor()
    expect(await page.getByRole('button', { name: 'Start restore' }).isDisabled()).toBe(true)
    expect(await plan.getByRole('button', { name: 'Write all the same…' }).count()).toBe(0)
    expect(await accessibilityFaults(page)).toEqual([])
    expect(await operationsOf(host, 'a-k1')).toBe(0)
    expect(complaints).toEqual([])
    await close()
  })

  test('writes a damaged image only for whoever insists', async () => {
    const image = await readFile(SOFTWARE)
    image.set([0], image.length - 1)
    await host.call('POST', '/handsets', { name: 'insisted' })
    const { page, complaints, close } = await visit(browser, host)
    await drop(page, 'damaged.bin', [...image])
    await page.getByRole('radio', { name: /^damaged\.bin/, checked: true }).waitFor()
    await page.getByRole('radio', { name: /^insisted/ }).check()
    await page.getByRole('button', { name: 'Plan', exact: true }).click()
    const plan = page.locator('.plan')
    await plan.getByText('Refused: nothing will be written').waitFor()
    await plan.getByRole('button', { name: 'Write all the same…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Plan to write it' }).click()
    await plan.getByText('Ready to write').waitFor()
    await plan.getByText('it is written all the same because you asked for it').waitFor()
    expect(await operationsOf(host, 'insisted')).toBe(0)
    await page.getByRole('button', { name: 'Start restore' }).click()
    await page.getByText('Written and verified').waitFor(OUTCOME)
    expect(complaints).toEqual([])
    await close()
  })

  test('drops a plan as soon as device, image or encoding are others', async () => {
    await host.call('POST', '/handsets', { name: 'fickle' })
    const { page, complaints, close } = await visit(browser, host)
    await drop(page, 'one.bin', [...(await readFile(FIRMWARE)).subarray(0, 20_000)])
    await drop(page, 'other.bin', [...(await readFile(FIRMWARE)).subarray(0, 30_000)])
    await page.getByRole('radio', { name: /^other\.bin/, checked: true }).waitFor()
    await page.getByRole('radio', { name: /^fickle/ }).check()
    await page.getByRole('button', { name: 'Plan', exact: true }).click()
    const plan = page.locator('.plan')
    await plan.getByText('Ready to write').waitFor()
    await page.getByRole('radio', { name: /^one\.bin/ }).check()
    await plan.getByText(/^one\.bin, 20,000 bytes/).waitFor()
    expect(await plan.getByText(/^other\.bin/).count()).toBe(0)
    await host.call('POST', '/handsets/fickle/cable', { on: false })
    await plan.getByText('Not planned yet.').waitFor()
    await host.call('POST', '/handsets/fickle/cable', { on: true })
    await page.getByRole('button', { name: 'Plan', exact: true }).click()
    await plan.getByText('Ready to write').waitFor()
    await page.getByText('Advanced').click()
    await page.getByRole('radio', { name: /^Raw/ }).check()
    await plan.getByText('Not planned yet.').waitFor()
    await expect
      .poll(() => host.call('GET', '/settings'))
      .toMatchObject({ layout: { 'bench.encoding': 2 } })
    await page.getByRole('radio', { name: /^Automatic/ }).check()
    await expect
      .poll(() => host.call('GET', '/settings'))
      .toMatchObject({ layout: { 'bench.encoding': 0 } })
    expect(complaints).toEqual([])
    await close()
  })
})

/** Pulls the cable once the first bytes are written. Says how many had been acknowledged then. */
async function pullCable(host: Host, name: string): Promise<number> {
  for (;;) {
    const [newest] = (await host.call('GET', '/restores')) as {
      link: string
      doneBytes: number
      stage: string
    }[]
    const isOurs = newest?.link === `virtual:${name}`
    if (isOurs && newest.stage === 'ended') throw new Error('It ended before the cable was pulled.')
    if (isOurs && newest.doneBytes > 0) {
      await host.call('POST', `/handsets/${name}/cable`, { on: false })
      return newest.doneBytes
    }
  }
}
