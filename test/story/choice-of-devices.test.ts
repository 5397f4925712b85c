import { expect, test } from 'vitest'
import type { Stage } from '../../src-main/cli/demo/stage'
import type { NewCustomer } from '../../src-main/contract/rollouts'
import { INFORMATION, stageWithVendor, VENDOR } from './carrier-cast'

const SETTINGS = { trial: false, consent: false, window: null }

interface Machine {
  readonly deviceId: string
  readonly ipAddress: string
  readonly row: Partial<NewCustomer>
}

/** A PC at the network and in the customer table. */
async function bring(stage: Stage, { deviceId, ipAddress, row }: Machine): Promise<void> {
  const { network, carrier } = stage.workbench
  const password = 'secret'
  await network.addDevice({ deviceId, ipAddress, password, deviceClass: 'pc' })
  const usual = { managerName: deviceId, managerEmail: 'm@example.com', deviceClass: 'pc' } as const
  await carrier.putCustomers({
    rows: [{ vendorName: VENDOR, ...usual, ...row, deviceId, ipAddress, password }],
  })
}

/** Announces a package and gives the devices that run it in the end. */
async function reachedBy(stage: Stage, name: string, deviceTypes: string[]): Promise<string[]> {
  const { workbench } = stage
  const content = new TextEncoder().encode(`${name}, of which the bytes do not matter`)
  const { digest } = await workbench.uploadPackage(`${name}.swu`, content)
  const additional = { ...INFORMATION, deviceTypes, trial: null }
  const release = await workbench.vendor.register({
    vendorName: VENDOR,
    digest,
    softwareName: name,
    version: '1.0.0',
    additional,
  })
  const { id } = await workbench.carrier.markNotified({
    vendorName: VENDOR,
    vendorReleaseId: release.id,
    settings: SETTINGS,
  })
  await stage.until('the rollout', async () => {
    const { rows } = await workbench.carrier.tasks({ id })
    const { storedAt } = await workbench.carrier.rollout({ id })
    const isOver = rows.every(({ state }) => state === 'invoiced')
    return storedAt !== null && rows.length > 0 && isOver ? true : undefined
  })
  const devices = await workbench.network.devices()
  return devices.filter(({ software }) => software?.name === name).map(({ deviceId }) => deviceId)
}

test('without types the vendor decides, with types they do, and a wish list decides for a PC [S1-07] [S1-08] [S1-25]', async () => {
  const { stage } = await stageWithVendor()
  const machines: readonly Machine[] = [
    { deviceId: 'A-1', ipAddress: '10.4.0.1', row: { deviceType: 'T1' } },
    { deviceId: 'B-1', ipAddress: '10.4.0.2', row: { vendorName: 'Vendor B', deviceType: 'T1' } },
    { deviceId: 'B-2', ipAddress: '10.4.0.3', row: { vendorName: 'Vendor B', deviceType: 'T2' } },
    { deviceId: 'WISH', ipAddress: '10.4.0.4', row: { wantedSoftware: ['wished'] } },
  ]
  for (const machine of machines) await bring(stage, machine)
  expect(await reachedBy(stage, 'own', [])).toEqual(['A-1'])
  expect(await reachedBy(stage, 'wished', [])).toEqual(['A-1', 'WISH'])
  expect(await reachedBy(stage, 'typed', ['T1'])).toEqual(['A-1', 'B-1'])
})

test('who runs the server, and over what network, changes no message [S1-72]', async () => {
  const labels = async (operator: Parameters<Stage['workbench']['carrier']['setOperator']>[0]) => {
    const { stage } = await stageWithVendor()
    const { workbench } = stage
    expect(await workbench.carrier.setOperator(operator)).toEqual(operator)
    expect(await workbench.carrier.operator()).toEqual(operator)
    await bring(stage, { deviceId: 'A-1', ipAddress: '10.4.0.1', row: {} })
    await reachedBy(stage, 'any', [])
    const trace = await workbench.observe.trace({ limit: 5000 })
    return trace.map(({ from, to, label, type, outcome }) => [from, to, label, type, outcome])
  }
  const carrier = await labels({ operator: 'telephone-carrier', network: 'mobile-network' })
  expect(carrier.length).toBeGreaterThan(10)
  for (const operator of ['internet-provider', 'application-provider'] as const) {
    expect(await labels({ operator, network: 'internet' })).toEqual(carrier)
  }
})
