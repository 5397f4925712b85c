import { createServer } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { inProcessClient } from '../../src-main/rpc/in-process'
import { routerOf } from '../rpc/carriers'
import { sampleServices } from '../rpc/sample-services'
import { scratchFolder } from '../storage/scratch'
import { accessorOf, CARRIER, FREE, SILENT, sha256Of, vendorBench } from './vendor-bench'

const VENDOR = 'Vendor A'

test('a vendor has a database with an address, and keys of its own', async () => {
  const bench = await vendorBench()
  const a = await bench.vendor.create({ name: VENDOR })
  const b = await bench.vendor.create({ name: 'Vendor B' })
  expect(a).toEqual({
    name: VENDOR,
    address: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    releases: 0,
    accessors: 0,
    rootVersion: 1,
    metadataExpiresAt: expect.any(Number),
    createdAt: expect.any(Number),
  })
  expect(new URL(a.address).port).not.toBe(new URL(b.address).port)
  expect(await bench.vendor.list()).toEqual([a, b])
  expect(bench.seen).toContainEqual({ kind: 'vendor-changed', vendor: a })
  const roots = await Promise.all(
    [VENDOR, 'Vendor B'].map(vendorName => bench.vendor.root({ vendorName })),
  )
  expect(roots[0]?.root).not.toBe(roots[1]?.root)
  const [root] = roots.map(({ root: text }) => JSON.parse(text) as { signed: object })
  expect(root?.signed).toMatchObject({ vendor: VENDOR, version: 1 })
})

test('there is one vendor of a name, however many are opened at once', async () => {
  const bench = await vendorBench()
  const opened = await Promise.allSettled(
    [1, 2, 3].map(() => bench.vendor.create({ name: VENDOR })),
  )
  expect(opened.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
  const [vendor] = await bench.vendor.list()
  const answer = await accessorOf(vendor?.address ?? '', null).release(1)
  expect(answer.status).toBe(401)
  expect(await bench.refusals()).toEqual(['VENDOR_EXISTS', 'VENDOR_EXISTS'])
})

test('a root of two of three keys is as asked for', async () => {
  const bench = await vendorBench()
  await bench.vendor.create({ name: VENDOR, root: { keys: 3, threshold: 2 } })
  const { root } = await bench.vendor.root({ vendorName: VENDOR })
  const { signed } = JSON.parse(root) as {
    signed: { roles: { root: { keyids: string[]; threshold: number } } }
  }
  expect(signed.roles.root).toMatchObject({ threshold: 2, keyids: { length: 3 } })
})

test.each(['root', 'targets'] as const)(
  'a rotated %s key makes a new root, of which the carrier hears',
  async role => {
    const bench = await vendorBench()
    await bench.open(VENDOR)
    const { rootVersion } = await bench.vendor.rotateKeys({ vendorName: VENDOR, role })
    expect(rootVersion).toBe(2)
    await expect.poll(() => bench.carrier.told.documents.length).toBe(1)
    expect(bench.carrier.told.documents[0]?.roots).toHaveLength(2)
    expect((await bench.vendor.root({ vendorName: VENDOR })).version).toBe(2)
  },
)

test('after a restart everything is there, and databases are where they were', async () => {
  const dataDir = scratchFolder()
  const before = await vendorBench({ dataDir })
  const bases = [await before.open(VENDOR), await before.open('Vendor B')]
  const first = await before.register(VENDOR, '1.1.0')
  const second = await before.registerPackage('Vendor B', new Uint8Array(1000).fill(5))
  await (await accessorOf(bases[0]!).software(first.id)).arrayBuffer()
  await accessorOf(bases[0]!).giveBack(first.id, SILENT)
  const vendors = await before.vendor.list()
  const accesses = await before.vendor.accesses({ vendorName: VENDOR, limit: 10 })
  await before.close()

  const after = await vendorBench({ dataDir })
  expect(await after.vendor.list()).toEqual(vendors)
  expect(vendors.map(({ address }) => address)).toEqual(bases)
  expect(await after.vendor.accesses({ vendorName: VENDOR, limit: 10 })).toEqual(accesses)
  expect(await after.vendor.releases({ vendorName: VENDOR })).toMatchObject([
    { state: 'returned', report: SILENT },
  ])
  expect((await accessorOf(bases[0]!).release(first.id)).status).toBe(410)
  expect((await accessorOf(bases[0]!).giveBack(first.id, SILENT)).status).toBe(204)
  const answer = await accessorOf(bases[1]!).software(second.id)
  expect(sha256Of(new Uint8Array(await answer.arrayBuffer()))).toBe(second.digest)
  expect(await after.register(VENDOR, '1.1.0')).toMatchObject({ revision: 2 })
})

test('a database whose port was taken meanwhile moves, and that is noted', async () => {
  const dataDir = scratchFolder()
  const before = await vendorBench({ dataDir })
  const base = await before.open(VENDOR)
  await before.close()
  const thief = createServer()
  await new Promise<void>(done => thief.listen(Number(new URL(base).port), '127.0.0.1', done))
  onTestFinished(() => void thief.close())

  const after = await vendorBench({ dataDir })
  const [moved] = await after.vendor.list()
  expect(moved?.address).not.toBe(base)
  expect((await accessorOf(moved?.address ?? '').release(1)).status).toBe(404)
  expect(await after.audit()).toMatchObject([
    { actor: 'vendor-database', code: 'PORT_UNUSABLE', message: expect.stringMatching(/is taken/) },
    { code: 'RELEASE_UNKNOWN' },
  ])
  await after.close()
  const later = await vendorBench({ dataDir })
  expect((await later.vendor.list())[0]?.address).toBe(moved?.address)
})

test('a closed database is silent, and a fetch that it ended can begin anew', async () => {
  const dataDir = scratchFolder()
  const before = await vendorBench({ dataDir })
  const base = await before.open(VENDOR)
  const { id } = await before.registerPackage(VENDOR, new Uint8Array(30_000_000))
  const answer = await accessorOf(base).software(id)
  await before.close()
  await expect(answer.arrayBuffer()).rejects.toThrow(/terminated/)
  await expect(accessorOf(base).release(id)).rejects.toThrow(/fetch failed/)
  expect(before.defects).toEqual([])
  const after = await vendorBench({ dataDir })
  const again = await accessorOf(base).software(id)
  expect((await again.arrayBuffer()).byteLength).toBe(30_000_000)
  expect(await after.vendor.releases({ vendorName: VENDOR })).toMatchObject([
    { state: 'handed-out' },
  ])
})

test('a record without vendor or types is refused at registration [S1-04]', async () => {
  const bench = await vendorBench()
  await bench.open(VENDOR)
  const client = inProcessClient(routerOf({ ...sampleServices(), vendor: bench.vendor }))
  const { digest } = await bench.vendor.addPackage({ name: 'p', content: new Uint8Array(9) })
  const sound = { vendorName: VENDOR, digest, softwareName: 'player', version: '1' }
  const { deviceTypes: _, ...typeless } = FREE
  for (const [input, code, field] of [
    [{ ...sound, additional: typeless }, 'BAD_REQUEST', 'additional.deviceTypes'],
    [
      { ...sound, additional: { ...FREE, deviceTypes: [''] } },
      'BAD_REQUEST',
      'additional.deviceTypes.0',
    ],
    [{ ...sound, vendorName: '', additional: FREE }, 'BAD_REQUEST', 'vendorName'],
    [{ ...sound, vendorName: 'A:B', additional: FREE }, 'BAD_REQUEST', 'vendorName'],
    [{ ...sound, vendorName: '..', additional: FREE }, 'BAD_REQUEST', 'vendorName'],
    [{ ...sound, vendorName: '\ud800', additional: FREE }, 'BAD_REQUEST', 'vendorName'],
    [{ ...sound, version: '1 2', additional: FREE }, 'BAD_REQUEST', 'version'],
    [{ ...sound, softwareName: 'a\nRelease: 5', additional: FREE }, 'BAD_REQUEST', 'softwareName'],
    [{ ...sound, vendorName: 'Vendor Z', additional: FREE }, 'VENDOR_UNKNOWN', undefined],
  ] as const) {
    const registering = client.vendor.register(input as never)
    await expect(registering).rejects.toMatchObject({
      code,
      ...(field === undefined ? {} : { data: { field } }),
    })
  }
  expect(await client.vendor.releases({ vendorName: VENDOR })).toEqual([])
  expect(await client.vendor.register({ ...sound, additional: FREE })).toMatchObject({
    revision: 1,
  })
})

test.each<
  [what: string, ask: (bench: Awaited<ReturnType<typeof vendorBench>>) => Promise<unknown>]
>([
  ['releases', ({ vendor }) => vendor.releases({ vendorName: 'Z' })],
  ['accessors', ({ vendor }) => vendor.accessors({ vendorName: 'Z' })],
  ['accesses', ({ vendor }) => vendor.accesses({ vendorName: 'Z', limit: 1 })],
  ['root', ({ vendor }) => vendor.root({ vendorName: 'Z' })],
  ['rotation', ({ vendor }) => vendor.rotateKeys({ vendorName: 'Z', role: 'root' })],
  ['carrier', ({ vendor }) => vendor.setCarrier({ vendorName: 'Z', password: 'x' })],
  ['notice', ({ vendor }) => vendor.notify({ vendorName: 'Z', id: 1, by: 'api' })],
  ['upload', ({ vendor }) => vendor.upload({ vendorName: 'Z', id: 1 })],
  [
    'accessor',
    ({ vendor }) =>
      vendor.setAccessor({ vendorName: 'Z', accessorId: 'c', party: 'C', password: 'x' }),
  ],
  ['removal', ({ vendor }) => vendor.removeAccessor({ vendorName: 'Z', accessorId: CARRIER.id })],
])('of a vendor that there is not, %s is refused', async (_, ask) => {
  await expect(ask(await vendorBench())).rejects.toMatchObject({ code: 'VENDOR_UNKNOWN' })
})
