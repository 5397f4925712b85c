import { hash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { firmware } from '../carrier-bench'
import { intakeBench, vendorSays } from './intake-bench'
import { recordOf, SOFTWARE } from './vendor-stand-in'

const HOUR = 3_600_000

describe('fetching from a vendor database', () => {
  test('asks, is asked who it is, says it, and gets the software [S1-30] [S1-33]', async () => {
    const { notify, state, vendor } = await intakeBench()
    await notify()
    await expect.poll(() => state()).toBe('stored')
    expect(vendor.asked).toEqual([
      'GET /v1/releases/7 nobody',
      'GET /v1/releases/7 accessor',
      'GET /v1/releases/7/software accessor',
    ])
  })

  test('puts what came into the storage under its digest [S1-37]', async () => {
    const { book, notify, state, storage } = await intakeBench()
    await notify()
    await expect.poll(() => state()).toBe('stored')
    const { digest, bytes, additional } = await book.rollout(1)
    expect(digest).toBe(recordOf().digest)
    expect(bytes).toBe(SOFTWARE.length)
    expect(additional).toEqual(recordOf().additional)
    expect(Buffer.from(await storage.read(digest ?? '')).equals(SOFTWARE)).toBe(true)
  })

  test('is one transfer, however often the release is told of', async () => {
    const gate = Promise.withResolvers<void>()
    const { intake, notify, state, vendor } = await intakeBench({ gate: gate.promise })
    await notify()
    await notify()
    intake.fetch(1)
    gate.resolve()
    await expect.poll(() => state()).toBe('stored')
    await notify()
    intake.fetch(1)
    await intake.stopFetching(1)
    expect(vendor.asked.filter(line => line.includes('/software'))).toHaveLength(1)
  })

  test('a refusal ends it: no software, the release auth-refused, an audit entry [S1-36] [S1-73]', async () => {
    const { book, notify, refusals, register, state, vendor } = await intakeBench()
    await register({ accessorPassword: 'wrong' })
    await notify()
    await expect.poll(() => state()).toBe('auth-refused')
    expect(vendor.asked).toEqual(['GET /v1/releases/7 nobody', 'GET /v1/releases/7 stranger'])
    expect(await refusals()).toEqual(['ACCESS_REFUSED'])
    expect((await book.rollout(1)).reason).toContain('refused "carrier-1"')
  })

  test('another attempt with the registered password succeeds', async () => {
    const { book, intake, notify, register, state } = await intakeBench()
    await register({ accessorPassword: 'wrong' })
    await notify()
    await expect.poll(() => state()).toBe('auth-refused')
    await register()
    intake.fetch(1)
    await expect.poll(() => state()).toBe('stored')
    expect(book.history).toEqual(['1 fetching', '1 auth-refused', '1 fetching', '1 stored'])
  })

  test('a database that lets everybody in is not believed', async () => {
    const { notify, refusals, state, vendor } = await intakeBench({ isOpen: true })
    await notify()
    await expect.poll(refusals).toEqual(['VENDOR_ANSWERED'])
    expect(await state()).toBe('notified')
    expect(vendor.asked).toEqual(['GET /v1/releases/7 nobody'])
  })

  test.each([
    ['of another vendor', { vendorName: 'Vendor B' }, 'Vendor B'],
    ['of another number', { id: 8 }, '8'],
    ['of other software', { softwareName: 'other' }, 'other'],
    ['of another version', { version: '3.0.0' }, '3.0.0'],
    ['of another revision', { revision: 2 }, 'revision 2'],
    ['that is larger than is taken', { bytes: 2 ** 31 }, 'at most'],
    ['for a model and no firmware', { model: 'k1' }, 'no firmware'],
  ])('refuses a record %s [S1-71]', async (_what, changes, reason) => {
    const { book, notify, refusals, vendor } = await intakeBench({ record: recordOf(changes) })
    await notify()
    await expect.poll(refusals).toEqual(['RELEASE_FOREIGN'])
    const { state, reason: said } = await book.rollout(1)
    expect(state).toBe('notified')
    expect(said).toContain(reason)
    expect(vendor.asked.some(line => line.includes('/software'))).toBe(false)
  })

  test.each([
    ['other bytes', Buffer.alloc(SOFTWARE.length, 'x')],
    ['fewer bytes', SOFTWARE.subarray(0, 1000)],
    ['no bytes', Buffer.alloc(0)],
  ])('keeps nothing of software with %s', async (_what, software) => {
    const { blobs, notify, refusals, state } = await intakeBench({ software })
    await notify()
    await expect.poll(refusals).toEqual(['SOFTWARE_WRONG'])
    expect(await state()).toBe('notified')
    expect(await blobs.has(recordOf().digest)).toBe(false)
    expect(await blobs.has(hash('sha256', software, 'hex'))).toBe(false)
  })

  test('stops at more bytes than were announced', async () => {
    const software = Buffer.concat([SOFTWARE, SOFTWARE])
    const { notify, refusals, state } = await intakeBench({ software })
    await notify()
    await expect.poll(refusals).toEqual(['ANSWER_TOO_LARGE'])
    expect(await state()).toBe('notified')
  })

  test('a broken line is tried again by itself, later and later', async () => {
    const bench = await intakeBench({ cutAfter: 1000 })
    const { book, clock, notify, refusals, state, vendor } = bench
    await notify()
    await expect.poll(() => book.history).toHaveLength(2)
    expect(await state()).toBe('notified')
    await clock.advance(60_000)
    await expect.poll(() => book.history).toHaveLength(4)
    delete vendor.behaviour.cutAfter
    await clock.advance(120_000)
    await expect.poll(() => state()).toBe('stored')
    expect(await refusals()).toEqual([])
  })

  test('a silent database is given up after eight attempts, and fetched again when asked', async () => {
    const { book, clock, intake, notify, register, state, vendor } = await intakeBench()
    await register({ databaseAddress: 'http://127.0.0.1:1' })
    await notify()
    await expect.poll(() => book.history).toHaveLength(2)
    await clock.advance(24 * HOUR)
    await expect.poll(() => book.history).toHaveLength(16)
    await clock.advance(24 * HOUR)
    expect(book.history).toHaveLength(16)
    await register({ databaseAddress: vendor.address })
    intake.fetch(1)
    await expect.poll(() => state()).toBe('stored')
  })

  test('what a vendor answers beside is told to people', async () => {
    const { book, notify, refusals } = await intakeBench({ status: 500 })
    await notify()
    await expect.poll(refusals).toEqual(['VENDOR_ANSWERED'])
    expect((await book.rollout(1)).reason).toContain('It is closed today.')
  })

  test('nonsense for a record is told to people', async () => {
    const { notify, refusals, state } = await intakeBench({ record: { id: 'seven' } })
    await notify()
    await expect.poll(refusals).toEqual(['ANSWER_BAD'])
    expect(await state()).toBe('notified')
  })

  test('a release that was cancelled meanwhile is not stored', async () => {
    const gate = Promise.withResolvers<void>()
    const { book, defects, intake, notify, state, vendor } = await intakeBench({
      gate: gate.promise,
    })
    await notify()
    await expect.poll(() => vendor.asked).toHaveLength(2)
    book.move(1, { kind: 'cancel' })
    await intake.stopFetching(1)
    gate.resolve()
    expect(await state()).toBe('cancelled')
    expect(vendor.asked.some(line => line.includes('/software'))).toBe(false)
    expect(defects).toEqual([])
  })
})

describe('firmware that is fetched', () => {
  const image = firmware('1.1.0')
  const record = recordOf({
    kind: 'firmware',
    model: 'k1',
    softwareName: 'kintsugi-k1',
    version: '1.1.0',
    bytes: image.length,
    digest: hash('sha256', image, 'hex'),
    metadata: { roots: ['{}'], targets: '{}' },
  })
  const notice = { softwareName: 'kintsugi-k1', version: '1.1.0' }

  test('must be what it says itself', async () => {
    const { notify, state, taken } = await intakeBench({ record, software: image })
    await notify(notice)
    await expect.poll(() => state()).toBe('stored')
    expect(taken).toEqual(['Vendor A'])
  })

  test.each([
    ['for another model', { model: 'k2' }, {}],
    ['of another version', { version: '9.9.9' }, { version: '9.9.9' }],
  ])('is refused as firmware %s', async (_what, changes, announced) => {
    const behaviour = { record: { ...record, ...changes }, software: image }
    const { notify, refusals, state, taken } = await intakeBench(behaviour)
    await notify({ ...notice, ...announced })
    await expect.poll(refusals).toEqual(['RELEASE_UNFIT'])
    expect(await state()).toBe('notified')
    expect(taken).toEqual([])
  })
})

describe('the vendors that the carrier knows', () => {
  test('are all in one place', async () => {
    const { register, registry } = await intakeBench()
    const databaseAddress = 'http://127.0.0.1:9/'
    await register({ vendorName: 'Vendor B', databaseAddress, vendorPassword: 'b' })
    const vendors = await registry.vendors()
    expect(vendors.map(({ vendorName }) => vendorName)).toEqual(['Vendor A', 'Vendor B'])
    expect(vendors[1]).toMatchObject({ databaseAddress: 'http://127.0.0.1:9' })
    expect(JSON.stringify(vendors)).not.toContain('sesame')
  })

  test('have a database each [S1-71]', async () => {
    const { refusals, register, vendor } = await intakeBench()
    const databaseAddress = `${vendor.address}/`
    const sharing = register({ vendorName: 'Vendor B', databaseAddress })
    await expect(sharing).rejects.toMatchObject({ code: 'VENDOR_UNFIT' })
    expect(await refusals()).toEqual(['VENDOR_UNFIT'])
  })

  test.each(['ftp://127.0.0.1/', 'http://a:b@127.0.0.1/', 'http://127.0.0.1/?x=1'])(
    'are not reached at %s',
    async databaseAddress => {
      const { register } = await intakeBench()
      await expect(register({ databaseAddress })).rejects.toMatchObject({ code: 'VENDOR_UNFIT' })
    },
  )

  test('say who they are with the newest password', async () => {
    const { notify, register } = await intakeBench()
    await register({ vendorPassword: 'newer' })
    expect((await notify()).status).toBe(401)
    expect((await notify({}, vendorSays('Vendor A', 'newer'))).status).toBe(202)
  })
})
