import { expect, test } from 'vitest'
import { basicCredentials } from '../../../src-main/site/credentials'
import { recordOf, SOFTWARE } from '../intake/vendor-stand-in'
import { rolloutStage } from './rollout-stage'

test('a vendor without a database uploads, and only who agreed gets it and pays [S1-65]', async () => {
  const stage = await rolloutStage()
  const { carrier } = stage.workbench
  await stage.openVendor('Vendor A')
  for (const number of [1, 2]) await stage.bring(number)
  await carrier.setRolloutDefaults({ consent: true })
  const { address } = await carrier.server()
  const authorization = basicCredentials({ id: 'Vendor A', password: 'their password' })
  const record = recordOf()
  const uploaded = recordOf({ additional: { ...record.additional, deviceTypes: ['T'] } })
  const announced = await fetch(`${address}/v1/uploads`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify(uploaded),
  })
  expect(announced.status).toBe(201)
  const { uploadId: id } = (await announced.json()) as { uploadId: number }
  const software = `${address}/v1/uploads/${id}/software`
  const body = new Uint8Array(SOFTWARE)
  expect((await fetch(software, { method: 'PUT', headers: { authorization }, body })).status).toBe(
    204,
  )
  await stage.hours(0.01)
  expect(await stage.tasks(id)).toEqual({ 'IT-1': 'awaiting-answer', 'IT-2': 'awaiting-answer' })
  expect([await stage.mailsTo(1), await stage.mailsTo(2)].map(({ length }) => length)).toEqual([
    1, 1,
  ])
  expect(await stage.device(1)).toMatchObject({ lastAccessAt: null })
  await carrier.answerForDevice({ id, deviceId: 'IT-1', answer: 'yes' })
  await carrier.answerForDevice({ id, deviceId: 'IT-2', answer: 'no' })
  await stage.hours(0.01)
  expect(await stage.tasks(id)).toEqual({ 'IT-1': 'invoiced', 'IT-2': 'declined' })
  expect(await stage.device(1)).toMatchObject({ software: { name: 'router-os' } })
  expect(await stage.device(2)).toMatchObject({ software: null, lastAccessAt: null })
  expect((await stage.invoices()).map(({ deviceId }) => deviceId)).toEqual(['IT-1'])
  const labels = await stage.labels()
  expect(labels.filter(label => /^1:S1\d$/.test(label))).toEqual([])
  for (const label of ['1:S1', '1:S50', '1:S52', '1:S55', '1:S57', '1:S58']) {
    expect(labels).toContain(label)
  }
})
