import { expect, test } from 'vitest'
import { releaseRecord } from '../../src-main/wire/vendor/messages'
import { basicCredentials } from '../../src-main/site/credentials'
import {
  accessorOf,
  CARRIER,
  firmware,
  SILENT,
  sha256Of,
  untilEnd,
  vendorBench,
} from './vendor-bench'

async function registered() {
  const bench = await vendorBench()
  const base = await bench.open('Vendor A')
  const release = await bench.register('Vendor A', '1.1.0')
  return { bench, base, release }
}

test('an access is answered by a demand, and credentials by the software [S1-31] [S1-32] [S1-33] [S1-35]', async () => {
  const { bench, base, release } = await registered()
  const demanded = await accessorOf(base, null).release(release.id)
  expect(demanded.status).toBe(401)
  expect(demanded.headers.get('www-authenticate')).toMatch(/^Basic realm="/)
  expect(await demanded.json()).toMatchObject({ code: 'AUTHENTICATION_REQUIRED' })

  const answer = await accessorOf(base).release(release.id)
  const record = releaseRecord.parse(await answer.json())
  const { additional, digest, bytes, softwareName, version, revision } = release
  expect(record).toMatchObject({ additional, digest, bytes, softwareName, version, revision })
  expect(record.metadata.roots).toHaveLength(1)
  expect(JSON.parse(record.metadata.targets)).toMatchObject({
    signed: { targets: { 'k1/kintsugi-k1/1.1.0': { length: bytes, hashes: { sha256: digest } } } },
  })
  const software = await accessorOf(base).software(release.id)
  expect(software.headers.get('content-length')).toBe(String(bytes))
  expect(Buffer.from(await software.arrayBuffer()).equals(firmware('1.1.0'))).toBe(true)

  const passed = bench.trace().filter(({ label }) => label !== '')
  expect(passed.map(({ label }) => label)).toEqual([
    '1:S10',
    '1:S12',
    '1:S13',
    '1:S14',
    '1:S18',
    '1:S14',
    '1:S18',
  ])
  expect(passed[3]).toMatchObject({
    from: 'carrier',
    to: 'vendor-database',
    fields: { accessorId: CARRIER.id, password: '(given)', releaseId: release.id },
  })
  expect(passed[6]).toMatchObject({ outcome: 'answered', fields: { digest, bytes } })
  expect(await bench.vendor.accesses({ vendorName: 'Vendor A', limit: 10 })).toMatchObject([
    { outcome: 'handed-out', accessorId: CARRIER.id, releaseId: release.id },
    { outcome: 'demanded', accessorId: null },
  ])
  expect(await bench.vendor.releases({ vendorName: 'Vendor A' })).toMatchObject([
    { state: 'handed-out' },
  ])
  expect(await bench.refusals()).toEqual([])
})

test('passwords and what is kept of them are nowhere to be read', async () => {
  const { bench, base, release } = await registered()
  await accessorOf(base).release(release.id)
  await accessorOf(base, { ...CARRIER, password: 'nearly' }).release(release.id)
  const payloads = bench.trace().map(({ sequence }) => bench.payload(sequence))
  const shown = [bench.trace(), bench.seen, await bench.audit(), payloads]
  const lists = [
    await bench.vendor.list(),
    await bench.vendor.accessors({ vendorName: 'Vendor A' }),
    await bench.vendor.accesses({ vendorName: 'Vendor A', limit: 10 }),
  ]
  const everything = JSON.stringify([shown, lists])
  for (const secret of [CARRIER.password, 'nearly', 'I am a vendor', 'asswordHash']) {
    expect(everything).not.toContain(secret)
  }
})

test.each<[what: string, credentials: typeof CARRIER]>([
  ['a wrong password', { ...CARRIER, password: 'open Sesame' }],
  ['an empty password', { ...CARRIER, password: '' }],
  ['the start of the password', { ...CARRIER, password: 'open sesam' }],
  ['an unknown accessor', { ...CARRIER, id: 'carrier-2' }],
  ['an accessor of no name', { ...CARRIER, id: '' }],
])(
  'after %s the line is ended and no software byte has left [S1-35] [S1-36] [S1-73]',
  async (_, credentials) => {
    const { bench, base, release } = await registered()
    const { id } = release
    const { host } = new URL(base)
    const path = `/v1/releases/${id}/software`
    const answer = await untilEnd(
      base,
      `GET ${path} HTTP/1.1\r\nhost: ${host}\r\nauthorization: ${basicCredentials(credentials)}\r\n\r\n` +
        // Would be answered on a line that goes on.
        `GET ${path} HTTP/1.1\r\nhost: ${host}\r\n\r\n`,
    )
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 403'])
    const body = answer.slice(answer.indexOf('\r\n\r\n') + 4)
    expect(JSON.parse(body)).toMatchObject({ code: 'ACCESS_REFUSED' })
    expect(bench.labels()).not.toContain('1:S18')
    const refused = bench.trace().filter(({ label }) => label === '1:S17')
    expect(refused).toMatchObject([{ outcome: 'refused', bytes: 0 }])
    const accesses = await bench.vendor.accesses({ vendorName: 'Vendor A', limit: 10 })
    expect(accesses.filter(({ outcome }) => outcome !== 'demanded')).toMatchObject([
      { outcome: 'refused', accessorId: credentials.id, releaseId: id },
    ])
    expect(await bench.audit()).toMatchObject([
      {
        actor: 'vendor-database',
        code: 'ACCESS_REFUSED',
        message: expect.stringMatching(/^The software database of/),
      },
    ])
    expect(await bench.vendor.releases({ vendorName: 'Vendor A' })).toMatchObject([
      { state: 'registered' },
    ])
  },
)

test('a line without credentials is kept, for they are to follow on it', async () => {
  const { base, release } = await registered()
  const host = new URL(base).host
  const path = `/v1/releases/${release.id}`
  const authorization = basicCredentials(CARRIER)
  const answer = await untilEnd(
    base,
    `GET ${path} HTTP/1.1\r\nhost: ${host}\r\n\r\n` +
      `GET ${path} HTTP/1.1\r\nhost: ${host}\r\nauthorization: ${authorization}\r\nconnection: close\r\n\r\n`,
  )
  expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 401', 'HTTP/1.1 200'])
})

test('what is registered decides who is let in, from the next access on [S1-34]', async () => {
  const { bench, base, release } = await registered()
  const { id: accessorId } = CARRIER
  const isp = { vendorName: 'Vendor A', accessorId: 'isp', party: 'An ISP', password: 'p' }
  const statusOf = async (credentials: typeof CARRIER) => {
    const answer = await accessorOf(base, credentials).release(release.id)
    await answer.arrayBuffer()
    return answer.status
  }
  expect(await statusOf(CARRIER)).toBe(200)
  await bench.vendor.setAccessor({ ...isp, accessorId, password: 'another' })
  expect(await statusOf(CARRIER)).toBe(403)
  expect(await statusOf({ id: accessorId, password: 'another' })).toBe(200)
  expect(await statusOf({ id: 'isp', password: 'p' })).toBe(403)
  await bench.vendor.setAccessor(isp)
  expect(await statusOf({ id: 'isp', password: 'p' })).toBe(200)
  await bench.vendor.removeAccessor({ vendorName: 'Vendor A', accessorId })
  expect(await statusOf({ id: accessorId, password: 'another' })).toBe(403)
  await expect(
    bench.vendor.removeAccessor({ vendorName: 'Vendor A', accessorId }),
  ).rejects.toMatchObject({ code: 'ACCESSOR_UNKNOWN' })
  const [left] = await bench.vendor.accessors({ vendorName: 'Vendor A' })
  expect(left).toMatchObject({ accessorId: 'isp', party: 'An ISP' })
  expect(left?.lastAccessAt).toBeGreaterThan(0)
})

test.each<[what: string, header: string]>([
  ['another kind', 'Bearer abc'],
  ['no base64', 'Basic ???'],
  ['no colon', `Basic ${Buffer.from('carrier-1').toString('base64')}`],
  ['far too much', `Basic ${'QQ'.repeat(1000)}`],
])('credentials of %s count as none [S1-32]', async (_, authorization) => {
  const { bench, base, release } = await registered()
  const headers = { authorization }
  const answer = await fetch(`${base}/v1/releases/${release.id}/software`, { headers })
  expect([answer.status, await answer.json()]).toMatchObject([
    401,
    { code: 'AUTHENTICATION_REQUIRED' },
  ])
  expect(bench.labels()).not.toContain('1:S18')
})

test('an accessor of one vendor is a stranger to another, and so are its releases [S1-26] [S1-71]', async () => {
  const bench = await vendorBench()
  const [a, b] = [await bench.open('Vendor A'), await bench.open('Vendor B')]
  const ofA = await bench.register('Vendor A', '1.1.0')
  const ofB = await bench.register('Vendor B', '2.0.0')
  const isp = { id: 'isp', password: 'p' }
  const registration = { accessorId: 'isp', party: 'An ISP', password: 'p' }
  await bench.vendor.setAccessor({ vendorName: 'Vendor A', ...registration })
  expect((await accessorOf(a, isp).release(ofA.id)).status).toBe(200)
  expect((await accessorOf(b, isp).release(ofB.id)).status).toBe(403)
  for (const [base, id] of [
    [a, ofB.id],
    [b, ofA.id],
  ] as const) {
    const answers = [
      await accessorOf(base).release(id),
      await accessorOf(base).software(id),
      await accessorOf(base).giveBack(id, SILENT),
    ]
    for (const answer of answers) {
      expect([answer.status, await answer.json()]).toMatchObject([404, { code: 'RELEASE_UNKNOWN' }])
    }
  }
  const listed = await bench.vendor.releases({ vendorName: 'Vendor A' })
  expect(listed.map(({ id, vendorName }) => [id, vendorName])).toEqual([[ofA.id, 'Vendor A']])
  expect(listed).toMatchObject([{ state: 'registered' }])
})

test.each(['0', '-1', '1.5', '9'.repeat(16), 'x', '%00', '99'])(
  'release "%s" is unknown, and not repeated',
  async id => {
    const { base } = await registered()
    const answer = await accessorOf(base).get(`/v1/releases/${id}`)
    expect([answer.status, await answer.json()]).toMatchObject([404, { code: 'RELEASE_UNKNOWN' }])
  },
)

test('HEAD hands nothing out', async () => {
  const { bench, base, release } = await registered()
  const headers = { authorization: basicCredentials(CARRIER) }
  const path = `${base}/v1/releases/${release.id}/software`
  expect((await fetch(path, { method: 'HEAD', headers })).status).toBe(405)
  expect(await bench.vendor.releases({ vendorName: 'Vendor A' })).toMatchObject([
    { state: 'registered' },
  ])
})

test('64 fetches at once each get all of it, and two vendors do not mix [S1-71]', async () => {
  const bench = await vendorBench()
  const bases = [await bench.open('Vendor A'), await bench.open('Vendor B')]
  const contents = [1, 2].map(fill => new Uint8Array(1_000_000).fill(fill))
  const releases = [
    await bench.registerPackage('Vendor A', contents[0]!),
    await bench.registerPackage('Vendor B', contents[1]!),
  ]
  const digests = await Promise.all(
    Array.from({ length: 64 }, async (_, index) => {
      const which = index % 2
      const answer = await accessorOf(bases[which]!).software(releases[which]!.id)
      return sha256Of(new Uint8Array(await answer.arrayBuffer()))
    }),
  )
  expect(digests).toEqual(digests.map((_, index) => releases[index % 2]!.digest))
  const accesses = await bench.vendor.accesses({ vendorName: 'Vendor A', limit: 100 })
  expect(accesses.filter(({ outcome }) => outcome === 'handed-out')).toHaveLength(32)
  expect(bench.defects).toEqual([])
})

test('a fetch that breaks off is not handed out, and the next one begins anew', async () => {
  const bench = await vendorBench()
  const base = await bench.open('Vendor A')
  const release = await bench.registerPackage('Vendor A', new Uint8Array(20_000_000))
  const stop = new AbortController()
  const headers = { authorization: basicCredentials(CARRIER) }
  const path = `${base}/v1/releases/${release.id}/software`
  const answer = await fetch(path, { headers, signal: stop.signal })
  await answer.body?.getReader().read()
  stop.abort()
  await expect.poll(() => bench.trace().at(-1)).toMatchObject({ label: '1:S18', outcome: 'lost' })
  const listed = () => bench.vendor.releases({ vendorName: 'Vendor A' })
  expect(await listed()).toMatchObject([{ state: 'registered' }])
  const again = await accessorOf(base).software(release.id)
  expect((await again.arrayBuffer()).byteLength).toBe(20_000_000)
  expect(await listed()).toMatchObject([{ state: 'handed-out' }])
})
