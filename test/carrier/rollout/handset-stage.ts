import { onTestFinished } from 'vitest'
import type { RolloutSettings } from '../../../src-main/contract/rollouts'
import { startSite } from '../../../src-main/site/start-site'
import { DEVICE_PATHS } from '../../../src-main/wire/device/messages'
import { firmware, handsetAt } from '../carrier-bench'
import { rolloutStage } from './rollout-stage'

/** A rollout of firmware to one handset of the customer table, which the test plays itself. */
export async function handsetStage(settings: Partial<RolloutSettings>) {
  const stage = await rolloutStage()
  const { workbench } = stage
  const { carrier, vendor } = workbench
  const notices: string[] = []
  const site = await startSite({
    actor: 'device',
    statusOfCode: {},
    audit: { refuse: () => {} },
    clock: { busy: () => () => {} },
    logDefect: () => {},
    port: 0,
    mount(paths) {
      paths.post(DEVICE_PATHS.session, () =>
        Response.json({ token: 'a-token-of-the-device', takes: 'notice', software: null }),
      )
      paths.post(DEVICE_PATHS.notice, async ({ req }) => {
        notices.push(await req.text())
        return new Response(null, { status: 202 })
      })
    },
  })
  onTestFinished(() => site.close())
  await stage.openVendor('Vendor A')
  await stage.bring(1, { deviceClass: 'handset', terminalId: 'T-0001' })
  await carrier.setAddress({ ipAddress: '10.0.0.1', base: site.address })
  const { digest } = await workbench.upload('new.bin', Buffer.from(firmware('1.1.0')))
  const additional = {
    deviceTypes: ['T'],
    fromVersions: [],
    price: 300,
    currency: 'JPY',
    trial: null,
  }
  const release = await vendor.register({ vendorName: 'Vendor A', digest, additional })
  const announced = { vendorName: 'Vendor A', vendorReleaseId: release.id, settings }
  const { id } = await carrier.markNotified(announced)
  await stage.hours(0.01)
  return {
    ...stage,
    id,
    notices,
    handset: handsetAt((await carrier.server()).address),
    task: async () => (await carrier.tasks({ id })).rows[0],
  }
}
