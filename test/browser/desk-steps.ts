import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import type { Host } from './support'

const FIRMWARE = resolve(import.meta.dirname, '../../resources/firmware')

export const RELEASE_FILE = resolve(FIRMWARE, 'k1-1.1.0.bin')
/** A CPU is emulated, a file is made, sent and written in the flash's own time. */
export const DELIVERED = { timeout: 200_000 }

export const PASSWORDS = { atVendor: 'carrier-at-vendor', atCarrier: 'vendor-at-carrier' }

/** A row of the customer table and the handset that it is about, which runs 1.0.0. */
export async function connectPhone(host: Host, name: string, place: number): Promise<void> {
  await upload(host, 'k1-1.0.0.bin')
  const made = { name, bricked: false, software: '1.0.0' }
  const { terminalId } = (await host.call('POST', '/handsets', made)) as { terminalId: string }
  const reached = { deviceId: name, ipAddress: `10.1.23.${place}`, password: '98-76-54' }
  await host.call('POST', '/network/handsets', { handset: name, ...reached })
  const owner = { managerName: 'Minato-ku K.K.', managerEmail: 'minato@shiba.co.jp' }
  const row = { ...reached, ...owner, vendorName: 'Vendor A', deviceType: 'k1', terminalId }
  await host.call('POST', '/carrier/customers', { rows: [row] })
}

/** Vendor A with its database, and the carrier, which know each other's passwords. */
export async function introduce(host: Host, atVendor = PASSWORDS.atVendor): Promise<void> {
  const made = await host.call('POST', '/vendors', { name: 'Vendor A' })
  const { address } = made as { address: string }
  const vendor = '/vendors/Vendor%20A'
  const accessor = { party: 'Minato Mobile', password: PASSWORDS.atVendor }
  await host.call('PUT', `${vendor}/accessors/carrier`, accessor)
  await host.call('PUT', `${vendor}/carrier`, { password: PASSWORDS.atCarrier })
  await host.call('PUT', '/carrier/vendors/Vendor%20A', {
    databaseAddress: address,
    accessorId: 'carrier',
    accessorPassword: atVendor,
    vendorPassword: PASSWORDS.atCarrier,
  })
}

/** Registers 1.1.0 and tells the carrier of it. */
export async function release(host: Host): Promise<void> {
  const { digest } = await upload(host, 'k1-1.1.0.bin')
  const additional = {
    deviceTypes: ['k1'],
    fromVersions: [],
    price: 500,
    currency: 'JPY',
    trial: null,
  }
  const path = '/vendors/Vendor%20A/releases'
  const { id } = (await host.call('POST', path, { digest, additional })) as { id: number }
  await host.call('POST', `${path}/${id}/notify`, { by: 'api' })
}

export async function upload(host: Host, name: string): Promise<{ digest: string }> {
  return host.upload(name, await readFile(resolve(FIRMWARE, name)))
}

/** Fills the fields of the open dialog by their labels. */
export async function fill(page: Page, values: Readonly<Record<string, string>>): Promise<void> {
  for (const [label, value] of Object.entries(values)) {
    await page.getByRole('dialog').getByLabel(label, { exact: true }).fill(value)
  }
}

/** Presses the button of the open dialog that goes ahead, and waits until it has. */
export async function goAhead(page: Page, name: string): Promise<void> {
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name, exact: true }).click()
  await dialog.waitFor({ state: 'detached' })
}

/** What stands in the newest rollout's list entry: its state in words. */
export async function expectRollout(page: Page, state: string): Promise<void> {
  const list = page.getByRole('list', { name: 'Rollouts' })
  await expect.poll(() => list.first().innerText(), DELIVERED).toContain(state)
}
