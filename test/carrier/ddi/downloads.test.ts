import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { VirtualClock } from '../../../src-main/observe/virtual-clock'
import { scratchFolder } from '../../storage/scratch'
import { ddiBench, type DdiBenchOptions, softwareOf, tokenOf } from './ddi-bench'
import { DdiDevice, feedbackOf } from './ddi-device'

const SIZE = 300_000
const SOFTWARE = softwareOf(SIZE, 'hsqs')
/** More than sockets hold between two who do not read. */
const LARGE = softwareOf(48 * 1024 * 1024, '070701')

async function bench(bytes: Uint8Array = SOFTWARE, options: DdiBenchOptions = {}) {
  const made = await ddiBench(options)
  await made.addDevice('gw-1')
  const rollout = await made.addRollout(bytes)
  const id = await made.addTask(rollout, 'gw-1')
  const device = new DdiDevice(made.address, 'gw-1')
  const href = await device.download(id)
  return { ...made, device, rollout, id, href }
}

const bytesOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer())

describe('software for a device that polls', () => {
  test('has the ending by which an agent knows it', async () => {
    const { href } = await bench()
    expect(href).toContain('/gateway-2.0.0.raucb?')
  })

  test('HEAD tells its length and begins nothing', async () => {
    const { href, task, id } = await bench()
    const head = await fetch(href, { method: 'HEAD' })
    expect(head.status).toBe(200)
    expect(head.headers.get('content-length')).toBe(String(SIZE))
    expect(await task(id)).toMatchObject({ state: 'connecting', sent_bytes: 0 })
  })

  test.each([
    ['bytes=1000-1999', 1000, 2000],
    ['bytes=299000-', 299_000, SIZE],
    ['bytes=-100', SIZE - 100, SIZE],
    ['bytes=0-999999', 0, SIZE],
  ])('%s is that part of it', async (range, from, to) => {
    const { device, href } = await bench()
    const answer = await device.get(href, { range })
    expect(answer.status).toBe(206)
    expect(answer.headers.get('content-range')).toBe(`bytes ${from}-${to - 1}/${SIZE}`)
    expect(Buffer.compare(await bytesOf(answer), SOFTWARE.subarray(from, to))).toBe(0)
  })

  test('several ranges come as parts between boundaries in lower case', async () => {
    const { device, href } = await bench()
    const answer = await device.get(href, { range: 'bytes=0-9, 100-109,299990-' })
    expect(answer.status).toBe(206)
    const type = answer.headers.get('content-type') ?? ''
    expect(type).toMatch(/^multipart\/byteranges; boundary=[0-9a-z]+$/)
    const body = (await bytesOf(answer)).toString('latin1')
    expect(Number(answer.headers.get('content-length'))).toBe(body.length)
    const boundary = type.split('=')[1] ?? ''
    const parts = body.split(`--${boundary}`).slice(1, -1)
    const contents = parts.map(part => part.slice(part.indexOf('\r\n\r\n') + 4, -2))
    const wanted = [
      [0, 10],
      [100, 110],
      [299_990, SIZE],
    ].map(([from, to]) => Buffer.from(SOFTWARE.subarray(from, to)).toString('latin1'))
    expect(contents).toEqual(wanted)
    expect(parts[1]).toContain(`content-range: bytes 100-109/${SIZE}`)
  })

  test.each([
    `bytes=${SIZE}-`,
    'bytes=5-4',
    'bytes=',
    'lines=1-2',
    'bytes=0-299999,0-299999',
    `bytes=${Array.from({ length: 300 }, (_, at) => `${at}-${at}`).join(',')}`,
  ])('%.40s is refused', async range => {
    const { device, href, id, task } = await bench()
    expect((await device.get(href, { range })).status).toBe(416)
    expect((await task(id)).sent_bytes).toBe(0)
  })

  test('chunks in any order make it whole', async () => {
    const { device, href, id, task } = await bench()
    for (const range of ['bytes=200000-', 'bytes=0-99999', 'bytes=100000-149999,150000-199999']) {
      await bytesOf(await device.get(href, { range }))
    }
    expect((await task(id)).sent_bytes).toBe(SIZE)
  })

  test('a link holds without the token, for its device and action, and for some hours', async () => {
    const clock = new VirtualClock()
    const { href, id, db } = await bench(SOFTWARE, { clock })
    const setReach = (reach: 'poll' | 'access') =>
      db.updateTable('carrier_customers').set({ reach }).execute()
    expect((await fetch(href, { method: 'HEAD' })).status).toBe(200)
    await setReach('access')
    expect((await fetch(href, { method: 'HEAD' })).status).toBe(401)
    await setReach('poll')
    const forged = [
      href.replace(/signature=..../, 'signature=AAAA'),
      href.replace(/until=\d/, 'until=9'),
      href.replace(`softwaremodules/${id}`, 'softwaremodules/999'),
      href.replace(/\?.*/, ''),
    ]
    for (const link of forged) expect((await fetch(link)).status).toBe(401)
    await clock.advance(8 * 3_600_000)
    expect((await fetch(href)).status).toBe(401)
    const authorization = `TargetToken ${tokenOf('gw-1')}`
    expect((await fetch(href, { method: 'HEAD', headers: { authorization } })).status).toBe(200)
  })

  test('links hold after a restart, and what went out is not forgotten', async () => {
    const dataDir = scratchFolder()
    const { device, href, id, close } = await bench(SOFTWARE, { dataDir })
    await bytesOf(await device.get(href, { range: 'bytes=0-199999' }))
    await close()
    const again = await ddiBench({ dataDir })
    await again.addRollout(SOFTWARE)
    const rest = href.replace(/^http:\/\/[^/]+/, again.address)
    await bytesOf(await fetch(rest, { headers: { range: 'bytes=200000-' } }))
    await new DdiDevice(again.address, 'gw-1').report(id, 'closed', 'success')
    expect(await again.task(id)).toMatchObject({ state: 'downloaded', sent_bytes: SIZE })
  })

  test('a cancelled download is cut', async () => {
    const { device, href, id, rollout, setState, edge, task } = await bench(LARGE)
    const reader = (await device.get(href)).body?.getReader()
    await reader?.read()
    await setState(id, 'cancelled')
    await edge.recheck(rollout)
    const drain = async () => {
      while ((await reader?.read())?.done === false);
    }
    await expect(drain()).rejects.toThrow('terminated')
    expect((await task(id)).sent_bytes).toBeLessThan(LARGE.length)
    expect((await device.get(href)).status).toBe(410)
  })

  test('a download that nobody takes is said to stand still, and costs no memory', async () => {
    const clock = new VirtualClock()
    const { href, id, task, moved } = await bench(LARGE, { clock })
    const { hostname, port, pathname, search } = new URL(href)
    const socket = connect(Number(port), hostname)
    socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`)
    await new Promise(readable => socket.once('readable', readable))
    await expect.poll(async () => (await task(id)).state).toBe('downloading')
    await clock.advance(120_000)
    await expect.poll(async () => (await task(id)).reason).toMatch(/^Stalled: the device has taken/)
    expect(moved.length).toBeGreaterThan(1)
    expect((await task(id)).sent_bytes).toBeLessThan(LARGE.length)
    socket.destroy()
  })

  test('what went out is on the disk when the edge has closed', async () => {
    const { device, href, edge, task, id } = await bench(LARGE)
    const answer = await device.get(href, { range: 'bytes=0-' })
    await answer.body?.getReader().read()
    await edge.close()
    const { sent_bytes: sent } = await task(id)
    expect(sent).toBeGreaterThan(0)
    expect((await device.get(href)).status).toBe(429)
    expect((await task(id)).sent_bytes).toBe(sent)
  })

  test('one task has at most four downloads at once', async () => {
    const { device, href } = await bench(LARGE)
    const answers = []
    for (let line = 0; line < 5; line++) answers.push(await device.get(href))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 429])
    for (const answer of answers) await answer.body?.cancel()
    await expect.poll(async () => (await device.get(href)).status).toBe(200)
  })
})

describe('what devices may cost', () => {
  test('who asks too often is told to wait, and others are not disturbed', async () => {
    const { address, addDevice, device, refusals } = await bench(SOFTWARE, {
      clock: new VirtualClock(),
    })
    await addDevice('gw-2')
    const polls = await Promise.all(Array.from({ length: 80 }, () => device.get()))
    const refused = polls.filter(({ status }) => status === 429)
    expect(refused.length).toBeGreaterThan(20)
    expect(refused[0]?.headers.get('retry-after')).toBe('1')
    expect((await new DdiDevice(address, 'gw-2').get()).status).toBe(200)
    expect(await refusals()).toEqual(['TOO_MANY_REQUESTS'])
  })

  test('a report is cut to 50 lines of 512 characters, and a long one still counts', async () => {
    const { device, id, db } = await bench()
    const lines = Array.from({ length: 80 }, () => 'x'.repeat(600))
    expect((await device.report(id, 'proceeding', 'none', lines)).status).toBe(200)
    const { details } = await db
      .selectFrom('carrier_action_reports')
      .select('details')
      .executeTakeFirstOrThrow()
    const kept = JSON.parse(details) as string[]
    expect([kept.length, kept[0]?.length]).toEqual([50, 512])
  })

  test('after 1000 reports only the end is heard', async () => {
    const { device, id, db, task } = await bench()
    const row = { task_id: id, at: 0, execution: 'proceeding', finished: 'none', details: '[]' }
    const rows = Array.from({ length: 1000 }, () => row)
    await db.insertInto('carrier_action_reports').values(rows).execute()
    const refused = await device.report(id, 'proceeding')
    expect(refused.status).toBe(403)
    expect(await refused.json()).toMatchObject({ errorCode: 'REPORTS_FULL' })
    expect((await device.report(id, 'closed', 'failure')).status).toBe(200)
    expect((await task(id)).state).toBe('failed')
  })

  test('what ends nothing is no end: reports stay few, also of what was cancelled', async () => {
    const { device, id, db, setState, polling } = await bench()
    const row = { task_id: id, at: 0, execution: 'proceeding', finished: 'none', details: '[]' }
    const rows = Array.from({ length: 1000 }, () => row)
    await db.insertInto('carrier_action_reports').values(rows).execute()
    expect((await device.report(id, 'downloaded')).status).toBe(403)
    await setState(id, 'cancelled')
    for (const finished of ['none', 'success']) {
      const said = feedbackOf(id, 'closed', finished)
      const answer = await device.send('POST', `/cancelAction/${id}/feedback`, said)
      expect(answer.status).toBe(200)
    }
    expect((await polling('gw-1'))?.told_task_id).toBeNull()
    const kept = await db.selectFrom('carrier_action_reports').select('id').execute()
    expect(kept).toHaveLength(1000)
  })

  test.each([
    ['no JSON', '{', 400],
    ['another shape', '{"status": 1}', 400],
    ['an unknown execution', JSON.stringify(feedbackOf(1, 'exploded', 'none')), 400],
    ['another action', JSON.stringify(feedbackOf(77, 'closed', 'success')), 400],
    ['too much', `{"x": "${'x'.repeat(300_000)}"}`, 413],
  ])('a report that is %s changes nothing', async (_, body, status) => {
    const { device, id, task } = await bench()
    const answer = await device.send('POST', `/deploymentBase/${id}/feedback`, body)
    expect(answer.status).toBe(status)
    const said = (await answer.json()) as Record<string, unknown>
    expect(Object.keys(said).toSorted()).toEqual(['errorCode', 'exceptionClass', 'message'])
    expect((await task(id)).state).toBe('connecting')
  })

  test('attributes are few and short, and merged, replaced or removed', async () => {
    const { device, polling, edge } = await bench()
    const put = (mode: string | undefined, data: unknown) =>
      device.send('PUT', '/configData', { mode, data })
    expect((await put(undefined, { a: '1', b: '2' })).status).toBe(200)
    expect((await put('merge', { b: '3', c: '4' })).status).toBe(200)
    expect((await put('remove', { a: '' })).status).toBe(200)
    await edge.close()
    expect(JSON.parse((await polling('gw-1'))?.attributes ?? '')).toEqual({ b: '3', c: '4' })
    await put('replace', { d: '5' })
    expect(JSON.parse((await polling('gw-1'))?.attributes ?? '')).toEqual({ d: '5' })
    const many = Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`n${at}`, 'x']))
    expect((await put('merge', many)).status).toBe(400)
    expect((await put('merge', { long: 'x'.repeat(513) })).status).toBe(400)
  })
})
