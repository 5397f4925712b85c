import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { onTestFinished } from 'vitest'
import { createWorkbench, type Workbench } from '../../src-main/api'
import { CUSTOMER, TEST_DEVICE, TIME_ZONE, VENDOR, openVendor } from '../../src-main/cli/demo/cast'
import { Stage, type Told } from '../../src-main/cli/demo/stage'
import type { NewCustomer, Rollout, RolloutSettings } from '../../src-main/contract/rollouts'
import type { AdditionalInformation } from '../../src-main/contract/vendor'

/** A stage with a vendor, in virtual time; what it tells is kept. */
export async function stageWithVendor(seed = 1): Promise<{ stage: Stage; told: Told[] }> {
  const workbench = await createWorkbench({ clock: 'virtual', seed })
  onTestFinished(() => workbench.close())
  const told: Told[] = []
  const { signal } = new AbortController()
  const stage = new Stage({ workbench, tell: one => told.push(one), signal })
  await openVendor(stage)
  return { stage, told }
}

export function firmware(version: string, model = 'k1'): Uint8Array {
  const path = resolve(import.meta.dirname, `../../resources/firmware/${model}-${version}.bin`)
  return new Uint8Array(readFileSync(path))
}

export interface Terminal {
  readonly deviceId: string
  readonly ipAddress: string
  readonly mail: string
  readonly isTestDevice?: boolean
}

/** An information terminal of Vendor A, type T, which takes the software itself. */
export async function bringTerminal(workbench: Workbench, terminal: Terminal): Promise<void> {
  const { deviceId, ipAddress, mail, isTestDevice = false } = terminal
  const password = `password of ${deviceId}`
  const software = { name: 'kintsugi-k1', version: '1.0.0' }
  const deviceClass = 'information-terminal'
  await workbench.network.addDevice({ deviceId, deviceClass, ipAddress, password, software })
  const row: NewCustomer = {
    deviceId,
    ipAddress,
    password,
    deviceClass,
    isTestDevice,
    vendorName: VENDOR,
    managerName: `Manager of ${deviceId}`,
    managerEmail: mail,
    deviceType: 'T',
    timeZone: TIME_ZONE,
  }
  await workbench.carrier.putCustomers({ rows: [row] })
}

export const INFORMATION: AdditionalInformation = {
  deviceTypes: ['T'],
  fromVersions: [],
  price: 300,
  currency: 'JPY',
  trial: { signal: 'ready?', answer: 'ready?', waitSeconds: 60 },
}

/** Registers a release and tells the carrier by hand. */
export async function announce(
  workbench: Workbench,
  { image, additional = INFORMATION, settings }: Announcement,
): Promise<Rollout> {
  const { digest } = await workbench.upload('software.bin', image)
  const release = await workbench.vendor.register({ vendorName: VENDOR, digest, additional })
  return workbench.carrier.markNotified({
    vendorName: VENDOR,
    vendorReleaseId: release.id,
    settings,
  })
}

interface Announcement {
  readonly image: Uint8Array
  readonly additional?: AdditionalInformation
  readonly settings: Partial<RolloutSettings>
}

/** Step labels of the trace in order, without those of other seeds and without repetitions. */
export async function steps(workbench: Workbench): Promise<string[]> {
  const labels = (await workbench.observe.trace({ limit: 5000 })).map(({ label }) => label)
  return labels.filter((label, at) => label.startsWith('1:') && label !== labels[at - 1])
}

/** Answers on the page behind the link of a question. */
export async function answer(link: string, wanted: 'yes' | 'no'): Promise<number> {
  const page = await fetch(link, { method: 'POST', body: new URLSearchParams({ answer: wanted }) })
  await page.arrayBuffer()
  return page.status
}

export { CUSTOMER, TEST_DEVICE, VENDOR }
