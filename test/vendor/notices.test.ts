import { expect, test } from 'vitest'
import { CodedError } from '../../src-main/base/coded-error'
import { firmware, SILENT, sha256Of, vendorBench, type VendorBench } from './vendor-bench'

const VENDOR = 'Vendor A'

async function registered(options: Parameters<typeof vendorBench>[0] = {}) {
  const bench = await vendorBench(options)
  await bench.open(VENDOR)
  const { id } = await bench.register(VENDOR, '1.1.0')
  return { bench, one: { vendorName: VENDOR, id } }
}

const states = async (bench: VendorBench) =>
  (await bench.vendor.releases({ vendorName: VENDOR })).map(({ state }) => state)

test('a vendor tells the carrier of a release over its API', async () => {
  const { bench, one } = await registered()
  expect(await bench.vendor.notify({ ...one, by: 'api' })).toMatchObject({ state: 'notified' })
  const { notices, credentials } = bench.carrier.told
  expect(credentials).toEqual([{ id: VENDOR, password: 'I am a vendor' }])
  expect(notices).toEqual([
    {
      noticeId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      vendorName: VENDOR,
      vendorReleaseId: one.id,
      softwareName: 'kintsugi-k1',
      version: '1.1.0',
      revision: 1,
      sentAt: expect.any(Number),
    },
  ])
  await bench.vendor.notify({ ...one, by: 'api' })
  expect(new Set(notices.map(({ noticeId }) => noticeId)).size).toBe(2)
})

test('a vendor tells the carrier of a release by mail', async () => {
  const { bench, one } = await registered()
  expect(await bench.vendor.notify({ ...one, by: 'mail' })).toMatchObject({ state: 'notified' })
  const [mail] = bench.mails
  expect(mail).toMatchObject({
    from: 'notices@vendor-a.example',
    to: 'carrier@kintsugi.example',
    subject: 'Release notice',
    messageId: expect.stringMatching(/^notice-[0-9a-f-]{36}@vendor-a\.example$/),
  })
  expect(mail?.text.split('\n').slice(0, 4)).toEqual([
    'Vendor: Vendor A',
    `Release: ${one.id}`,
    'Software: kintsugi-k1 1.1.0',
    'Revision: 1',
  ])
  expect(bench.trace().filter(({ label }) => label === '1:S11')).toMatchObject([
    { from: 'vendor', to: 'mail', fields: { releaseId: one.id, to: 'carrier@kintsugi.example' } },
  ])
  const mailAddress = 'releases@telephone.example'
  await bench.vendor.setCarrier({ vendorName: VENDOR, password: 'x', mailAddress })
  await bench.vendor.setCarrier({ vendorName: VENDOR, password: 'y' })
  await bench.vendor.notify({ ...one, by: 'mail' })
  expect(bench.mails.map(({ to }) => to)).toEqual(['carrier@kintsugi.example', mailAddress])
})

test('a vendor of any name has a mail address', async () => {
  const bench = await vendorBench()
  await bench.open('Aベンダ')
  await bench.open('港区')
  for (const vendorName of ['Aベンダ', '港区']) {
    const { id } = await bench.register(vendorName, '1.1.0')
    await bench.vendor.notify({ vendorName, id, by: 'mail' })
  }
  expect(bench.mails.map(({ from }) => from)).toEqual([
    'notices@a.example',
    'notices@vendor.example',
  ])
})

test('a carrier that refuses is heard in its own words, and nothing is taken for told', async () => {
  const { bench, one } = await registered()
  bench.carrier.told.refusal = { status: 401, code: 'CREDENTIALS_WRONG', message: 'Who is that?' }
  const refusal = { code: 'NOTICE_FAILED', message: expect.stringMatching(/Who is that\?/) }
  const attempts = [bench.vendor.notify({ ...one, by: 'api' }), bench.vendor.upload(one)]
  for (const attempt of attempts) await expect(attempt).rejects.toMatchObject(refusal)
  expect(await states(bench)).toEqual(['registered'])
  expect(await bench.refusals()).toEqual(['NOTICE_FAILED', 'NOTICE_FAILED'])
})

test('without a password at the carrier nothing is sent there', async () => {
  const bench = await vendorBench()
  await bench.vendor.create({ name: VENDOR })
  const { id } = await bench.register(VENDOR, '1.1.0')
  const telling = bench.vendor.notify({ vendorName: VENDOR, id, by: 'api' })
  await expect(telling).rejects.toMatchObject({ code: 'NOTICE_FAILED' })
  expect(bench.carrier.told.credentials).toEqual([])
})

test('a mail that is refused is no notice', async () => {
  const sendMail = () => Promise.reject(new CodedError('MAIL_REFUSED', 'No such mailbox.'))
  const { bench, one } = await registered({ sendMail })
  const telling = bench.vendor.notify({ ...one, by: 'mail' })
  await expect(telling).rejects.toMatchObject({
    code: 'NOTICE_FAILED',
    message: expect.stringMatching(/No such mailbox/),
  })
  expect(await states(bench)).toEqual(['registered'])
  expect(bench.labels()).not.toContain('1:S11')
})

test('a carrier that is not there gives no keys, and no vendor is opened', async () => {
  const bench = await vendorBench({ carrierAddress: 'http://127.0.0.1:1' })
  await expect(bench.vendor.create({ name: VENDOR })).rejects.toMatchObject({
    code: 'NOTICE_FAILED',
  })
  expect(await bench.vendor.list()).toEqual([])
})

test('a vendor without a fetching carrier sends its software itself', async () => {
  const { bench, one } = await registered()
  const sent = await bench.vendor.upload(one)
  expect(sent.state).toBe('handed-out')
  const { records, software } = bench.carrier.told
  expect(records).toMatchObject([{ id: one.id, vendorName: VENDOR, digest: sent.digest }])
  expect(software.map(sha256Of)).toEqual([sha256Of(firmware('1.1.0'))])
})

test('a return is found in the upload channel, and ends the revision [S1-48] [S1-49]', async () => {
  const { bench, one } = await registered()
  await bench.vendor.upload(one)
  expect(await states(bench)).toEqual(['handed-out'])
  bench.carrier.told.upload = { state: 'returned', report: SILENT }
  const [returned] = await bench.vendor.releases({ vendorName: VENDOR })
  expect(returned).toMatchObject({ state: 'returned', report: SILENT })
  expect(bench.seen).toContainEqual({ kind: 'vendor-release-changed', release: returned })
  const before = bench.carrier.told.credentials.length
  await states(bench)
  expect(bench.carrier.told.credentials).toHaveLength(before)
  await expect(bench.vendor.upload(one)).rejects.toMatchObject({ code: 'RELEASE_RETURNED' })
  expect(await bench.register(VENDOR, '1.1.0')).toMatchObject({ revision: 2 })
})

test('an upload whose answer was lost is found in the upload channel', async () => {
  const { bench, one } = await registered()
  bench.carrier.told.onSoftware = () => {
    throw new CodedError('SERVER_BUSY', 'The answer is lost.')
  }
  await expect(bench.vendor.upload(one)).rejects.toMatchObject({ code: 'NOTICE_FAILED' })
  expect(await states(bench)).toEqual(['registered'])
  bench.carrier.told.upload = { state: 'taken', report: null }
  const [taken] = await bench.vendor.releases({ vendorName: VENDOR })
  expect(taken).toMatchObject({ state: 'handed-out' })
  const told = () => bench.seen.filter(({ kind }) => kind === 'vendor-release-changed')
  const before = told().length
  expect(told().at(-1)).toEqual({ kind: 'vendor-release-changed', release: taken })
  await states(bench)
  expect(told()).toHaveLength(before)
})

test('releases are listed also while the carrier does not answer', async () => {
  const { bench, one } = await registered()
  await bench.vendor.upload(one)
  bench.carrier.told.refusal = { status: 503, code: 'SERVER_BUSY', message: 'Later.' }
  expect(await states(bench)).toEqual(['handed-out'])
})

test('an upload that broke off is sent again from its record on', async () => {
  const { bench, one } = await registered()
  bench.carrier.told.onSoftware = () => {
    throw new CodedError('SERVER_BUSY', 'Not now.')
  }
  await expect(bench.vendor.upload(one)).rejects.toMatchObject({ code: 'NOTICE_FAILED' })
  expect(await states(bench)).toEqual(['registered'])
  bench.carrier.told.onSoftware = () => {}
  expect(await bench.vendor.upload(one)).toMatchObject({ state: 'handed-out' })
  expect(bench.carrier.told.records).toHaveLength(2)
  expect(bench.carrier.told.software).toHaveLength(1)
})
