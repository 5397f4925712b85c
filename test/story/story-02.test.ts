import { expect, test } from 'vitest'
import type { RolloutState } from '../../src-main/contract/rollouts'
import {
  announce,
  bringTerminal,
  firmware,
  INFORMATION,
  stageWithVendor,
  steps,
  VENDOR,
} from './carrier-cast'

const SETTINGS = { trial: true, consent: false, window: null }

test('story 2: a failed trial and a second attempt [S1-35] [S1-36] [S1-45] [S1-46] [S1-47] [S1-48] [S1-51]', async () => {
  const { stage } = await stageWithVendor()
  const { workbench } = stage
  const tested = { deviceId: 'IT-0', ipAddress: '10.3.0.1', mail: 'test@example.com' }
  const ordinary = { deviceId: 'IT-1', ipAddress: '10.3.0.2', mail: 'one@example.com' }
  await bringTerminal(workbench, { ...tested, isTestDevice: true })
  await bringTerminal(workbench, ordinary)
  const reached = (id: number, state: RolloutState) =>
    stage.until(state, async () => {
      const rollout = await workbench.carrier.rollout({ id })
      return rollout.state === state ? rollout : undefined
    })
  const deviceAt = async (ipAddress: string) =>
    (await workbench.network.devices()).find(device => device.ipAddress === ipAddress)

  // 1. It answers, but not as prescribed.
  await workbench.network.changeDevice({ ipAddress: tested.ipAddress, fault: 'wrong-answer' })
  const image = firmware('1.1.0')
  const first = await announce(workbench, { image, settings: SETTINGS })
  const returned = await reached(first.id, 'returned')
  expect(returned.report).toMatchObject({ outcome: 'wrong-answer', deviceId: tested.deviceId })
  const [release] = await workbench.vendor.releases({ vendorName: VENDOR })
  expect(release).toMatchObject({ state: 'returned', report: { outcome: 'wrong-answer' } })
  expect(await steps(workbench)).toEqual(
    expect.arrayContaining(['1:S30', '1:S31', '1:S32', '1:S33', '1:S35', '1:S37']),
  )

  // 2. No ordinary device received a byte.
  expect(await deviceAt(ordinary.ipAddress)).toMatchObject({ lastAccessAt: null })
  expect((await workbench.carrier.tasks({ id: first.id })).total).toBe(0)

  // The same revision cannot be distributed again.
  await expect(
    workbench.carrier.markNotified({ vendorName: VENDOR, vendorReleaseId: first.vendorReleaseId }),
  ).rejects.toMatchObject({ code: 'RELEASE_RETURNED' })

  // 3. A second revision; the accessor's password was changed meanwhile.
  await workbench.network.changeDevice({ ipAddress: tested.ipAddress, fault: null })
  const accessor = { vendorName: VENDOR, accessorId: 'carrier', party: 'Carrier' }
  await workbench.vendor.setAccessor({ ...accessor, password: 'changed' })
  const second = await announce(workbench, { image, settings: SETTINGS, additional: INFORMATION })
  const [again] = await workbench.vendor.releases({ vendorName: VENDOR })
  expect(again).toMatchObject({ id: second.vendorReleaseId, revision: 2 })
  await reached(second.id, 'auth-refused')
  expect(await steps(workbench)).toContain('1:S17')
  const [refused] = await workbench.vendor.accesses({ vendorName: VENDOR })
  expect(refused).toMatchObject({ outcome: 'refused' })

  // 4. Put right, it passes and goes to the others.
  await workbench.vendor.setAccessor({ ...accessor, password: 'fetch-for-me' })
  await workbench.carrier.fetchRollout({ id: second.id })
  await stage.until('the ordinary device', async () => {
    const device = await deviceAt(ordinary.ipAddress)
    return device?.software?.version === '1.1.0' ? true : undefined
  })
  const { rows } = await workbench.carrier.tasks({ id: second.id })
  expect(rows.map(({ deviceId }) => deviceId)).toEqual([ordinary.deviceId])
  const history = await workbench.carrier.history({ id: second.id })
  expect(history.map(({ state }) => state)).toEqual(
    expect.arrayContaining(['auth-refused', 'stored', 'testing', 'trial-passed', 'distributing']),
  )
})
