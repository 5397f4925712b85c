import { expect, test } from 'vitest'
import { tokenOf } from '../carrier/ddi/ddi-bench'
import { DdiDevice } from '../carrier/ddi/ddi-device'
import { announce, firmware, INFORMATION, stageWithVendor, VENDOR } from './carrier-cast'

const HOUR = 3_600_000
const DEVICE = 'GW-1'
const IMAGE = firmware('1.1.0')

async function setTheStage() {
  const { stage } = await stageWithVendor()
  const { workbench } = stage
  const row = {
    deviceId: DEVICE,
    ipAddress: '10.9.9.9',
    password: 'never asked for',
    vendorName: VENDOR,
    managerName: 'Gateway K.K.',
    managerEmail: 'gateway@shiba.co.jp',
    deviceType: 'T',
    deviceClass: 'network-device' as const,
    reach: 'poll' as const,
    timeZone: 'Asia/Tokyo',
  }
  await workbench.carrier.putCustomers({ rows: [row] })
  await workbench.carrier.setDeviceToken({ deviceId: DEVICE, token: tokenOf(DEVICE) })
  const { address } = await workbench.carrier.server()
  const device = new DdiDevice(address, DEVICE)
  // Virtual time begins at 9 o'clock in Tokyo.
  const window = { start: '01:00', end: '05:00' }
  const additional = { ...INFORMATION, trial: null }
  const { id } = await announce(workbench, { image: IMAGE, additional, settings: { window } })
  const task = async () => (await workbench.carrier.tasks({ id })).rows[0]
  const waiting = async () => (await task())?.state === 'waiting-window'
  for (let looks = 0; looks < 600 && !(await waiting()); looks++) await stage.pass(1000)
  return { stage, workbench, device, rollout: id, task }
}

test('a device that polls gets its update inside its window, and its manager one bill [S1-14] [S1-16] [S1-17] [S1-18] [S1-22]', async () => {
  const { stage, workbench, device, rollout, task } = await setTheStage()
  expect(await device.links()).toEqual(['configData'])
  await stage.pass(17 * HOUR)
  expect(await device.links()).toEqual(['configData', 'deploymentBase'])
  // The window closes before the device begins.
  await stage.pass(4 * HOUR)
  expect(await device.links()).toEqual(['configData'])
  await stage.pass(20 * HOUR)
  const action = (await task())?.id ?? 0
  expect(Buffer.compare(await device.software(action), IMAGE)).toBe(0)
  // A download that has begun goes on beyond the window.
  await stage.pass(HOUR)
  expect(await device.links()).toContain('deploymentBase')
  expect(await workbench.settlement.invoices({})).toMatchObject({ total: 0 })
  expect((await device.report(action, 'closed', 'success')).status).toBe(200)
  await stage.pass(60_000)
  expect(await task()).toMatchObject({ state: 'invoiced', confirmedAt: null })
  await device.send('PUT', '/configData', { data: { software_id: 'kintsugi-k1-1.1.0' } })
  expect((await task())?.confirmedAt).not.toBeNull()
  const { rows } = await workbench.settlement.invoices({})
  expect(rows).toMatchObject([{ id: `R${rollout}-${DEVICE}`, amount: 300, deviceId: DEVICE }])
  const mails = await workbench.mail.list({})
  expect(mails.filter(({ to }) => to.includes('gateway@shiba.co.jp'))).toHaveLength(1)
  expect((await workbench.carrier.rollout({ id: rollout })).state).toBe('closed')
  const trace = await workbench.observe.trace({ limit: 5000 })
  expect(trace.map(({ type }) => type)).toContain('polled')
})

test('a device that claims what it never downloaded is tried again in its next window, unbilled [S1-17]', async () => {
  const { stage, workbench, device, task } = await setTheStage()
  await stage.pass(17 * HOUR)
  const action = (await task())?.id ?? 0
  await device.report(action, 'closed', 'success')
  await stage.pass(60_000)
  expect(await task()).toMatchObject({ state: 'failed', attempts: 1 })
  expect(await device.links()).not.toContain('deploymentBase')
  expect(await workbench.settlement.invoices({})).toMatchObject({ total: 0 })
  await stage.pass(24 * HOUR)
  expect(await device.links()).toContain('deploymentBase')
  await device.software(action)
  await device.report(action, 'closed', 'success')
  await stage.pass(60_000)
  expect(await task()).toMatchObject({ state: 'invoiced', attempts: 2 })
  expect(await workbench.settlement.invoices({})).toMatchObject({ total: 1 })
})

test('a rollout that is cancelled takes its software from devices that poll', async () => {
  const { stage, workbench, device, rollout, task } = await setTheStage()
  await stage.pass(17 * HOUR)
  const action = (await task())?.id ?? 0
  const href = await device.download(action)
  await workbench.carrier.cancelRollout({ id: rollout })
  await stage.pass(60_000)
  expect(await device.links()).toContain('cancelAction')
  expect((await device.get(href)).status).toBe(410)
  expect((await device.report(action, 'closed', 'success')).status).toBe(410)
})
