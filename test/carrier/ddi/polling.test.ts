import { hash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { VirtualClock } from '../../../src-main/observe/virtual-clock'
import { ddiBench, softwareOf, tokenOf } from './ddi-bench'
import { DdiDevice, feedbackOf } from './ddi-device'

const SOFTWARE = softwareOf(300_000, '070702')

/** Both stores must do the same. */
describe.each([
  { store: 'prepared statements', isPlain: false },
  { store: 'Kysely', isPlain: true },
])('a device that polls, on $store', ({ isPlain }) => {
  async function bench(settings: Parameters<Bench['addRollout']>[1] = {}) {
    const made = await ddiBench({ isPlain })
    await made.addDevice('gw-1')
    const rollout = await made.addRollout(SOFTWARE, settings)
    const device = new DdiDevice(made.address, 'gw-1')
    return { ...made, device, rollout }
  }
  type Bench = Awaited<ReturnType<typeof ddiBench>>

  test('[S1-14] [S1-17] polls, downloads, reports, and only then is billed', async () => {
    const { device, addTask, rollout, task, outbox, moved, trace } = await bench()
    expect(await device.links()).toEqual(['configData'])
    const id = await addTask(rollout, 'gw-1')
    expect(await device.links()).toEqual(['configData', 'deploymentBase'])
    const { deployment, ...answer } = await device.deployment(id)
    expect(answer.id).toBe(String(id))
    expect(deployment).toMatchObject({ download: 'forced', update: 'forced' })
    const file = deployment.chunks[0]?.artifacts[0]
    expect(file).toMatchObject({ filename: 'gateway-2.0.0.swu', size: SOFTWARE.length })
    expect(file?.hashes).toEqual({
      sha1: hash('sha1', SOFTWARE, 'hex'),
      md5: hash('md5', SOFTWARE, 'hex'),
      sha256: hash('sha256', SOFTWARE, 'hex'),
    })
    expect((await task(id)).state).toBe('connecting')
    expect(Buffer.compare(await device.software(id), SOFTWARE)).toBe(0)
    expect(await task(id)).toMatchObject({ state: 'downloading', sent_bytes: SOFTWARE.length })
    expect((await device.report(id, 'proceeding')).status).toBe(200)
    expect(await outbox()).toEqual([])
    expect((await device.report(id, 'closed', 'success')).status).toBe(200)
    expect(await task(id)).toMatchObject({ state: 'downloaded', attempts: 1, next_at: null })
    expect(await outbox()).toEqual([{ key: `invoice:R${rollout}-gw-1`, kind: 'invoice' }])
    expect(moved).toContain(rollout)
    const labels = trace().flatMap(({ label, type }) => (label === '' ? [] : [`${label} ${type}`]))
    expect(labels).toEqual([
      '1:S20 polled',
      '1:S21 deployment',
      '1:S22 software',
      '1:S23 normal end',
    ])
  })

  test('the same success again is taken, and bills nothing twice', async () => {
    const { device, addTask, rollout, outbox } = await bench()
    const id = await addTask(rollout, 'gw-1')
    await device.software(id)
    const answers = await Promise.all([1, 2, 3].map(() => device.report(id, 'closed', 'success')))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(await outbox()).toHaveLength(1)
    expect((await device.report(id, 'closed', 'failure')).status).toBe(410)
    expect((await device.get(`/deploymentBase/${id}`)).status).toBe(410)
  })

  test('a success without a download is not believed: failed, noted, not billed', async () => {
    const { device, addTask, rollout, task, outbox, refusals } = await bench()
    const id = await addTask(rollout, 'gw-1')
    expect((await device.report(id, 'closed', 'success')).status).toBe(200)
    expect(await task(id)).toMatchObject({ state: 'failed', attempts: 1, downloaded_at: null })
    expect((await task(id)).reason).toContain('none of the software went out')
    expect(await outbox()).toEqual([])
    expect(await refusals()).toEqual(['SUCCESS_UNPROVED'])
  })

  test('half a download is no download, and the rest completes it', async () => {
    const { device, addTask, rollout, task, setState } = await bench()
    const id = await addTask(rollout, 'gw-1')
    const href = await device.download(id)
    await (await device.get(href, { range: 'bytes=0-99999' })).arrayBuffer()
    await device.report(id, 'closed', 'success')
    expect((await task(id)).reason).toContain('100000 of 300000 bytes')
    await setState(id, 'connecting')
    await (await device.get(href, { range: 'bytes=100000-' })).arrayBuffer()
    await device.report(id, 'closed', 'success')
    expect(await task(id)).toMatchObject({ state: 'downloaded', attempts: 2 })
  })

  test('[S1-17] a failure is retried in the next window with its reason, and at last given up', async () => {
    const { device, addTask, rollout, task, setState, outbox } = await bench({ attemptsMax: 2 })
    const id = await addTask(rollout, 'gw-1')
    await device.software(id)
    const log = ['Starting', 'ERROR : Checksum does not match', 'Waiting for requests']
    await device.report(id, 'closed', 'failure', log)
    const failed = await task(id)
    expect(failed).toMatchObject({ state: 'failed', reason: 'ERROR : Checksum does not match' })
    expect(failed.next_at).toBeGreaterThan(failed.changed_at)
    await setState(id, 'connecting')
    await device.report(id, 'rejected')
    expect(await task(id)).toMatchObject({ state: 'abandoned', next_at: null, attempts: 2 })
    expect(await outbox()).toEqual([])
  })

  test('where software is only recorded, "downloaded" is the end', async () => {
    const { device, addTask, rollout, task, refusals } = await bench({ delivery: 'record' })
    const id = await addTask(rollout, 'gw-1')
    await device.software(id)
    await device.report(id, 'downloaded')
    expect((await task(id)).state).toBe('downloaded')
    // It is not meant to run yet.
    await device.send('PUT', '/configData', { data: { software_id: 'P100-1.0.0' } })
    expect(await refusals()).toEqual([])
  })

  test.each(['waiting-window', 'selected', 'failed', 'agreed', 'declined'] as const)(
    'a task that is %s is not shown, and its action has no way in',
    async state => {
      const { device, addTask, rollout, task } = await bench()
      const id = await addTask(rollout, 'gw-1', state)
      expect(await device.links()).toEqual(['configData'])
      const tried = ['deploymentBase', 'confirmationBase', 'cancelAction', 'installedBase']
      const statuses = await Promise.all(
        tried.map(async base => (await device.get(`/${base}/${id}`)).status),
      )
      expect(statuses).toEqual([410, 410, 410, 404])
      expect((await device.report(id, 'closed', 'success')).status).toBe(410)
      expect((await task(id)).state).toBe(state)
    },
  )

  test('without a right token nothing is told, and the audit is not filled', async () => {
    const { address, addDevice, addTask, rollout, audit, task, edge } = await bench()
    await addDevice('gw-2', { reach: 'access' })
    const id = await addTask(rollout, 'gw-1')
    const wrong = ['', 'TargetToken no', 'Basic x', `TargetToken ${tokenOf('gw-2')}`]
    for (const authorization of wrong) {
      const stranger = new DdiDevice(address, 'gw-1', authorization)
      expect((await stranger.get()).status).toBe(401)
      expect((await stranger.report(id, 'closed', 'success')).status).toBe(401)
      const always = stranger.send('POST', '/confirmationBase/deactivateAutoConfirm', {})
      expect((await always).status).toBe(401)
    }
    expect((await new DdiDevice(address, 'gw-2').get()).status).toBe(401)
    expect((await new DdiDevice(address, 'nobody').get()).status).toBe(401)
    expect((await task(id)).state).toBe('connecting')
    const about = (await audit()).map(({ message }) => /itself (\S+)/.exec(message)?.[1])
    expect(about).toEqual(['gw-1', 'gw-2', 'nobody'])
    const gateway = new DdiDevice(address, 'gw-1', 'GatewayToken shared-secret')
    expect((await gateway.get()).status).toBe(401)
    await edge.setGatewayToken('shared-secret')
    expect((await gateway.get()).status).toBe(200)
    await edge.setGatewayToken(null)
    expect((await gateway.get()).status).toBe(401)
  })

  test('what is another device’s is unknown', async () => {
    const { address, addDevice, addTask, rollout, device } = await bench()
    await addDevice('gw-2')
    const id = await addTask(rollout, 'gw-1')
    const other = new DdiDevice(address, 'gw-2')
    const href = await device.download(id)
    expect((await other.get(`/deploymentBase/${id}`)).status).toBe(404)
    expect((await other.get(href.replace('gw-1', 'gw-2'))).status).toBe(404)
    expect((await fetch(href.replace('gw-1', 'gw-2'))).status).toBe(401)
    expect((await other.report(id, 'closed', 'success')).status).toBe(404)
  })

  test('what runs is told apart from what was installed', async () => {
    const { device, addTask, rollout, task, db, refusals } = await bench()
    const version = (software_id: string) =>
      device.send('PUT', '/configData', { id: '', data: { software_id, model: 'P-100' } })
    await version('P100-1.0.0')
    const id = await addTask(rollout, 'gw-1')
    expect(await device.links()).toEqual(['deploymentBase'])
    await device.software(id)
    await device.report(id, 'closed', 'success')
    // It is asked what it runs now.
    expect(await device.links()).toEqual(['configData', 'installedBase'])
    await version('P100-1.0.0')
    expect(await task(id)).toMatchObject({ state: 'downloaded', confirmed_at: null })
    expect(await refusals()).toEqual(['SOFTWARE_OTHER'])
    await version('P100-2.0.0')
    expect((await task(id)).confirmed_at).not.toBeNull()
    const row = await db.selectFrom('carrier_customers').selectAll().executeTakeFirstOrThrow()
    expect(row).toMatchObject({ software_name: 'gateway', software_version: '2.0.0' })
    const installed = await (await device.get(`/installedBase/${id}`)).json()
    expect(installed).toMatchObject({ id: String(id), deployment: { update: 'forced' } })
  })

  test('a device is told of a cancelling until it takes note of it', async () => {
    const { device, addTask, rollout, setState, polling, edge } = await bench()
    const id = await addTask(rollout, 'gw-1')
    await device.deployment(id)
    await setState(id, 'cancelled')
    await edge.recheck(rollout)
    expect(await device.links()).toEqual(['cancelAction', 'configData'])
    const cancel = await (await device.get(`/cancelAction/${id}`)).json()
    expect(cancel).toEqual({ id: String(id), cancelAction: { stopId: String(id) } })
    const told = device.send(
      'POST',
      `/cancelAction/${id}/feedback`,
      feedbackOf(String(id), 'closed', 'success'),
    )
    expect((await told).status).toBe(200)
    expect(await device.links()).toEqual(['configData'])
    expect((await polling('gw-1'))?.told_task_id).toBeNull()
  })

  test('a device that never heard of an action is not told that it is cancelled', async () => {
    const { device, addTask, rollout, setState } = await bench()
    const id = await addTask(rollout, 'gw-1')
    await setState(id, 'cancelled')
    expect(await device.links()).toEqual(['configData'])
  })

  test('the question has no way to the software; the answer goes where mails go', async () => {
    const { device, addTask, rollout, answered } = await bench({ consent: true })
    const id = await addTask(rollout, 'gw-1', 'awaiting-answer')
    expect(await device.links()).toEqual(['configData', 'confirmationBase'])
    const question = await (await device.get(`/confirmationBase/${id}`)).text()
    expect(question).toContain('"confirmation":')
    expect(question).not.toContain('_links')
    const say = (confirmation: string) =>
      device.send('POST', `/confirmationBase/${id}/feedback`, { confirmation, details: [] })
    expect((await say('denied')).status).toBe(200)
    expect((await say('maybe')).status).toBe(400)
    expect((await say('confirmed')).status).toBe(200)
    expect(answered.map(({ answer }) => answer)).toEqual(['no', 'yes'])
    const always = await device.send('POST', '/confirmationBase/activateAutoConfirm', {})
    expect(always.status).toBe(409)
  })

  test('when a device was seen is on the disk after the end', async () => {
    const { device, polling, edge } = await bench()
    expect((await device.poll()).config.polling.sleep).toBe('00:00:20')
    expect((await device.poll()).config.polling.sleep).toBe('00:05:00')
    await edge.close()
    expect((await polling('gw-1'))?.seen_at).toBeGreaterThan(0)
  })

  test('a poll with nothing new is not told again', async () => {
    const { device, addTask, rollout } = await bench()
    await device.poll()
    const etag = (await device.get()).headers.get('etag') ?? ''
    expect((await device.get('', { 'if-none-match': etag })).status).toBe(304)
    await addTask(rollout, 'gw-1')
    expect((await device.get('', { 'if-none-match': etag })).status).toBe(200)
  })
})

test('polls are seen in batches of virtual time, which waits for their writing', async () => {
  const clock = new VirtualClock()
  const { address, addDevice, polling } = await ddiBench({ clock })
  await addDevice('gw-1')
  await new DdiDevice(address, 'gw-1').poll()
  expect(await polling('gw-1')).toBeUndefined()
  await clock.advance(250)
  expect((await polling('gw-1'))?.seen_at).toBe(clock.now() - 250)
})
