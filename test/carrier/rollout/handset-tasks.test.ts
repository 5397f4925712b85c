import { expect, test } from 'vitest'
import { holding, inquiryOf } from '../carrier-bench'
import { handsetStage } from './handset-stage'

const NOW = { window: null }
/** Virtual time begins at 09:00 in Tokyo. */
const NIGHT = { window: { start: '01:00', end: '05:00' } }

test('a handset that was restored to another version is tried again in the next window, unbilled [S1-17]', async () => {
  const { handset, hours, id, invoices, notices, task, tasks } = await handsetStage(NIGHT)
  await hours(16)
  expect(notices).toHaveLength(1)
  const update = await handset.inquire(inquiryOf('1.0.0'))
  await handset.request(update?.id ?? '')
  expect(await tasks(id)).toEqual({ 'IT-1': 'downloading' })
  const other = inquiryOf('1.0.0')
  const software = {
    ...other.software,
    id: { name: 'kintsugi-k1', version: '0.9.0' },
    bytes: 4096,
    sha256: '9'.repeat(64),
  }
  expect(await handset.inquire({ ...other, software })).toBeNull()
  expect(await task()).toMatchObject({ state: 'failed', attempts: 1 })
  expect((await task())?.reason).toMatch(/kintsugi-k1 0\.9\.0/)
  await hours(4)
  expect(notices).toHaveLength(1)
  await hours(20)
  expect(notices).toHaveLength(2)
  expect(await tasks(id)).toEqual({ 'IT-1': 'connecting' })
  expect(await invoices()).toEqual([])
})

test('a window that closes between the notice and the request takes the offer back [S1-16]', async () => {
  const short = { window: { start: '01:00', end: '01:10' } }
  const { handset, hours, id, notices, task, tasks } = await handsetStage(short)
  await hours(16)
  expect(notices).toHaveLength(1)
  const update = await handset.inquire(inquiryOf('1.0.0'))
  expect(update).not.toBeNull()
  expect(await tasks(id)).toEqual({ 'IT-1': 'connecting' })
  await hours(0.2)
  expect(await task()).toMatchObject({ state: 'waiting-window', attempts: 0 })
  const refused = await handset.post(`/v1/updates/${update?.id}/request`, { terminalId: 'T-0001' })
  expect(refused.status).toBe(410)
  expect(await handset.inquire(inquiryOf('1.0.0'))).toBeNull()
  await hours(23.8)
  expect(notices).toHaveLength(2)
  const again = await handset.inquire(inquiryOf('1.0.0'))
  await handset.request(again?.id ?? '')
  expect(await tasks(id)).toEqual({ 'IT-1': 'downloading' })
})

test('software restored by wire ends the attempt as downloaded, and is billed', async () => {
  const { handset, hours, invoices, task } = await handsetStage(NIGHT)
  expect(await handset.inquire(inquiryOf('1.1.0'))).toBeNull()
  expect(await task()).toMatchObject({ state: 'downloaded', isRestored: true })
  await hours(0.01)
  expect(await invoices()).toMatchObject([{ deviceId: 'IT-1' }])
})

test('a rewrite that was cut off gets its very file while its task waits, and nothing else does', async () => {
  const { handset, hours, id, task, tasks, workbench } = await handsetStage(NOW)
  const update = await handset.inquire(inquiryOf('1.0.0'))
  const asked = await handset.request(update?.id ?? '')
  const whole = await handset.file(update?.id ?? '', asked)
  await workbench.carrier.pauseRollout({ id })
  await handset.report(update?.id ?? '', { outcome: 'rewrite-failed' })
  expect(await tasks(id)).toEqual({ 'IT-1': 'failed' })
  expect(await handset.inquire(inquiryOf('1.0.0'))).toBeNull()
  const stuck = inquiryOf('1.0.0', { software: null, neededFile: update?.file.sha256 ?? '' })
  const again = await handset.inquire(stuck)
  expect(again?.file).toEqual(update?.file)
  const token = await handset.request(again?.id ?? '')
  expect(await handset.file(again?.id ?? '', token)).toEqual(whole)
  const done = await handset.report(again?.id ?? '', { outcome: 'updated', ...holding('1.1.0') })
  expect(done.status).toBe(204)
  await hours(0.01)
  expect(await task()).toMatchObject({ state: 'invoiced' })
})

test('who was rescued once has no right to later files', async () => {
  const { handset, id, tasks, workbench } = await handsetStage(NOW)
  const first = await handset.inquire(inquiryOf('1.0.0'))
  const stuck = inquiryOf('1.0.0', { software: null, neededFile: first?.file.sha256 ?? '' })
  await handset.inquire(stuck)
  // It was restored by wire and asks as others do.
  const update = await handset.inquire(inquiryOf('1.0.0'))
  await workbench.carrier.cancelRollout({ id })
  expect(await tasks(id)).toEqual({ 'IT-1': 'cancelled' })
  const refused = await handset.post(`/v1/updates/${update?.id}/request`, { terminalId: 'T-0001' })
  expect(refused.status).toBe(410)
})

test('cancelling during the transfer ends the token, and what still comes of it is not billed', async () => {
  const { handset, hours, id, invoices, mailsTo, tasks, workbench } = await handsetStage(NOW)
  const update = await handset.inquire(inquiryOf('1.0.0'))
  const token = await handset.request(update?.id ?? '')
  const part = (range: string) =>
    handset.get(update?.id ?? '', { authorization: `Bearer ${token}`, range })
  const first = await part('bytes=0-99')
  expect([first.status, (await first.arrayBuffer()).byteLength]).toEqual([206, 100])
  expect(await tasks(id)).toEqual({ 'IT-1': 'downloading' })
  await workbench.carrier.cancelRollout({ id })
  expect((await part('bytes=100-')).status).toBe(403)
  const again = await handset.post(`/v1/updates/${update?.id}/request`, { terminalId: 'T-0001' })
  expect(again.status).toBe(410)
  expect(await handset.inquire(inquiryOf('1.0.0'))).toBeNull()
  await handset.inquire(inquiryOf('1.1.0'))
  await hours(1)
  expect(await tasks(id)).toEqual({ 'IT-1': 'cancelled' })
  expect([await invoices(), await mailsTo(1)]).toEqual([[], []])
})
