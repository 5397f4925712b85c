import { expect, test } from 'vitest'
import { rolloutStage } from './rollout-stage'

const NOW = { window: null }
/** Virtual time begins at 09:00 in Tokyo. */
const NIGHT = { window: { start: '01:00', end: '05:00' } }

test('usable devices, and no others, receive the same bytes [S1-05] [S1-06] [S1-08] [S1-10] [S1-11] [S1-14]', async () => {
  const stage = await rolloutStage()
  await stage.openVendor('Vendor A')
  await stage.openVendor('Vendor C')
  await stage.bring(1)
  await stage.bring(2, { vendorName: 'Vendor B' })
  await stage.bring(3, { deviceType: 'U' })
  const additional = { deviceTypes: ['T'] }
  const rollout = await stage.release(NOW, { vendorName: 'Vendor C', additional })
  expect(rollout.state).toBe('closed')
  expect(await stage.tasks(rollout.id)).toEqual({ 'IT-1': 'invoiced', 'IT-2': 'invoiced' })
  const [first, second, third] = [
    await stage.device(1),
    await stage.device(2),
    await stage.device(3),
  ]
  expect(first?.software).toEqual({ name: 'Terminal', version: '2' })
  expect(second?.software).toEqual(first?.software)
  expect(third).toMatchObject({ software: null, lastAccessAt: null })
  const trace = await stage.workbench.observe.trace({ limit: 1000 })
  expect(trace.find(({ type }) => type === 'lookup')?.fields).toMatchObject({ found: 2 })
  const sent = trace
    .filter(({ type }) => type === 'software')
    .filter(({ label }) => label === '1:S22')
  expect(new Set(sent.map(({ fields }) => fields.sha256)).size).toBe(1)
  const accesses = trace.filter(({ label, type }) => label === '1:S20' && type === 'access')
  expect(accesses.map(({ fields }) => fields.ipAddress)).toEqual(['10.0.0.1', '10.0.0.2'])
})

test('each step is there, in its order, and no question is asked [S1-09] [S1-66] [S1-67]', async () => {
  const stage = await rolloutStage()
  await stage.openVendor('Vendor A')
  await stage.bring(1)
  const rollout = await stage.release(NOW)
  const labels = (await stage.labels()).filter(label => /^1:S(1[28]|19|2\d|5\d)$/.test(label))
  expect(labels.filter((label, at) => labels.indexOf(label) === at)).toEqual([
    '1:S12',
    '1:S18',
    '1:S19',
    '1:S20',
    '1:S21',
    '1:S22',
    '1:S23',
    '1:S24',
  ])
  expect(await stage.mailsTo(1)).toHaveLength(1)
  const states = await stage.workbench.carrier.history({ id: rollout.id })
  expect(states.map(({ state }) => state)).toEqual([
    'notified',
    'fetching',
    'stored',
    'distributing',
    'closed',
  ])
})

test('at noon it waits for the night of the device [S1-16]', async () => {
  const stage = await rolloutStage()
  await stage.openVendor('Vendor A')
  await stage.bring(1)
  const { id } = await stage.release(NIGHT)
  expect(await stage.tasks(id)).toEqual({ 'IT-1': 'waiting-window' })
  await stage.hours(15.5)
  expect(await stage.device(1)).toMatchObject({ lastAccessAt: null })
  await stage.hours(1)
  expect(await stage.tasks(id)).toEqual({ 'IT-1': 'invoiced' })
})

test('a device that refuses the password gets nothing and is not billed, until the next window [S1-12] [S1-13]', async () => {
  const stage = await rolloutStage()
  const { network } = stage.workbench
  await stage.openVendor('Vendor A')
  await stage.bring(1)
  await network.changeDevice({ ipAddress: '10.0.0.1', password: 'another' })
  const { id } = await stage.release(NIGHT)
  await stage.hours(17)
  expect(await stage.tasks(id)).toEqual({ 'IT-1': 'auth-failed' })
  expect(await stage.device(1)).toMatchObject({ software: null })
  expect(await stage.invoices()).toEqual([])
  expect(await stage.mailsTo(1)).toEqual([])
  expect(await stage.refusals()).toContain('DEVICE_AUTH_FAILED')
  await network.changeDevice({ ipAddress: '10.0.0.1', password: 'password 1' })
  await stage.hours(2)
  expect(await stage.tasks(id)).toEqual({ 'IT-1': 'auth-failed' })
  await stage.hours(22)
  expect(await stage.tasks(id)).toEqual({ 'IT-1': 'invoiced' })
})

test('a broken download is no notice and no bill, and is tried again until it is given up [S1-17]', async () => {
  const stage = await rolloutStage()
  const { carrier, network } = stage.workbench
  await stage.openVendor('Vendor A')
  await stage.bring(1)
  await stage.bring(2)
  await network.changeDevice({ ipAddress: '10.0.0.1', fault: 'broken-link' })
  await network.changeDevice({ ipAddress: '10.0.0.2', fault: 'lies' })
  const { id } = await stage.release({ ...NIGHT, attemptsMax: 2 })
  await stage.hours(17)
  expect(await stage.tasks(id)).toEqual({ 'IT-1': 'failed', 'IT-2': 'failed' })
  const { rows } = await carrier.tasks({ id })
  expect(rows.map(({ attempts }) => attempts)).toEqual([1, 1])
  expect(rows[1]?.reason).toMatch(/not believed/)
  await stage.hours(24)
  expect(await stage.tasks(id)).toEqual({ 'IT-1': 'abandoned', 'IT-2': 'abandoned' })
  expect((await carrier.rollout({ id })).state).toBe('closed')
  expect([await stage.invoices(), await stage.mailsTo(1), await stage.mailsTo(2)]).toEqual([
    [],
    [],
    [],
  ])
  // Another round, once the line holds.
  await network.changeDevice({ ipAddress: '10.0.0.1', fault: null })
  await network.changeDevice({ ipAddress: '10.0.0.2', fault: null })
  expect(await carrier.retryTasks({ id })).toEqual({ retried: 2 })
  await stage.hours(24)
  expect(await stage.tasks(id)).toEqual({ 'IT-1': 'invoiced', 'IT-2': 'invoiced' })
})

test('it is recorded only, where that is chosen [S1-15]', async () => {
  const stage = await rolloutStage()
  await stage.openVendor('Vendor A')
  await stage.bring(1)
  await stage.release({ ...NOW, delivery: 'record' })
  expect(await stage.device(1)).toMatchObject({ software: null, recorded: { version: '2' } })
  await stage.release(NOW, { version: '3' })
  expect(await stage.device(1)).toMatchObject({ software: { version: '3' } })
})

test('a free release is told of without a bill', async () => {
  const stage = await rolloutStage()
  await stage.openVendor('Vendor A')
  await stage.bring(1)
  const { id } = await stage.release(NOW, { additional: { price: 0 } })
  expect(await stage.tasks(id)).toEqual({ 'IT-1': 'downloaded' })
  expect(await stage.mailsTo(1)).toEqual([expect.stringContaining('It costs nothing.')])
  expect(await stage.invoices()).toEqual([])
})

test('releases of all vendors are in one place [S1-69]', async () => {
  const stage = await rolloutStage()
  for (const vendorName of ['Vendor A', 'Vendor B']) {
    await stage.openVendor(vendorName)
    await stage.release(NOW, { vendorName })
  }
  const rollouts = await stage.workbench.carrier.rollouts({})
  expect(rollouts.map(({ vendorName, state }) => [vendorName, state])).toEqual([
    ['Vendor B', 'closed'],
    ['Vendor A', 'closed'],
  ])
})

test('groups, a threshold that stops everything, going on, and the end by hand', async () => {
  const stage = await rolloutStage()
  const { carrier, network } = stage.workbench
  await stage.openVendor('Vendor A')
  for (const number of [1, 2, 3, 4]) await stage.bring(number)
  await network.changeDevice({ ipAddress: '10.0.0.1', fault: 'broken-link' })
  const settings = { ...NOW, groups: [50, 50], successThreshold: 50, errorThreshold: 40 }
  const { id, ...stopped } = await stage.release(settings)
  expect(stopped).toMatchObject({ state: 'distributing', isPaused: true })
  expect(stopped.reason).toMatch(/1 of 2 devices failed/)
  const before = { 'IT-1': 'failed', 'IT-2': 'invoiced', 'IT-3': 'selected', 'IT-4': 'selected' }
  expect(await stage.tasks(id)).toEqual(before)
  await carrier.resumeRollout({ id })
  await stage.hours(0.01)
  expect(await stage.tasks(id)).toEqual({ ...before, 'IT-3': 'invoiced', 'IT-4': 'invoiced' })
  await carrier.cancelRollout({ id })
  expect(await stage.tasks(id)).toMatchObject({ 'IT-1': 'cancelled', 'IT-3': 'invoiced' })
  await expect(carrier.resumeRollout({ id })).rejects.toMatchObject({ code: 'ROLLOUT_STATE' })
})
