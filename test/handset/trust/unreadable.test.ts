import { Root, Targets } from '@tufjs/models'
import { describe, expect, test } from 'vitest'
import { readRoot, signedDocument } from '../../../src-main/metadata/documents'
import { MetadataStore } from '../../../src-main/metadata/metadata-store'
import { answered, trusting } from './trusting'

type Bench = Awaited<ReturnType<typeof trusting>>

const keysOf = ({ vendorDb }: Bench, role: 'root' | 'targets') =>
  new MetadataStore(vendorDb, 'vendor:Vendor A').keys(role)

/** The verdict once the handset was given what its vendor should not have signed, and its trust. */
async function afterIt(bench: Bench, attack: () => Promise<void>) {
  const { verdict, release, powerCycle, view } = bench
  expect(await verdict(release)).toBe('proved')
  const before = view()
  await attack()
  const found = await verdict(release)
  powerCycle()
  return { found, before, after: view() }
}

describe('what the vendor signed, but nobody can read', () => {
  test.each([
    ['another vendor', { vendor: 'Vendor B' }],
    ['a vendor of no name', { vendor: '' }],
    ['an end in other words', { expires: 'Tue, 01 Jan 2036 00:00:00 GMT' }],
  ])('a root of %s is not kept', async (_what, changes) => {
    const bench = await trusting()
    const { found, before, after } = await afterIt(bench, async () => {
      const signed = { ...readRoot(bench.root).signed.toJSON(), version: 2, ...changes }
      const root = signedDocument(Root.fromJSON(signed), await keysOf(bench, 'root'))
      bench.air.attacker = async file => (file === '2.root.json' ? answered(root) : undefined)
    })
    expect(found).toBe('METADATA_WRONG')
    expect(after).toEqual(before)
  })

  test('targets with an end in other words are not kept', async () => {
    const bench = await trusting()
    const { found, before, after } = await afterIt(bench, async () => {
      const expires = 'Tue, 01 Jan 2036 00:00:00 GMT'
      const signed = new Targets({ version: 3, specVersion: '1.0.31', expires, targets: {} })
      const targets = signedDocument(signed, await keysOf(bench, 'targets'))
      const { roots } = await bench.vendors.documents('Vendor A')
      await bench.carrier.take('Vendor A', { roots, targets })
    })
    expect(found).toBe('METADATA_WRONG')
    expect(after).toEqual(before)
  })
})
