import { Snapshot, Timestamp } from '@tufjs/models'
import { describe, expect, test } from 'vitest'
import { OnlineKeyRing } from '../../../src-main/carrier/metadata/online-keys'
import { expiryAt, signedDocument, vouchedFile } from '../../../src-main/metadata/documents'
import { firmwareTarget, repositories, signedPart } from '../../metadata/repository'
import { answered, bytesOf, holding, trusting } from './trusting'

type Bench = Awaited<ReturnType<typeof trusting>>

const other = (version: string) => firmwareTarget(version, { image: bytesOf(`other ${version}`) })

/** Documents as they are now, to be shown again later. */
async function recorded({ given }: Pick<Bench, 'given'>, files: readonly string[]) {
  const documents = new Map<string, string>()
  for (const file of files) documents.set(file, (await given(file))!)
  return documents
}

function replaying({ air }: Bench, documents: ReadonlyMap<string, string>): void {
  air.attacker = async file => {
    const document = documents.get(file)
    return document === undefined ? undefined : answered(document)
  }
}

describe('arbitrary software', () => {
  test('what the vendor signed is proved, and nothing else is', async () => {
    const { verdict, release } = await trusting()
    expect(await verdict(release)).toBe('proved')
    expect(await verdict(other('1.1.0'))).toBe('METADATA_TARGET_OTHER')
    expect(await verdict(firmwareTarget('1.2.0'))).toBe('METADATA_TARGET_UNKNOWN')
    expect(await verdict({ ...release, bytes: release.bytes + 1 })).toBe('METADATA_TARGET_OTHER')
  })

  test("the server's database edited by hand makes documents that nobody signed", async () => {
    const { verdict, release, carrierDb, powerCycle } = await trusting()
    const evil = other('1.1.0')
    const rows = await carrierDb.selectFrom('metadata').selectAll().execute()
    for (const row of rows.filter(({ role }) => role === 'targets')) {
      const document = row.document.replace(release.sha256, evil.sha256)
      await carrierDb
        .updateTable('metadata')
        .set({ document })
        .where('role', '=', 'targets')
        .where('version', '=', row.version)
        .execute()
    }
    expect(await verdict(evil)).toMatch(/^METADATA_(MIXED|UNSIGNED)$/)
    powerCycle()
    expect(await verdict(release)).toMatch(/^METADATA_(MIXED|UNSIGNED)$/)
  })

  test('another vendor’s documents, keys and root are nothing to it', async () => {
    const bench = await trusting()
    const { air, create, add, given, verdict, release } = bench
    await create('Vendor B')
    await add(other('1.1.0'), 'Vendor B')
    air.attacker = async file => {
      const document = await given(file, 'Vendor B')
      return document === undefined ? undefined : answered(document)
    }
    expect(await verdict(other('1.1.0'))).toBe('METADATA_UNSIGNED')
    air.attacker = () => Promise.resolve(undefined)
    expect(await verdict(release)).toBe('proved')
  })

  test('a handset that cannot read any more whom it trusts takes nothing', async () => {
    const { nv, powerCycle, verdict, release, provision, root } = await trusting()
    nv.write(bytesOf('{}'))
    powerCycle()
    expect(await verdict(release)).toBe('METADATA_WRONG')
    provision(root)
    expect(await verdict(release)).toBe('proved')
  })

  test('what is for another model or another name is refused', async () => {
    const { add, verdict } = await trusting()
    const forK2 = firmwareTarget('1.3.0', { model: 'k2' })
    const elsewhere = firmwareTarget('1.3.0', { softwareName: 'other-software' })
    await add(forK2)
    await add(elsewhere)
    expect(await verdict(forK2)).toBe('METADATA_TARGET_UNKNOWN')
    expect(await verdict(elsewhere)).toBe('METADATA_TARGET_OTHER')
  })

  test('it may follow only what the vendor lets it follow', async () => {
    const { add, verdict } = await trusting()
    const { additional } = firmwareTarget('1.3.0')
    const release = firmwareTarget('1.3.0', {
      additional: { ...additional, fromVersions: ['1.1.0'] },
    })
    await add(release)
    expect(await verdict(release)).toBe('METADATA_BASE_OTHER')
    expect(await verdict(release, holding('1.1.0'))).toBe('proved')
  })
})

describe('rollback', () => {
  test('older metadata is refused, also after a power cycle', async () => {
    const bench = await trusting()
    const { add, verdict, release, powerCycle } = bench
    expect(await verdict(release)).toBe('proved')
    const before = await recorded(bench, ['timestamp.json', '1.snapshot.json', '2.targets.json'])
    await add(firmwareTarget('1.2.0'))
    expect(await verdict(firmwareTarget('1.2.0'))).toBe('proved')
    replaying(bench, before)
    expect(await verdict(release)).toBe('METADATA_OLDER')
    powerCycle()
    expect(await verdict(release)).toBe('METADATA_OLDER')
  })

  test('a release that the vendor signed once is not installed over a newer one', async () => {
    const { verdict, release } = await trusting()
    expect(await verdict(release, holding('1.2.0'))).toBe('METADATA_RELEASE_OLDER')
  })

  test('the version that it holds with other content is refused', async () => {
    const { add, verdict } = await trusting()
    await add(other('1.1.0'))
    expect(await verdict(other('1.1.0'), holding('1.1.0'))).toBe('METADATA_RELEASE_OLDER')
  })

  test('an older snapshot or other targets under the newest timestamp are refused', async () => {
    const bench = await trusting()
    const { add, air, given, verdict, powerCycle } = bench
    const [oldSnapshot, oldTargets] = [
      await given('1.snapshot.json'),
      await given('2.targets.json'),
    ]
    await add(firmwareTarget('1.2.0'))
    air.attacker = async file => (file.includes('snapshot') ? answered(oldSnapshot!) : undefined)
    expect(await verdict(firmwareTarget('1.2.0'))).toBe('METADATA_MIXED')
    powerCycle()
    air.attacker = async file => (file.includes('targets') ? answered(oldTargets!) : undefined)
    expect(await verdict(firmwareTarget('1.2.0'))).toBe('METADATA_MIXED')
  })
})

describe('fast-forward', () => {
  test('of stolen online keys is undone by a rotation', async () => {
    const bench = await trusting()
    const { carrier, carrierDb, clock, verdict, release, rotate, taken } = bench
    // The thief signs versions that no honest server reaches.
    await carrierDb
      .updateTable('metadata')
      .set({ version: 2_000_000_000 })
      .where('role', '=', 'timestamp')
      .execute()
    await clock.advance(86_400_000)
    expect(await verdict(release)).toBe('proved')
    expect(signedPart(await bench.given('timestamp.json'))['version']).toBe(2_000_000_001)
    await carrierDb.deleteFrom('metadata').where('role', '=', 'timestamp').execute()
    await carrier.replaceOnlineKeys()
    await rotate('targets')
    await taken('Vendor A')
    expect(signedPart(await bench.given('timestamp.json'))['version']).toBe(1)
    expect(await verdict(release)).toBe('proved')
    expect(bench.view()).toMatchObject({ rootVersion: 2 })
  })
})

describe('key compromise', () => {
  test('stolen online keys install nothing that the vendor did not sign', async () => {
    const bench = await trusting()
    const { verdict, release, vendors, clock } = bench
    expect(await verdict(release)).toBe('proved')
    const evil = await repositories(clock)
    await evil.create('Vendor A')
    await evil.add(other('1.2.0'))
    const { targets } = await evil.vendors.documents('Vendor A')
    const thief = await onlineThief(bench)
    replaying(bench, thief.vouchingFor(targets, 9))
    expect(await verdict(other('1.2.0'))).toBe('METADATA_UNSIGNED')
    // What the vendor did sign the thief can hand out, and that is all.
    replaying(bench, thief.vouchingFor((await vendors.documents('Vendor A')).targets, 10))
    expect(await verdict(release)).toBe('proved')
    expect(await verdict(release, holding('1.2.0'))).toBe('METADATA_RELEASE_OLDER')
  })

  test('stolen online keys bring no older targets back', async () => {
    const bench = await trusting()
    const { verdict, release, vendors, add } = bench
    const { targets: before } = await vendors.documents('Vendor A')
    await add(firmwareTarget('1.2.0'))
    expect(await verdict(firmwareTarget('1.2.0'))).toBe('proved')
    replaying(bench, (await onlineThief(bench)).vouchingFor(before, 9))
    expect(await verdict(release)).toBe('METADATA_OLDER')
  })

  test('root threshold two of three: one stolen key makes no root, one lost key no harm', async () => {
    const bench = await trusting({ keys: 3, threshold: 2 })
    const { air, given, rotate, taken, verdict, release, vendorDb, vendors, root } = bench
    expect(await verdict(release)).toBe('proved')
    const lost = (JSON.parse(root) as RootJson).signed.roles.root.keyids[2]!
    await vendorDb.deleteFrom('metadata_keys').where('key_id', '=', lost).execute()
    await rotate('root')
    await taken('Vendor A')
    const rotated = JSON.parse((await vendors.documents('Vendor A')).roots[1]!) as RootJson
    const oneSignature = { ...rotated, signatures: rotated.signatures.slice(0, 1) }
    air.attacker = async file =>
      file === '2.root.json' ? answered(JSON.stringify(oneSignature)) : undefined
    expect(await verdict(release)).toBe('METADATA_UNSIGNED')
    expect(bench.view()).toMatchObject({ rootVersion: 1 })
    air.attacker = () => Promise.resolve(undefined)
    expect(await verdict(release)).toBe('proved')
    expect(bench.view()).toMatchObject({ rootVersion: 2 })
    expect(await given('2.root.json')).toBeDefined()
  })

  test('a rotated root is not forgotten where what follows fails', async () => {
    const bench = await trusting()
    const { air, rotate, taken, verdict, release, powerCycle } = bench
    expect(await verdict(release)).toBe('proved')
    await rotate('root')
    await taken('Vendor A')
    air.attacker = async file =>
      file === 'timestamp.json' ? { status: 404, pieces: [] } : undefined
    expect(await verdict(release)).toBe('METADATA_MISSING')
    powerCycle()
    expect(bench.view()).toMatchObject({ rootVersion: 2 })
  })
})

/** Whoever has the carrier's database, and with it the keys that sign snapshot and timestamp. */
async function onlineThief({ carrierDb, clock }: Pick<Bench, 'carrierDb' | 'clock'>) {
  const ring = new OnlineKeyRing(carrierDb, clock.now())
  const snapshotKeys = await ring.keys('snapshot', 'Vendor A')
  const timestampKeys = await ring.keys('timestamp', 'Vendor A')
  const signed = { specVersion: '1.0.31', expires: expiryAt(clock.now() + 86_400_000) }
  return {
    /** Documents of this version over targets, by the names under which a handset asks. */
    vouchingFor(targets: string, version: number): Map<string, string> {
      const targetsVersion = Number(signedPart(targets)['version'])
      const meta = { 'targets.json': vouchedFile(targets, targetsVersion) }
      const snapshot = signedDocument(new Snapshot({ ...signed, version, meta }), snapshotKeys)
      const snapshotMeta = vouchedFile(snapshot, version)
      const timestamp = new Timestamp({ ...signed, version, snapshotMeta })
      return new Map([
        ['timestamp.json', signedDocument(timestamp, timestampKeys)],
        [`${version}.snapshot.json`, snapshot],
        [`${targetsVersion}.targets.json`, targets],
      ])
    },
  }
}

interface RootJson {
  readonly signatures: readonly unknown[]
  readonly signed: { readonly roles: { readonly root: { readonly keyids: readonly string[] } } }
}
