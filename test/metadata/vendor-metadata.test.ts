import { describe, expect, test } from 'vitest'
import { readRoot, readTargets } from '../../src-main/metadata/documents'
import { METADATA_BYTES_MAX } from '../../src-main/wire/metadata/messages'
import { DAY_MS, firmwareTarget, repositories, signedPart } from './repository'

describe("a vendor's repository", () => {
  test('begins with a root that lists the keys of the vendor and of the carrier', async () => {
    const { create, vendors, carrier, clock } = await repositories()
    const root = readRoot(await create())
    const { snapshot, timestamp } = await carrier.onlineKeys('Vendor A')
    const publicKeys = Object.values(root.signed.keys).map(({ keyVal }) => keyVal['public'])
    expect(publicKeys).toHaveLength(4)
    expect(publicKeys).toEqual(expect.arrayContaining([snapshot, timestamp]))
    expect(signedPart((await vendors.documents('Vendor A')).roots[0])).toMatchObject({
      _type: 'root',
      version: 1,
      vendor: 'Vendor A',
      consistent_snapshot: true,
    })
    const { version, expiresAt } = await vendors.state('Vendor A')
    expect({ version, days: (expiresAt - clock.now()) / DAY_MS }).toEqual({ version: 1, days: 90 })
  })

  test('signs whole images with what the vendor says of them', async () => {
    const { create, add, vendors } = await repositories()
    const root = readRoot(await create())
    const trial = { signal: 'ping', answer: 'pong', waitSeconds: 60 }
    const additional = { deviceTypes: ['k1'], fromVersions: ['1.0.0'], price: 500, currency: 'JPY' }
    await add(firmwareTarget('1.1.0', { additional: { ...additional, trial } }))
    const targets = readTargets((await vendors.documents('Vendor A')).targets)
    root.verifyDelegate('targets', targets)
    expect(targets.signed.toJSON()).toMatchObject({
      version: 2,
      targets: {
        'k1/kintsugi-k1/1.1.0': {
          length: 11,
          hashes: { sha256: firmwareTarget('1.1.0').sha256 },
          custom: {
            softwareId: { name: 'kintsugi-k1', version: '1.1.0' },
            model: 'k1',
            bases: ['1.0.0'],
            price: { amount: 500, currency: 'JPY' },
            test: trial,
          },
        },
      },
    })
  })

  test('a new revision takes the place of an older one, and one that came back leaves', async () => {
    const { create, add, vendors, vendorDb } = await repositories()
    await create()
    await add(firmwareTarget('1.1.0'))
    const second = firmwareTarget('1.1.0', { image: Uint8Array.of(1, 2) })
    await add(second)
    const named = async () =>
      Object.values(readTargets((await vendors.documents('Vendor A')).targets).signed.targets)
    expect((await named()).map(({ hashes }) => hashes['sha256'])).toEqual([second.sha256])
    await vendors.removeTarget(vendorDb, 'Vendor A', firmwareTarget('1.1.0').sha256)
    expect(await named()).toHaveLength(1)
    await vendors.removeTarget(vendorDb, 'Vendor A', second.sha256)
    expect(await named()).toEqual([])
  })

  test('takes no more than handsets take, and goes on with what it has', async () => {
    const { create, vendors, vendorDb } = await repositories()
    await create()
    const fromVersions = Array.from({ length: 64 }, (_, at) => `${at}`.padEnd(64, '界'))
    const { additional } = firmwareTarget('1')
    const add = (version: number) => {
      const target = firmwareTarget(`${version}`, { additional: { ...additional, fromVersions } })
      return vendors.addTarget(vendorDb, 'Vendor A', target)
    }
    let added = 0
    const filling = async () => {
      for (; added < 200; added++) await add(added)
    }
    await expect(filling()).rejects.toMatchObject({ code: 'METADATA_FULL' })
    const { targets } = await vendors.documents('Vendor A')
    expect(Buffer.byteLength(targets)).toBeLessThanOrEqual(METADATA_BYTES_MAX.targets)
    expect(Object.keys(readTargets(targets).signed.targets)).toHaveLength(added)
    await vendors.removeTarget(vendorDb, 'Vendor A', firmwareTarget('0').sha256)
    await add(added)
  })

  test('two vendors share no key', async () => {
    const { create } = await repositories()
    const roots = [await create('Vendor A'), await create('ベンダB')].map(readRoot)
    const keyIds = roots.flatMap(({ signed }) => Object.keys(signed.keys))
    expect(new Set(keyIds).size).toBe(8)
  })
})

describe('a rotation', () => {
  test.each(['root', 'targets'] as const)('of the %s key is signed by old and new', async role => {
    const { create, add, rotate, vendors } = await repositories()
    const before = readRoot(await create())
    await add(firmwareTarget('1.1.0'))
    await rotate(role)
    const { roots, targets } = await vendors.documents('Vendor A')
    const after = readRoot(roots[1]!)
    before.verifyDelegate('root', after)
    after.verifyDelegate('root', after)
    after.verifyDelegate('targets', readTargets(targets))
    expect(after.signed.version).toBe(2)
    expect(after.signed.roles[role]?.keyIDs).not.toEqual(before.signed.roles[role]?.keyIDs)
    expect(Object.keys(readTargets(targets).signed.targets)).toEqual(['k1/kintsugi-k1/1.1.0'])
  })

  test('is in what the vendor gives wholly or not at all', async () => {
    const { create, carrier, vendors, vendorDb } = await repositories()
    await create()
    const onlineKeys = await carrier.onlineKeys('Vendor A')
    const [given] = await Promise.all([
      vendors.documents('Vendor A'),
      vendorDb
        .transaction()
        .execute(db => vendors.rotate(db, 'Vendor A', { role: 'targets', onlineKeys })),
    ])
    const prove = () =>
      readRoot(given.roots.at(-1)!).verifyDelegate('targets', readTargets(given.targets))
    expect(prove).not.toThrow()
  })

  test('works with two of three root keys, and with one it is refused', async () => {
    const { create, rotate, vendors, vendorDb } = await repositories()
    const root = readRoot(await create('Vendor A', { keys: 3, threshold: 2 }))
    const [, second, third] = root.signed.roles['root']!.keyIDs
    const lose = (keyId: string) =>
      vendorDb.deleteFrom('metadata_keys').where('key_id', '=', keyId).execute()
    await lose(third!)
    await rotate('root')
    const rotated = readRoot((await vendors.state('Vendor A')).root)
    root.verifyDelegate('root', rotated)
    expect(rotated.signed.roles['root']).toMatchObject({ threshold: 2 })
    await lose(second!)
    await lose(rotated.signed.roles['root']!.keyIDs.at(-1)!)
    await expect(rotate('root')).rejects.toMatchObject({ code: 'METADATA_KEYS_MISSING' })
    expect((await vendors.state('Vendor A')).version).toBe(2)
  })
})
