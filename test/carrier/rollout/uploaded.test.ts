import { expect, test } from 'vitest'
import { rolloutStage } from './rollout-stage'

const VENDOR = 'Vendor A'
const ADDITIONAL = { deviceTypes: [], fromVersions: [], price: 300, currency: 'JPY', trial: null }

test('managers are asked also where the vendor uploads, and only who agrees gets it and pays [S1-65]', async () => {
  const stage = await rolloutStage()
  const { workbench } = stage
  const { carrier, vendor } = workbench
  await stage.openVendor(VENDOR)
  await vendor.setCarrier({ vendorName: VENDOR, password: 'their password' })
  await carrier.setRolloutDefaults({ acquisition: 'upload', consent: true, window: null })
  for (const number of [1, 2]) await stage.bring(number)
  const { digest } = await workbench.uploadPackage('Terminal.bin', Buffer.from('the new software'))
  const software = { softwareName: 'Terminal', version: '2' }
  const { id: releaseId } = await vendor.register({
    vendorName: VENDOR,
    digest,
    ...software,
    additional: ADDITIONAL,
  })
  await vendor.upload({ vendorName: VENDOR, id: releaseId })
  await stage.hours(0.1)
  const [rollout] = await carrier.rollouts({})
  const id = rollout?.id ?? 0
  expect(rollout).toMatchObject({ state: 'collecting-consent', digest })
  for (const number of [1, 2]) {
    expect(await stage.mailsTo(number)).toMatchObject([
      expect.stringContaining('Do you want the update?'),
    ])
    expect(await stage.device(number)).toMatchObject({ lastAccessAt: null })
  }
  await carrier.answerForDevice({ id, deviceId: 'IT-1', answer: 'yes' })
  await carrier.answerForDevice({ id, deviceId: 'IT-2', answer: 'no' })
  await stage.hours(0.1)
  expect(await stage.tasks(id)).toEqual({ 'IT-1': 'invoiced', 'IT-2': 'declined' })
  expect(await stage.device(1)).toMatchObject({ software: { name: 'Terminal', version: '2' } })
  expect(await stage.device(2)).toMatchObject({ lastAccessAt: null })
  expect((await stage.invoices()).map(({ deviceId }) => deviceId)).toEqual(['IT-1'])
  // Nobody asked a database for anything.
  expect(await vendor.accesses({ vendorName: VENDOR })).toEqual([])
})
