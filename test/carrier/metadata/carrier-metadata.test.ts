import { Metadata } from '@tufjs/models'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { readRoot } from '../../../src-main/metadata/documents'
import { DAY_MS, firmwareTarget, repositories, signedPart } from '../../metadata/repository'

async function withRelease() {
  const world = await repositories()
  await world.create()
  await world.add(firmwareTarget('1.1.0'))
  return world
}

describe('what the carrier takes of a vendor', () => {
  test('is vouched for by a snapshot and a timestamp of its own', async () => {
    const { given, vendors } = await withRelease()
    const { roots, targets } = await vendors.documents('Vendor A')
    expect(await given('1.root.json')).toBe(roots[0])
    expect(await given('2.targets.json')).toBe(targets)
    const snapshot = (await given('1.snapshot.json'))!
    expect(signedPart(snapshot)).toMatchObject({
      meta: { 'targets.json': { version: 2, length: Buffer.byteLength(targets) } },
    })
    expect(signedPart(await given('timestamp.json'))).toMatchObject({
      version: 1,
      meta: { 'snapshot.json': { version: 1, length: Buffer.byteLength(snapshot) } },
    })
    expect(await given('2.root.json')).toBeUndefined()
    expect(await given('timestamp.json', 'Vendor B')).toBeUndefined()
  })

  test('changes nothing where it is there already', async () => {
    const { taken, given } = await withRelease()
    const before = await given('timestamp.json')
    await taken('Vendor A')
    expect(await given('timestamp.json')).toBe(before)
  })

  test('is one thing after the other, however many bring it at once', async () => {
    const { vendors, vendorDb, carrier, given } = await withRelease()
    await vendors.addTarget(vendorDb, 'Vendor A', firmwareTarget('1.2.0'))
    const documents = await vendors.documents('Vendor A')
    await Promise.all(Array.from({ length: 8 }, () => carrier.take('Vendor A', documents)))
    expect(signedPart(await given('timestamp.json'))).toMatchObject({ version: 2 })
  })

  test('must not be older, or another version of the same number', async () => {
    const { vendors, add, rotate, taken, carrier, given } = await withRelease()
    const before = await vendors.documents('Vendor A')
    await rotate('targets')
    await taken('Vendor A')
    const now = await vendors.documents('Vendor A')
    await expect(carrier.take('Vendor A', before)).rejects.toMatchObject({ code: 'METADATA_OLDER' })
    await add(firmwareTarget('1.2.0'))
    const old = { ...(await vendors.documents('Vendor A')), targets: now.targets }
    await expect(carrier.take('Vendor A', old)).rejects.toMatchObject({ code: 'METADATA_OLDER' })
    const other = await withRelease()
    const others = await other.vendors.documents('Vendor A')
    await expect(carrier.take('Vendor A', others)).rejects.toMatchObject({
      code: 'METADATA_CONFLICT',
    })
    expect(signedPart(await given('timestamp.json'))).toMatchObject({ version: 3 })
  })

  test('must be that vendor’s, signed, whole and not at its end', async () => {
    const { vendors, carrier, create, clock } = await withRelease()
    await create('Vendor B')
    const documents = await vendors.documents('Vendor A')
    const refused = async (vendorName: string, changes: Partial<typeof documents>) => {
      const taking = carrier.take(vendorName, { ...documents, ...changes })
      return taking.then(
        () => 'taken',
        (error: { code: string }) => error.code,
      )
    }
    const edited = documents.targets.replaceAll('1.1.0', '9.9.9')
    expect(await refused('Vendor B', {})).toBe('METADATA_WRONG')
    expect(await refused('Vendor A', { targets: edited })).toBe('METADATA_UNSIGNED')
    expect(await refused('Vendor A', { targets: '{}' })).toBe('METADATA_WRONG')
    expect(await refused('Vendor A', { targets: '<html>' })).toBe('METADATA_WRONG')
    expect(await refused('Vendor A', { roots: [documents.targets] })).toBe('METADATA_WRONG')
    await clock.advance(91 * DAY_MS)
    expect(await refused('Vendor A', {})).toBe('METADATA_EXPIRED')
  })

  test('roots that are held are compared and not proved again: anybody may bring them', async () => {
    const { vendors, carrier } = await withRelease()
    const { roots, targets } = await vendors.documents('Vendor A')
    const verify = vi.spyOn(Metadata.prototype, 'verifyDelegate')
    onTestFinished(() => verify.mockRestore())
    await carrier.take('Vendor A', { roots, targets })
    expect(verify.mock.calls.map(([role]) => role)).toEqual(['targets'])
    verify.mockClear()
    const forged = { ...JSON.parse(roots[0]!), signatures: [] }
    const taking = carrier.take('Vendor A', { roots: [JSON.stringify(forged)], targets })
    await expect(taking).rejects.toMatchObject({ code: 'METADATA_CONFLICT' })
    expect(verify).not.toHaveBeenCalled()
  })

  test('must list keys of this carrier', async () => {
    const [here, elsewhere] = [await repositories(), await withRelease()]
    const documents = await elsewhere.vendors.documents('Vendor A')
    await expect(here.carrier.take('Vendor A', documents)).rejects.toMatchObject({
      code: 'METADATA_KEYS_OTHER',
    })
    expect(await here.given('1.root.json')).toBeUndefined()
  })
})

describe('the timestamp', () => {
  test('is renewed as somebody asks, and the snapshot with it when that is old', async () => {
    const { clock, given } = await withRelease()
    await clock.advance(5 * 3_600_000)
    expect(signedPart(await given('timestamp.json'))).toMatchObject({ version: 1 })
    await clock.advance(3_600_000)
    const asked = await Promise.all([given('timestamp.json'), given('timestamp.json')])
    expect(asked.map(document => signedPart(document)['version'])).toEqual([2, 2])
    await clock.advance(4 * DAY_MS)
    expect(signedPart(await given('timestamp.json'))).toMatchObject({
      version: 3,
      expires: '2026-01-10T06:00:00Z',
      meta: { 'snapshot.json': { version: 2 } },
    })
  })

  test('is signed by the keys that the root lists, until the vendor lists new ones', async () => {
    const { clock, carrier, given, rotate, taken } = await withRelease()
    const keysIn = async (file: string) => {
      const { signatures } = JSON.parse((await given(file))!) as { signatures: { keyid: string }[] }
      return signatures.map(({ keyid }) => keyid)
    }
    const before = await keysIn('timestamp.json')
    await carrier.replaceOnlineKeys()
    await clock.advance(DAY_MS)
    expect(await keysIn('timestamp.json')).toEqual(before)
    await rotate('root')
    await taken('Vendor A')
    const [keyId] = await keysIn('timestamp.json')
    expect(before).not.toContain(keyId)
    const root = readRoot((await given('2.root.json'))!)
    expect(root.signed.roles['timestamp']?.keyIDs).toEqual([keyId])
  })
})
