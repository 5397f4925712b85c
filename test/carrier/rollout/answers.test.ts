import { expect, test } from 'vitest'
import { rolloutStage } from './rollout-stage'

test('only who agreed gets it and pays, while others may still answer [S1-53] [S1-56] [S1-57] [S1-60] [S1-63]', async () => {
  const stage = await rolloutStage()
  const { carrier } = stage.workbench
  await stage.openVendor('Vendor A')
  for (const number of [1, 2, 3]) await stage.bring(number)
  const { id, state } = await stage.release({ consent: true, consentHours: 72 })
  expect(state).toBe('collecting-consent')
  const asked = { 'IT-1': 'awaiting-answer', 'IT-2': 'awaiting-answer', 'IT-3': 'awaiting-answer' }
  expect(await stage.tasks(id)).toEqual(asked)
  expect(await stage.mailsTo(1)).toHaveLength(1)
  expect(await stage.device(1)).toMatchObject({ lastAccessAt: null })
  await stage.hours(48)
  await carrier.answerForDevice({ id, deviceId: 'IT-1', answer: 'yes' })
  await carrier.answerForDevice({ id, deviceId: 'IT-2', answer: 'no' })
  await stage.hours(0.01)
  const answered = { 'IT-1': 'invoiced', 'IT-2': 'declined', 'IT-3': 'awaiting-answer' }
  expect(await stage.tasks(id)).toEqual(answered)
  expect((await carrier.rollout({ id })).state).toBe('collecting-consent')
  expect((await stage.invoices()).map(({ deviceId }) => deviceId)).toEqual(['IT-1'])
  expect(await stage.device(2)).toMatchObject({ lastAccessAt: null })
  const answers = (await carrier.customers({})).rows.map(row => row.updateManagement)
  expect(answers).toEqual(['update', 'do-not-update', 'unanswered'])
})

test('the last answer ends the collection [S1-58]', async () => {
  const stage = await rolloutStage()
  const { carrier } = stage.workbench
  await stage.openVendor('Vendor A')
  await stage.bring(1)
  const { id } = await stage.release({ consent: true })
  await carrier.answerForDevice({ id, deviceId: 'IT-1', answer: 'yes' })
  await stage.hours(0.01)
  expect((await carrier.rollout({ id })).state).toBe('closed')
  expect(await stage.labels()).toContain('1:S57')
})

test('the time ends it too, and what comes after has no effect [S1-59] [S1-61]', async () => {
  const stage = await rolloutStage()
  const { carrier } = stage.workbench
  await stage.openVendor('Vendor A')
  await stage.bring(1)
  const { id } = await stage.release({ consent: true, consentHours: 2 })
  await stage.hours(2.25)
  expect(await stage.tasks(id)).toEqual({ 'IT-1': 'no-answer' })
  expect((await carrier.rollout({ id })).state).toBe('closed')
  const late = carrier.answerForDevice({ id, deviceId: 'IT-1', answer: 'yes' })
  await expect(late).rejects.toMatchObject({ code: 'ANSWER_LATE' })
  await stage.hours(24)
  expect(await stage.device(1)).toMatchObject({ lastAccessAt: null })
  expect(await stage.refusals()).toContain('ANSWER_LATE')
  expect(await stage.invoices()).toEqual([])
})

test('a test device comes first, and is neither asked nor billed [S1-38] [S1-43] [S1-50] [S1-51] [S1-64]', async () => {
  const stage = await rolloutStage()
  await stage.openVendor('Vendor A')
  await stage.bring(1, { isTestDevice: true })
  await stage.bring(2)
  const trial = { signal: 'ready?', answer: 'ready?', waitSeconds: 30 }
  const { id } = await stage.release({ trial: true, window: null }, { additional: { trial } })
  await stage.hours(0.1)
  expect(await stage.tasks(id)).toEqual({ 'IT-2': 'invoiced' })
  expect((await stage.invoices()).map(({ deviceId }) => deviceId)).toEqual(['IT-2'])
  const labels = await stage.labels()
  const later = ['1:S36', '1:S38', '1:S39', '1:S40', '1:S41', '1:S42', '1:S43']
  const places = later.map(label => labels.indexOf(label))
  expect(places).toEqual(places.toSorted((a, b) => a - b))
  expect(places[0]).toBeGreaterThan(labels.indexOf('1:S33'))
  expect(await stage.device(1)).toMatchObject({ software: { version: '2' } })
})

test('what failed its trial reaches no other device [S1-47]', async () => {
  const stage = await rolloutStage()
  const { carrier, network } = stage.workbench
  await stage.openVendor('Vendor A')
  await stage.bring(1, { isTestDevice: true })
  await stage.bring(2)
  await network.changeDevice({ ipAddress: '10.0.0.1', fault: 'silence' })
  const trial = { signal: 'ready?', answer: 'ready?', waitSeconds: 30 }
  const { id } = await stage.release({ trial: true, window: null }, { additional: { trial } })
  await stage.hours(30)
  expect((await carrier.rollout({ id })).state).toBe('returned')
  expect(await stage.device(2)).toMatchObject({ lastAccessAt: null })
  expect(await stage.labels()).not.toContain('1:S41')
  expect((await carrier.tasks({ id })).total).toBe(0)
})

test('a bill in the own books that is not paid in time is overdue, and the carrier knows both [S1-20] [S1-23] [S1-62]', async () => {
  const stage = await rolloutStage()
  await stage.openVendor('Vendor A')
  await stage.bring(1)
  const { id } = await stage.release({ window: null, settlement: 'server', paymentDays: 2 })
  expect(await stage.tasks(id)).toEqual({ 'IT-1': 'invoiced' })
  await stage.hours(49)
  expect(await stage.tasks(id)).toEqual({ 'IT-1': 'overdue' })
  const [invoice] = await stage.invoices()
  const payment = { invoiceId: invoice?.id ?? '', amount: 300, reference: 'one' }
  await stage.workbench.settlement.pay(payment)
  await stage.hours(0.1)
  expect(await stage.tasks(id)).toEqual({ 'IT-1': 'paid' })
  expect(await stage.workbench.settlement.account()).toMatchObject({ balance: 300 })
  const trace = await stage.workbench.observe.trace({ limit: 5000 })
  expect(trace.flatMap(({ from, to }) => [from, to])).not.toContain('settlement')
})
