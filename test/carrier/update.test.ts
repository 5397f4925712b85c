import { expect, onTestFinished, test } from 'vitest'
import { Manual } from './manual'
import {
  carrierBench,
  firmware,
  handsetAt,
  holding,
  inquiryOf,
  madeUp,
  sha256Of,
  type CarrierBench,
} from './carrier-bench'
import { scratchFolder } from '../storage/scratch'

async function published(...versions: string[]): Promise<CarrierBench> {
  const bench = await carrierBench()
  for (const version of versions) await bench.publish(version)
  return bench
}

test('an update from the inquiry to the report [S0-12] [S0-14] [S0-28] [S0-29] [S0-39]', async () => {
  const bench = await published('1.0.0', '1.1.0')
  const handset = handsetAt(bench.address)
  const update = await handset.inquire(inquiryOf('1.0.0'))
  if (!update) throw new Error('There is an update.')
  const fresh = firmware('1.1.0')
  expect(update).toMatchObject({
    kind: 'differential',
    target: {
      id: { name: 'kintsugi-k1', version: '1.1.0' },
      bytes: fresh.length,
      sha256: sha256Of(fresh),
    },
  })
  const token = await handset.request(update.id)
  const file = await handset.file(update.id, token)
  expect({ bytes: file.length, sha256: sha256Of(file) }).toEqual(update.file)
  expect(new TextDecoder().decode(file.subarray(0, 64))).toBe(sha256Of(firmware('1.0.0')))
  const reported = await handset.report(update.id, { outcome: 'updated', ...holding('1.1.0') })
  expect(reported.status).toBe(204)

  expect(await bench.carrier.devices()).toMatchObject([
    {
      terminalId: 'T-0001',
      model: 'k1',
      software: { version: '1.1.0' },
      update: {
        id: update.id,
        from: { version: '1.0.0' },
        to: { version: '1.1.0' },
        state: 'updated',
        fileBytes: file.length,
        sentBytes: file.length,
      },
    },
  ])
  expect(bench.trace().map(({ label, from, to }) => `${label} ${from} ${to}`)).toEqual([
    '0:U1 handset carrier',
    '0:U3 carrier handset',
    '0:U5 handset carrier',
    '0:U6 carrier handset',
    '0:U10 handset carrier',
  ])
  const states = bench.seen.flatMap(event =>
    event.kind === 'update-changed' ? [event.update.state] : [],
  )
  expect(states).toEqual(['announced', 'requested', 'sent', 'updated'])
  expect(await handset.inquire(inquiryOf('1.1.0'))).toBeNull()
})

test('two bases get two files, and each is made once [S0-15]', async () => {
  const bench = await published('1.0.0', '1.1.0', '2.0.0')
  const handset = handsetAt(bench.address)
  const asked = ['1.0.0', '1.1.0', '1.0.0', '1.1.0'].map((version, index) =>
    handset.inquire(inquiryOf(version, { terminalId: `T-${index}` })),
  )
  const [first, second, third, fourth] = (await Promise.all(asked)).map(update => update?.file)
  expect(first).toEqual(third)
  expect(second).toEqual(fourth)
  expect(first).not.toEqual(second)
  expect(bench.orders.map(({ old }) => sha256Of(old)).toSorted()).toEqual(
    ['1.0.0', '1.1.0'].map(version => sha256Of(firmware(version))).toSorted(),
  )
})

test('the whole image goes to a handset with unknown software [S0-30]', async () => {
  const bench = await published('2.0.0')
  const handset = handsetAt(bench.address)
  const unknown = await handset.inquire(inquiryOf('1.0.0'))
  expect(unknown).toMatchObject({ kind: 'full', target: { id: { version: '2.0.0' } } })
  const nothing = await handset.inquire(
    inquiryOf('1.0.0', { terminalId: 'T-0002', software: null }),
  )
  expect(nothing?.file).toEqual(unknown?.file)
})

test('software that handsets leave the factory with is a base without being in the library', async () => {
  const factory = firmware('1.0.0')
  const bench = await carrierBench({
    factoryImage: sha256 => (sha256 === sha256Of(factory) ? factory : undefined),
  })
  await bench.publish('2.0.0')
  const handset = handsetAt(bench.address)
  expect(await handset.inquire(inquiryOf('1.0.0'))).toMatchObject({ kind: 'differential' })
  const other = inquiryOf('1.1.0', { terminalId: 'T-0002' })
  expect(await handset.inquire(other)).toMatchObject({ kind: 'full' })
})

test('the whole image goes out where the differential file is not smaller [S0-30]', async () => {
  const bench = await carrierBench({
    makeFile: async order => {
      const { file, ...made } = await madeUp(order)
      const filler = new Uint8Array(order.old.length > 0 ? 60_000 : 0)
      return { ...made, file: new Uint8Array([...file, ...filler]) }
    },
  })
  await bench.publish('1.0.0')
  await bench.publish('1.1.0')
  const update = await handsetAt(bench.address).inquire(inquiryOf('1.0.0'))
  expect(update?.kind).toBe('full')
})

test.each([
  ['another model', inquiryOf('1.0.0', { model: 'k2' })],
  ['the newest already', inquiryOf('2.0.0')],
  [
    'a region that is too small',
    inquiryOf('1.0.0', { flash: { ...inquiryOf('1.0.0').flash, regionBytes: 4096 } }),
  ],
])('a handset with %s gets none [S0-27] [S0-44]', async (_, inquiry) => {
  const bench = await published('1.0.0', '1.1.0', '2.0.0')
  expect(await handsetAt(bench.address).inquire(inquiry)).toBeNull()
  expect(bench.orders).toEqual([])
  expect(await bench.carrier.devices()).toMatchObject([{ model: inquiry.model, update: null }])
})

test('a withdrawn release goes out no more, and the one below it does', async () => {
  const bench = await published('1.0.0', '1.1.0')
  const { id } = await bench.publish('2.0.0')
  await bench.carrier.withdraw({ id })
  const update = await handsetAt(bench.address).inquire(inquiryOf('1.0.0'))
  expect(update?.target.id.version).toBe('1.1.0')
})

test('a release whose image left the library is passed over, and that is noted', async () => {
  const bench = await published('1.0.0', '1.1.0')
  const { digest } = await bench.publish('2.0.0')
  await bench.images.remove({ digest })
  const update = await handsetAt(bench.address).inquire(inquiryOf('1.0.0'))
  expect(update?.target.id.version).toBe('1.1.0')
  expect(await bench.refusals()).toEqual(['IMAGE_UNKNOWN'])
})

test('no file goes out without a request of the same handset [S0-26]', async () => {
  const bench = await published('1.0.0', '1.1.0')
  const handset = handsetAt(bench.address)
  const mine = await handset.inquire(inquiryOf('1.0.0'))
  const theirs = await handset.inquire(inquiryOf('1.0.0', { terminalId: 'T-0002' }))
  if (!mine || !theirs) throw new Error('There are updates.')
  const theirToken = await handset.request(theirs.id, 'T-0002')
  const attempts = [
    handset.get(mine.id, {}),
    handset.get(mine.id, { authorization: 'Bearer guessed' }),
    handset.get(mine.id, { authorization: `Bearer ${theirToken}` }),
    handset.post(`/v1/updates/${mine.id}/request`, { terminalId: 'T-0002' }),
  ]
  expect((await Promise.all(attempts)).map(({ status }) => status)).toEqual([401, 403, 403, 404])
  expect(bench.trace().filter(({ label }) => label === '0:U6')).toEqual([])
  const codes = await bench.refusals()
  expect(codes.toSorted()).toEqual(
    ['TOKEN_REQUIRED', 'TOKEN_WRONG', 'TOKEN_WRONG', 'UPDATE_UNKNOWN'].toSorted(),
  )
})

test('a token is told to its handset alone [S0-26]', async () => {
  const bench = await published('1.0.0', '1.1.0')
  const handset = handsetAt(bench.address)
  const update = await handset.inquire(inquiryOf('1.0.0'))
  if (!update) throw new Error('There is an update.')
  const token = await handset.request(update.id)
  await handset.file(update.id, token)
  const newer = await handset.request(update.id)
  const refused = await handset.get(update.id, { authorization: `Bearer ${token}` })
  expect(refused.status).toBe(403)
  const payloads = bench.trace().map(({ sequence }) => bench.payload(sequence))
  expect(payloads.join()).toContain(update.id)
  const shown = [bench.trace(), bench.seen, await bench.audit(), await bench.carrier.devices()]
  const everything = [...payloads, JSON.stringify(shown), await refused.text()].join()
  for (const secret of [token, newer]) {
    expect(everything).not.toContain(secret)
    expect(everything).not.toContain(sha256Of(new TextEncoder().encode(secret)))
  }
})

test('a token ends with its hour and with a newer one', async () => {
  const clock = new Manual()
  const bench = await carrierBench({ clock })
  await bench.publish('1.1.0')
  const handset = handsetAt(bench.address)
  const update = await handset.inquire(inquiryOf('1.0.0'))
  if (!update) throw new Error('There is an update.')
  const first = await handset.request(update.id)
  const second = await handset.request(update.id)
  const statusOf = async (token: string) => {
    const answer = await handset.get(update.id, { authorization: `Bearer ${token}` })
    await answer.arrayBuffer()
    return answer.status
  }
  expect(await statusOf(first)).toBe(403)
  expect(await statusOf(second)).toBe(200)
  clock.time += 3_600_001
  expect(await statusOf(second)).toBe(403)
})

test('a transfer goes on where it broke off, and is sent with its last byte [S0-34]', async () => {
  const bench = await published('1.0.0', '1.1.0')
  const handset = handsetAt(bench.address)
  const update = await handset.inquire(inquiryOf('1.0.0'))
  if (!update) throw new Error('There is an update.')
  const authorization = `Bearer ${await handset.request(update.id)}`
  const begun = await handset.get(update.id, { authorization, range: 'bytes=0-99' })
  expect(begun.status).toBe(206)
  const start = new Uint8Array(await begun.arrayBuffer())
  const etag = begun.headers.get('etag') ?? ''
  const { length } = start
  expect(await bench.carrier.updates({ limit: 1 })).toMatchObject([
    { state: 'requested', sentBytes: 100 },
  ])
  const resumed = { authorization, range: `bytes=${length}-` }
  const rest = await handset.get(update.id, { ...resumed, 'if-range': etag })
  expect(rest.headers.get('content-range')).toBe(
    `bytes 100-${update.file.bytes - 1}/${update.file.bytes}`,
  )
  const whole = new Uint8Array([...start, ...new Uint8Array(await rest.arrayBuffer())])
  expect(sha256Of(whole)).toBe(update.file.sha256)
  expect(await bench.carrier.updates({ limit: 1 })).toMatchObject([{ state: 'sent' }])
  const other = await handset.get(update.id, { ...resumed, 'if-range': '"another"' })
  expect([other.status, (await other.arrayBuffer()).byteLength]).toEqual([200, update.file.bytes])
})

test('a success is believed only of what was sent and is now there', async () => {
  const bench = await published('1.0.0', '1.1.0')
  const handset = handsetAt(bench.address)
  const update = await handset.inquire(inquiryOf('1.0.0'))
  if (!update) throw new Error('There is an update.')
  const claim = { outcome: 'updated', ...holding('1.1.0') } as const
  expect((await handset.report(update.id, claim)).status).toBe(409)
  await handset.file(update.id, await handset.request(update.id))
  expect((await handset.report(update.id, { ...claim, ...holding('1.0.0') })).status).toBe(409)
  expect((await handset.report(update.id, claim)).status).toBe(204)
  // A handset that did not hear the answer says it again.
  expect((await handset.report(update.id, claim)).status).toBe(204)
  expect((await handset.report(update.id, { outcome: 'file-refused' })).status).toBe(410)
  expect(await bench.refusals()).toEqual(['REPORT_UNPROVED', 'REPORT_UNPROVED', 'UPDATE_ENDED'])
})

test('a handset that needs a file gets that very one, also once it is withdrawn', async () => {
  const bench = await published('1.0.0')
  const { id } = await bench.publish('1.1.0')
  const handset = handsetAt(bench.address)
  const first = await handset.inquire(inquiryOf('1.0.0'))
  if (!first) throw new Error('There is an update.')
  const sent = await handset.file(first.id, await handset.request(first.id))
  await bench.carrier.withdraw({ id })
  await bench.publish('2.0.0')
  await bench.blobs.remove(first.file.sha256)
  const needed = inquiryOf('1.0.0', { software: null, neededFile: first.file.sha256 })
  const again = await handset.inquire(needed)
  expect(again).toEqual(first)
  // Its bytes were lost on the server: they are made again, the very same.
  expect(await handset.file(first.id, await handset.request(first.id))).toEqual(sent)
  expect(await bench.carrier.updates({ limit: 10 })).toHaveLength(1)
  expect(await bench.carrier.devices()).toMatchObject([{ software: { version: '1.0.0' } }])
})

test('a file that is needed and was never made here is told to be unknown', async () => {
  const bench = await published('1.0.0', '1.1.0')
  const needed = inquiryOf('1.0.0', { software: null, neededFile: 'ab'.repeat(32) })
  expect(await handsetAt(bench.address).inquire(needed)).toBeNull()
  expect(await bench.refusals()).toEqual(['FILE_UNKNOWN'])
})

test('what the server knows survives its end', async () => {
  const dataDir = scratchFolder()
  const before = await carrierBench({ dataDir })
  await before.publish('1.0.0')
  await before.publish('1.1.0')
  const update = await handsetAt(before.address).inquire(inquiryOf('1.0.0'))
  if (!update) throw new Error('There is an update.')
  const token = await handsetAt(before.address).request(update.id)
  await before.close()
  const after = await carrierBench({ dataDir })
  const handset = handsetAt(after.address)
  expect(sha256Of(await handset.file(update.id, token))).toBe(update.file.sha256)
  const reported = await handset.report(update.id, { outcome: 'updated', ...holding('1.1.0') })
  expect(reported.status).toBe(204)
  expect(await after.carrier.releases()).toMatchObject([
    { software: { version: '1.1.0' } },
    { software: { version: '1.0.0' } },
  ])
  expect(after.orders).toEqual([])
})

test('file and work fit into the RAM of the handset together where that is possible', async () => {
  const bench = await carrierBench({
    makeFile: async ({ old, fresh, ramBytes }) => ({
      file: fresh.slice(0, old.length > 0 ? 10_000 : 40_000),
      workBytes: ramBytes,
      fullBytes: 40_000,
    }),
  })
  await bench.publish('1.0.0')
  await bench.publish('1.1.0')
  const update = await handsetAt(bench.address).inquire(inquiryOf('1.0.0', { ramBytes: 50_000 }))
  expect(update).toMatchObject({ file: { bytes: 10_000 }, workBytes: 40_000 })
})

test('a file that takes long is told to be in the making, and is there later', async () => {
  const clock = new Manual()
  const made = Promise.withResolvers<void>()
  const bench = await carrierBench({
    clock,
    makeFile: async order => {
      await made.promise
      return madeUp(order)
    },
  })
  // The end waits for what is being made, also where this test fails.
  onTestFinished(() => made.resolve())
  await bench.publish('1.1.0')
  const handset = handsetAt(bench.address)
  const asking = handset.post('/v1/updates/inquiry', inquiryOf('1.0.0'))
  await Promise.race([clock.timerSet(8000), asking])
  clock.fire()
  const answer = await asking
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2'])
  expect(await answer.json()).toMatchObject({ code: 'FILE_IN_THE_MAKING' })
  made.resolve()
  expect(await handset.inquire(inquiryOf('1.0.0'))).toMatchObject({ kind: 'full' })
  expect(bench.orders).toHaveLength(1)
})

test('a new inquiry ends the token of the one before, so that what is sent counts', async () => {
  const bench = await published('1.0.0', '1.1.0')
  const handset = handsetAt(bench.address)
  const update = await handset.inquire(inquiryOf('1.0.0'))
  if (!update) throw new Error('There is an update.')
  const stale = await handset.request(update.id)
  expect(await handset.inquire(inquiryOf('1.0.0'))).toEqual(update)
  const refused = await handset.get(update.id, { authorization: `Bearer ${stale}` })
  expect([refused.status, await refused.json()]).toMatchObject([403, { code: 'TOKEN_WRONG' }])
  await handset.file(update.id, await handset.request(update.id))
  const reported = await handset.report(update.id, { outcome: 'updated', ...holding('1.1.0') })
  expect(reported.status).toBe(204)
})

test('a handset that forgot its update to a power cut ends it by an inquiry [S0-14]', async () => {
  const bench = await published('1.0.0', '1.1.0')
  const handset = handsetAt(bench.address)
  const update = await handset.inquire(inquiryOf('1.0.0'))
  if (!update) throw new Error('There is an update.')
  const stateAfter = async (version: string) => {
    await handset.inquire(inquiryOf(version))
    const [newest] = await bench.carrier.updates({ limit: 1 })
    return newest?.state
  }
  // What was never sent cannot have come from here.
  expect(await stateAfter('1.1.0')).toBe('announced')
  await handset.file(update.id, await handset.request(update.id))
  expect(await stateAfter('1.1.0')).toBe('updated')
  expect(await bench.carrier.devices()).toMatchObject([
    { software: { version: '1.1.0' }, update: { state: 'updated' } },
  ])
})

test('a release that is withdrawn while its file is made is not announced', async () => {
  const making = Promise.withResolvers<void>()
  const bench = await carrierBench({
    makeFile: async order => {
      await making.promise
      return madeUp(order)
    },
  })
  onTestFinished(() => making.resolve())
  await bench.publish('1.1.0')
  const { id } = await bench.publish('2.0.0')
  const asking = handsetAt(bench.address).inquire(inquiryOf('1.0.0'))
  await expect.poll(() => bench.orders.length).toBe(1)
  await bench.carrier.withdraw({ id })
  making.resolve()
  expect(await asking).toMatchObject({ target: { id: { version: '1.1.0' } } })
  expect(await bench.carrier.updates({ limit: 10 })).toHaveLength(1)
})
