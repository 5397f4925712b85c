import { onTestFinished, expect, test } from 'vitest'
import {
  METADATA_STATUS_OF_CODE,
  metadataMount,
} from '../../../src-main/carrier/metadata/metadata-mount'
import { startSite } from '../../../src-main/site/start-site'
import { METADATA_PATHS } from '../../../src-main/wire/metadata/messages'
import { firmwareTarget, repositories, signedPart } from '../../metadata/repository'

async function served() {
  const world = await repositories()
  const refusals: string[] = []
  const records: unknown[] = []
  const site = await startSite({
    actor: 'carrier',
    clock: world.clock,
    port: 0,
    audit: { refuse: ({ code }) => void refusals.push(code) },
    logDefect: error => {
      throw error
    },
    statusOfCode: METADATA_STATUS_OF_CODE,
    mount: metadataMount(world.carrier, { record: message => void records.push(message) }),
  })
  onTestFinished(() => site.close())
  const get = (path: string) => fetch(`${site.address}${path}`)
  const put = (vendorName: string, body: unknown) =>
    fetch(`${site.address}${METADATA_PATHS.of(vendorName)}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  return { ...world, refusals, records, get, put }
}

test('documents are served to whoever asks, and traced', async () => {
  const { get, create, add, vendors, records, refusals } = await served()
  await create('ベンダA')
  await add(firmwareTarget('1.1.0'), 'ベンダA')
  const path = METADATA_PATHS.of('ベンダA')
  const root = await get(`${path}/1.root.json`)
  expect([root.status, await root.text()]).toEqual([
    200,
    (await vendors.documents('ベンダA')).roots[0],
  ])
  const timestamp = await (await get(`${path}/timestamp.json`)).text()
  expect(signedPart(timestamp)).toMatchObject({ _type: 'timestamp', version: 1 })
  const absent = ['2.root.json', '0.root.json', 'root.json', 'timestamp.json.', '1.keys.json']
  for (const file of absent) expect((await get(`${path}/${file}`)).status).toBe(404)
  expect(refusals).toEqual([])
  expect(records).toMatchObject([
    { from: 'carrier', to: 'handset', fields: { vendor: 'ベンダA', file: '1.root.json' } },
    { from: 'carrier', to: 'handset', fields: { file: 'timestamp.json' } },
  ])
})

test('public keys are given for a vendor, and private ones never', async () => {
  const { get, carrierDb } = await served()
  const keys = await (await get(METADATA_PATHS.keysFor('Vendor A'))).json()
  expect(keys).toEqual({
    snapshot: expect.stringMatching(/^[0-9a-f]{64}$/),
    timestamp: expect.stringMatching(/^[0-9a-f]{64}$/),
  })
  expect(await (await get(METADATA_PATHS.keysFor('Vendor A'))).json()).toEqual(keys)
  expect(await (await get(METADATA_PATHS.keysFor('Vendor B'))).json()).not.toEqual(keys)
  const nameless = await get(METADATA_PATHS.keys)
  expect(nameless.status).toBe(404)
  // Whoever asks for many names leaves nothing behind.
  expect(await carrierDb.selectFrom('metadata_keys').selectAll().execute()).toHaveLength(2)
})

test('a vendor that is known brings new documents itself; what it did not sign is refused', async () => {
  const { put, create, add, rotate, vendors, given, refusals } = await served()
  await create()
  expect((await put('Vendor A', await vendors.documents('Vendor A'))).status).toBe(404)
  await add(firmwareTarget('1.1.0'))
  await rotate('root')
  const documents = await vendors.documents('Vendor A')
  const forged = { ...documents, targets: documents.targets.replaceAll('1.1.0', '1.2.0') }
  expect((await put('Vendor A', forged)).status).toBe(422)
  expect((await put('Vendor A', { roots: [], targets: '{}' })).status).toBe(400)
  expect(await given('2.root.json')).toBeUndefined()
  expect((await put('Vendor A', documents)).status).toBe(204)
  expect(await given('2.root.json')).toBe(documents.roots[1])
  expect(refusals).toEqual(['METADATA_UNKNOWN', 'METADATA_UNSIGNED', 'BAD_REQUEST'])
})
