import { expect, test } from 'vitest'
import { basicCredentials } from '../../src-main/site/credentials'
import {
  accessorOf,
  CARRIER,
  firmware,
  FREE,
  SILENT,
  sha256Of,
  untilEnd,
  vendorBench,
  type VendorBench,
} from './vendor-bench'

const VENDOR = 'Vendor A'

async function opened(): Promise<{ bench: VendorBench; base: string }> {
  const bench = await vendorBench()
  return { bench, base: await bench.open(VENDOR) }
}

const listed = (bench: VendorBench) => bench.vendor.releases({ vendorName: VENDOR })

test('firmware is registered as what lands in the flash, with what the vendor says of it [S1-04] [S1-27]', async () => {
  const { bench } = await opened()
  const bytes = firmware('1.1.0')
  const additional = {
    deviceTypes: ['phone', 'tablet'],
    fromVersions: ['1.0.0'],
    price: 300,
    currency: 'JPY',
    trial: { signal: 'ping', answer: 'pong', waitSeconds: 60 },
  }
  const release = await bench.register(VENDOR, '1.1.0', additional)
  expect(release).toEqual({
    id: 1,
    vendorName: VENDOR,
    softwareName: 'kintsugi-k1',
    version: '1.1.0',
    revision: 1,
    kind: 'firmware',
    model: 'k1',
    digest: sha256Of(bytes),
    bytes: bytes.length,
    additional,
    state: 'registered',
    report: null,
    registeredAt: expect.any(Number),
  })
  expect(await listed(bench)).toEqual([release])
  expect(bench.seen).toContainEqual({ kind: 'vendor-release-changed', release })
  expect(await bench.vendor.list()).toMatchObject([{ name: VENDOR, releases: 1, accessors: 1 }])
  // S10 comes before any S11.
  expect(bench.trace()).toMatchObject([
    {
      from: 'vendor',
      to: 'vendor-database',
      label: '1:S10',
      fields: { releaseId: 1, revision: 1 },
    },
  ])
  expect(JSON.parse(bench.payload(1))).toEqual(additional)
})

test('a release stays when the library lets go of its image', async () => {
  const { bench, base } = await opened()
  const release = await bench.register(VENDOR, '1.1.0')
  await bench.images.remove({ digest: release.digest })
  expect(await bench.images.list()).toEqual([])
  const answer = await accessorOf(base).software(release.id)
  expect(sha256Of(new Uint8Array(await answer.arrayBuffer()))).toBe(release.digest)
})

test('each database lists the releases of its own vendor alone [S1-26]', async () => {
  const { bench } = await opened()
  await bench.open('Vendor B')
  await bench.register(VENDOR, '1.1.0')
  await bench.register('Vendor B', '1.1.0')
  await bench.registerPackage('Vendor B', new Uint8Array([1, 2, 3]))
  const names = async (vendorName: string) =>
    (await bench.vendor.releases({ vendorName })).map(release => release.softwareName)
  expect(await names(VENDOR)).toEqual(['kintsugi-k1'])
  expect(await names('Vendor B')).toEqual(['player', 'kintsugi-k1'])
})

test.each<[what: string, code: string, register: (bench: VendorBench) => Promise<unknown>]>([
  [
    'without a vendor that there is [S1-04]',
    'VENDOR_UNKNOWN',
    bench => bench.register('Vendor Z', '1.1.0'),
  ],
  [
    'without a file',
    'IMAGE_UNKNOWN',
    ({ vendor }) =>
      vendor.register({ vendorName: VENDOR, digest: 'ab'.repeat(32), additional: FREE }),
  ],
  [
    'of an image that does not say what it is',
    'RELEASE_UNFIT',
    async ({ images, vendor }) => {
      const { digest } = await images.add({ name: 'x.bin', content: new Uint8Array(5000).fill(7) })
      return vendor.register({ vendorName: VENDOR, digest, additional: FREE })
    },
  ],
  [
    'of an image under another version than its own',
    'RELEASE_UNFIT',
    async ({ images, vendor }) => {
      const { digest } = await images.add({ name: 'x.bin', content: firmware('1.1.0') })
      return vendor.register({ vendorName: VENDOR, digest, version: '1.2.0', additional: FREE })
    },
  ],
  [
    'of an added file without a name',
    'RELEASE_UNFIT',
    async ({ vendor }) => {
      const { digest } = await vendor.addPackage({ name: 'x', content: new Uint8Array(3) })
      return vendor.register({ vendorName: VENDOR, digest, version: '1', additional: FREE })
    },
  ],
])('a registration %s is refused', async (_, code, register) => {
  const { bench } = await opened()
  await expect(register(bench)).rejects.toMatchObject({ code })
  expect(await listed(bench)).toEqual([])
  expect(await bench.audit()).toMatchObject([{ actor: 'vendor', code }])
})

test('a version is registered again only after its return, as the next revision [S1-48]', async () => {
  const { bench, base } = await opened()
  const first = await bench.register(VENDOR, '1.1.0')
  const again = () => bench.register(VENDOR, '1.1.0')
  await expect(again()).rejects.toMatchObject({ code: 'RELEASE_EXISTS' })
  await (await accessorOf(base).software(first.id)).arrayBuffer()
  await expect(again()).rejects.toMatchObject({ code: 'RELEASE_EXISTS' })

  expect((await accessorOf(base).giveBack(first.id, SILENT)).status).toBe(204)
  expect(await listed(bench)).toMatchObject([{ state: 'returned', report: SILENT }])
  for (const path of [`/v1/releases/${first.id}`, `/v1/releases/${first.id}/software`]) {
    const refused = await accessorOf(base).get(path)
    expect([refused.status, await refused.json()]).toMatchObject([
      410,
      { code: 'RELEASE_RETURNED' },
    ])
  }
  for (const by of ['api', 'mail'] as const) {
    const telling = bench.vendor.notify({ vendorName: VENDOR, id: first.id, by })
    await expect(telling).rejects.toMatchObject({ code: 'RELEASE_RETURNED' })
  }
  const uploading = bench.vendor.upload({ vendorName: VENDOR, id: first.id })
  await expect(uploading).rejects.toMatchObject({ code: 'RELEASE_RETURNED' })

  const second = await again()
  expect(second).toMatchObject({ revision: 2, state: 'registered', report: null })
  expect((await accessorOf(base).release(second.id)).status).toBe(200)
  expect((await accessorOf(base).release(first.id)).status).toBe(410)
  await expect(again()).rejects.toMatchObject({ code: 'RELEASE_EXISTS' })
  expect(bench.carrier.told).toMatchObject({ notices: [], records: [] })
})

test('of two registrations of a version at once one is refused', async () => {
  const { bench } = await opened()
  const both = await Promise.allSettled([1, 2].map(() => bench.register(VENDOR, '1.1.0')))
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  expect(await listed(bench)).toHaveLength(1)
})

test('a return is kept once, with the first report [S1-48] [S1-73]', async () => {
  const { bench, base } = await opened()
  const { id } = await bench.register(VENDOR, '1.1.0')
  const statusOf = async (report: unknown, credentials: typeof CARRIER | null = CARRIER) =>
    (await accessorOf(base, credentials).giveBack(id, report)).status
  // Nobody has it, so nobody can give it back.
  expect(await statusOf(SILENT)).toBe(409)
  await (await accessorOf(base).software(id)).arrayBuffer()
  expect(await statusOf(SILENT, null)).toBe(401)
  expect(await statusOf(SILENT, { ...CARRIER, password: 'x' })).toBe(403)
  expect(await statusOf({ ...SILENT, outcome: 'passed' })).toBe(422)
  expect(await statusOf({ ...SILENT, outcome: 'fine' })).toBe(400)
  expect(await listed(bench)).toMatchObject([{ state: 'handed-out', report: null }])

  expect(await statusOf(SILENT)).toBe(204)
  // Its answer was lost, so it is said again.
  expect(await statusOf(SILENT)).toBe(204)
  expect(await statusOf({ ...SILENT, message: 'Something else.' })).toBe(409)
  expect(await listed(bench)).toMatchObject([{ state: 'returned', report: SILENT }])
  const accesses = await bench.vendor.accesses({ vendorName: VENDOR, limit: 50 })
  expect(accesses.filter(({ outcome }) => outcome === 'returned')).toMatchObject([
    { accessorId: CARRIER.id, releaseId: id, message: SILENT.message },
  ])
  const returns = bench
    .trace()
    .filter(({ label, outcome }) => label === '1:S37' && outcome === 'sent')
  expect(returns).toMatchObject([{ from: 'carrier' }, { to: 'vendor-database' }])
  expect(JSON.parse(bench.payload(returns[0]!.sequence))).toEqual(SILENT)
  expect(await bench.refusals()).toEqual([
    'RELEASE_NOT_HANDED_OUT',
    'ACCESS_REFUSED',
    'RETURN_UNPROVED',
    'BAD_REQUEST',
    'RETURN_CONFLICT',
  ])
})

test.each([
  ['a giant report', 'content-type: application/json\r\ncontent-length: 99999999', 413],
  ['a report of another kind', 'content-type: text/plain\r\ncontent-length: 2', 415],
])('%s is refused before it is read', async (_, headers, status) => {
  const { bench, base } = await opened()
  const { id } = await bench.register(VENDOR, '1.1.0')
  const answer = await untilEnd(
    base,
    `POST /v1/releases/${id}/return HTTP/1.1\r\nhost: ${new URL(base).host}\r\n` +
      `authorization: ${basicCredentials(CARRIER)}\r\n${headers}\r\nconnection: close\r\n\r\n`,
  )
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
})

test('what was returned is signed for no more, and the carrier hears of it', async () => {
  const { bench, base } = await opened()
  const { id } = await bench.register(VENDOR, '1.1.0')
  await bench.register(VENDOR, '2.0.0')
  await (await accessorOf(base).software(id)).arrayBuffer()
  await accessorOf(base).giveBack(id, SILENT)
  await expect.poll(() => bench.carrier.told.documents.length).toBe(1)
  const targets = bench.carrier.told.documents[0]?.targets
  const signed = JSON.parse(targets ?? '') as { signed: { targets: object } }
  expect(Object.keys(signed.signed.targets)).toEqual(['k1/kintsugi-k1/2.0.0'])
})

test('a release whose bytes were lost is told to be lost, and not handed out', async () => {
  const { bench, base } = await opened()
  const { id, digest } = await bench.register(VENDOR, '1.1.0')
  await bench.blobs.remove(digest)
  const answer = await accessorOf(base).software(id)
  expect([answer.status, await answer.json()]).toMatchObject([410, { code: 'BLOB_DAMAGED' }])
  expect(await listed(bench)).toMatchObject([{ state: 'registered' }])
  await expect(bench.vendor.upload({ vendorName: VENDOR, id })).rejects.toMatchObject({
    code: 'BLOB_DAMAGED',
  })
})
