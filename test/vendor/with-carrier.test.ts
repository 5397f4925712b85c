import { expect, onTestFinished, test } from 'vitest'
import { createWorkbench } from '../../src-main/workbench'
import { manyCustomers } from '../carrier/customers/fixture'
import { accessorOf, firmware, FREE, SILENT, sha256Of } from './vendor-bench'

const VENDOR = 'Vendor A'
const SECRETS = { accessorPassword: 'open sesame', vendorPassword: 'I am a vendor' }

/** A whole workbench with vendors whom the carrier knows. */
async function joined(...names: string[]) {
  const workbench = await createWorkbench()
  onTestFinished(() => workbench.close())
  const { vendor, carrier } = workbench
  for (const vendorName of names) {
    const { address } = await vendor.create({ name: vendorName })
    const accessorId = 'carrier-1'
    const { accessorPassword: password, vendorPassword } = SECRETS
    await vendor.setAccessor({ vendorName, accessorId, party: 'Carrier', password })
    await vendor.setCarrier({ vendorName, password: vendorPassword })
    await carrier.setVendor({ vendorName, databaseAddress: address, accessorId, ...SECRETS })
  }
  const register = async (vendorName: string, version: string) => {
    const { digest } = await workbench.upload(`${version}.bin`, firmware(version))
    return vendor.register({ vendorName, digest, additional: FREE })
  }
  const rollouts = () => carrier.rollouts({})
  return { ...workbench, register, rollouts }
}

test.each(['api', 'mail'] as const)(
  'a notice by %s has the carrier fetch the very release, by one transfer [S1-30] [S1-37]',
  async by => {
    const bench = await joined(VENDOR)
    const { id, digest } = await bench.register(VENDOR, '1.1.0')
    await bench.vendor.notify({ vendorName: VENDOR, id, by })
    await expect.poll(async () => (await bench.rollouts())[0]?.digest).toBe(digest)
    expect(digest).toBe(sha256Of(firmware('1.1.0')))
    expect(await bench.vendor.releases({ vendorName: VENDOR })).toMatchObject([
      { state: 'handed-out' },
    ])
    const accesses = await bench.vendor.accesses({ vendorName: VENDOR })
    expect(accesses.map(({ outcome }) => outcome)).toEqual(['handed-out', 'demanded'])
    const labels = (await bench.observe.trace({})).map(({ label }) => label)
    const steps = labels.filter(label => /^1:S1[0-8]$/.test(label))
    expect([...new Set(steps)]).toEqual(['1:S10', '1:S11', '1:S12', '1:S13', '1:S14', '1:S18'])
  },
)

test('a database that knows the carrier no more refuses it, and a new registration mends it [S1-34] [S1-36]', async () => {
  const bench = await joined(VENDOR)
  const { id } = await bench.register(VENDOR, '1.1.0')
  await bench.vendor.removeAccessor({ vendorName: VENDOR, accessorId: 'carrier-1' })
  await bench.vendor.notify({ vendorName: VENDOR, id })
  const state = async () => (await bench.rollouts())[0]?.state
  await expect.poll(state).toBe('auth-refused')
  const entries = await bench.observe.trace({})
  expect(entries.filter(({ label }) => label === '1:S17')).toMatchObject([{ bytes: 0 }])
  expect(entries.filter(({ label }) => label === '1:S18')).toEqual([])
  const audited = (await bench.observe.audit({})).map(({ actor, code }) => `${actor} ${code}`)
  expect(audited).toEqual(
    expect.arrayContaining(['vendor-database ACCESS_REFUSED', 'carrier ACCESS_REFUSED']),
  )

  const accessor = { accessorId: 'carrier-1', party: 'Carrier', password: SECRETS.accessorPassword }
  await bench.vendor.setAccessor({ vendorName: VENDOR, ...accessor })
  const [rollout] = await bench.rollouts()
  await bench.carrier.fetchRollout({ id: rollout?.id ?? 0 })
  await expect.poll(async () => (await bench.rollouts())[0]?.digest).not.toBeNull()
})

test('an upload arrives as it left, and software of two vendors lies side by side [S1-01] [S1-69]', async () => {
  const bench = await joined(VENDOR, 'Vendor B')
  const ofA = await bench.register(VENDOR, '1.1.0')
  const ofB = await bench.register('Vendor B', '2.0.0')
  await bench.vendor.upload({ vendorName: VENDOR, id: ofA.id })
  await bench.vendor.upload({ vendorName: 'Vendor B', id: ofB.id })
  const stored = async () =>
    Object.fromEntries(
      (await bench.rollouts()).map(({ vendorName, digest }) => [vendorName, digest]),
    )
  await expect.poll(stored).toEqual({ [VENDOR]: ofA.digest, 'Vendor B': ofB.digest })
})

test('a hundred devices cost the vendor one transfer, and nothing beyond registration and notice [S1-70]', async () => {
  const bench = await joined(VENDOR)
  const rows = manyCustomers(100, { vendorName: VENDOR })
  await bench.carrier.putCustomers({ rows })
  const { id } = await bench.register(VENDOR, '1.1.0')
  await bench.vendor.notify({ vendorName: VENDOR, id })
  const selected = async () => {
    const [rollout] = await bench.rollouts()
    return rollout && (await bench.carrier.tasks({ id: rollout.id, limit: 1 })).total
  }
  await expect.poll(selected).toBe(100)
  const accesses = await bench.vendor.accesses({ vendorName: VENDOR })
  expect(accesses.map(({ outcome }) => outcome)).toEqual(['handed-out', 'demanded'])
  const asked = (await bench.observe.actions({})).filter(({ call }) => call.startsWith('vendor.'))
  expect(asked.map(({ call }) => call)).toEqual([
    'vendor.create',
    'vendor.setAccessor',
    'vendor.setCarrier',
    'vendor.register',
    'vendor.notify',
  ])
})

test('what a trial device never proved is returned, and fetched again only as a new revision [S1-48]', async () => {
  const bench = await joined(VENDOR)
  const { id } = await bench.register(VENDOR, '1.1.0')
  await bench.vendor.notify({ vendorName: VENDOR, id })
  await expect.poll(async () => (await bench.rollouts())[0]?.digest).not.toBeNull()
  const [vendor] = await bench.vendor.list()
  const credentials = { id: 'carrier-1', password: SECRETS.accessorPassword }
  expect((await accessorOf(vendor?.address ?? '', credentials).giveBack(id, SILENT)).status).toBe(
    204,
  )

  expect(await bench.vendor.releases({ vendorName: VENDOR })).toMatchObject([
    { state: 'returned', report: SILENT },
  ])
  await expect(bench.vendor.notify({ vendorName: VENDOR, id })).rejects.toMatchObject({
    code: 'RELEASE_RETURNED',
  })
  const again = await bench.register(VENDOR, '1.1.0')
  await bench.vendor.notify({ vendorName: VENDOR, id: again.id })
  const newest = async () =>
    (await bench.rollouts()).map(({ revision, digest }) => [revision, digest])
  await expect.poll(newest).toContainEqual([2, again.digest])
})
