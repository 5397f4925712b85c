import { resolve } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import type { Host } from './support'

/** Built-in software of 44,300 bytes. */
export const SOFTWARE = resolve(import.meta.dirname, '../../resources/firmware/k1-1.1.0.bin')
export const REGION_ADDRESS = 0x10000

export async function chooseFile(
  page: Page,
  path: string,
  open: () => Promise<unknown>,
): Promise<void> {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), open()])
  await chooser.setFiles(path)
}

/** Drops a file on the window, as a file manager does. */
export async function drop(page: Page, name: string, bytes: readonly number[]): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([fileName, content]) => {
      const carried = new DataTransfer()
      carried.items.add(new File([Uint8Array.from(content)], fileName))
      return carried
    },
    [name, [...bytes]] as const,
  )
  await page.dispatchEvent('main', 'dragover', { dataTransfer: transfer })
  await page.getByText('Drop firmware files to add them to the library').waitFor()
  await page.dispatchEvent('main', 'drop', { dataTransfer: transfer })
}

/** Plans once a file that was chosen has come, and follows the plan. */
export async function planAndStart(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Plan', exact: true }).click()
  await (await startable(page)).click()
}

/** The start button once it can be pressed, which is when there is a plan to follow. */
export async function startable(page: Page): Promise<Locator> {
  const start = page.getByRole('button', { name: 'Start restore', disabled: false })
  await start.waitFor()
  return start
}

export async function removeHandsets(host: Host): Promise<void> {
  const handsets = (await host.call('GET', '/handsets')) as { name: string }[]
  for (const { name } of handsets) await host.call('DELETE', `/handsets/${name}`)
}

interface HandsetFacts {
  readonly name: string
  readonly state: string
  readonly flash: { readonly operations: number }
}

async function handsetOf(host: Host, name: string): Promise<HandsetFacts | undefined> {
  const handsets = (await host.call('GET', '/handsets')) as HandsetFacts[]
  return handsets.find(one => one.name === name)
}

export async function operationsOf(host: Host, name: string): Promise<number | undefined> {
  return (await handsetOf(host, name))?.flash.operations
}

export async function stateOf(host: Host, name: string): Promise<string | undefined> {
  return (await handsetOf(host, name))?.state
}

export async function flashOf(host: Host, name: string, length: number): Promise<Buffer> {
  const path = `/handsets/${name}/flash?address=${REGION_ADDRESS}&length=${length}`
  const { hex } = (await host.call('GET', path)) as { hex: string }
  return Buffer.from(hex, 'hex')
}
