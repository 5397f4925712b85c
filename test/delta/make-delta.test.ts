import {
  type Arbitrary,
  array,
  assert,
  asyncProperty,
  constantFrom,
  nat,
  record,
  uint8Array,
} from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../src-main/base/random'
import { makeDelta } from '../../src-main/delta/make-delta'
import { nodeSha256 } from '../../src-main/delta/node-sha256'
import { oldImageOf, proveDelta } from '../../src-main/wire/delta/apply'
import { readHeader } from '../../src-main/wire/delta/header'
import { applied, FIRMWARE_PAIRS, made, PLAIN } from './pairs'

type Edit = typeof edit extends Arbitrary<infer Value> ? Value : never

const bytes = uint8Array({ maxLength: 600 })

/** Edits as people make them: bytes changed, put in, taken out, moved, repeated. */
const edit = record({
  kind: constantFrom('change', 'insert', 'delete', 'move', 'pad'),
  at: nat(2000),
  length: nat(200),
  bytes: uint8Array({ maxLength: 40 }),
})

function edited(old: Uint8Array, edits: readonly Edit[]): Uint8Array {
  let fresh = [...old]
  for (const { kind, at, length, bytes: given } of edits) {
    const from = at % (fresh.length + 1)
    if (kind === 'change') fresh.splice(from, given.length, ...given)
    else if (kind === 'insert') fresh.splice(from, 0, ...given)
    else if (kind === 'delete') fresh.splice(from, length)
    else if (kind === 'move') fresh.push(...fresh.splice(from, length))
    else fresh = [...fresh, ...new Uint8Array(length * 4).fill(0xff)]
  }
  return Uint8Array.from(fresh)
}

describe('a differential file', () => {
  test('rebuilds any image from any other', async () => {
    await assert(
      asyncProperty(bytes, bytes, async (old, fresh) => {
        expect(applied(old, await made(old, fresh))).toEqual(fresh)
      }),
      { numRuns: 60 },
    )
  })

  test('rebuilds edited images', async () => {
    const edits = array(edit, { maxLength: 6 })
    await assert(
      asyncProperty(nat(1000), edits, async (seed, list) => {
        const old = seededRandom(seed).bytes(2000)
        const fresh = edited(old, list)
        expect(applied(old, await made(old, fresh))).toEqual(fresh)
      }),
      { numRuns: 60 },
    )
  })

  test('of the same image twice, and of no image at all, is little more than its digests', async () => {
    const image = seededRandom(1).bytes(100_000)
    expect((await made(image, image)).length).toBeLessThan(160)
    const nothing = new Uint8Array(0)
    const file = await made(nothing, nothing)
    expect(file.length).toBeLessThan(150)
    expect(applied(nothing, file)).toEqual(nothing)
  })

  test('of images that share nothing is hardly larger than the new image packed', async () => {
    const old = seededRandom(1).bytes(50_000)
    const fresh = seededRandom(2).bytes(50_000)
    const { file, fullBytes } = await makeDelta({ ...PLAIN, old, fresh }, () => undefined)
    expect(file.length).toBeLessThan(fullBytes * 1.01)
    expect(applied(old, file)).toEqual(fresh)
  })

  test('of one changed byte in long erased runs is small, whichever way the runs moved', async () => {
    const old = new Uint8Array(400_000).fill(0xff)
    old.set(seededRandom(1).bytes(20_000), 0)
    const fresh = old.slice(0, 390_000)
    fresh.copyWithin(100, 0, 20_000)
    fresh[300_000] = 0
    const file = await made(old, fresh)
    expect(file.length).toBeLessThan(400)
    expect(applied(old, file)).toEqual(fresh)
  })

  test.each(FIRMWARE_PAIRS)('of $name rebuilds it and is far smaller', async pair => {
    const order = { ...PLAIN, ...pair }
    const { file, fullBytes } = await makeDelta(order, () => undefined)
    expect(applied(pair.old, file)).toEqual(pair.fresh)
    expect(file.length).toBeLessThan(fullBytes / 2)
    expect(readHeader(file).header.ramBytes).toBeLessThanOrEqual(65_536)
  })

  test('is the same each time', async () => {
    const [pair] = FIRMWARE_PAIRS
    expect(await made(pair!.old, pair!.fresh)).toEqual(await made(pair!.old, pair!.fresh))
  })

  test.each([30_000, 36_000, 48_000])('keeps within %i bytes of RAM', async ramBytes => {
    const { old, fresh } = FIRMWARE_PAIRS[1]!
    const { file } = await makeDelta({ ...PLAIN, old, fresh, ramBytes }, () => undefined)
    expect(readHeader(file).header.ramBytes).toBeLessThanOrEqual(ramBytes)
    expect(applied(old, file)).toEqual(fresh)
  })

  test('is not made where no decoder fits into the RAM', async () => {
    const order = { ...PLAIN, old: new Uint8Array(9), fresh: new Uint8Array(9), ramBytes: 1000 }
    await expect(makeDelta(order, () => undefined)).rejects.toMatchObject({ code: 'OPTION_UNFIT' })
  })

  test('is proved without holding the new image', async () => {
    const { old, fresh } = FIRMWARE_PAIRS[1]!
    const delta = proveDelta(oldImageOf(old), await made(old, fresh), nodeSha256)
    expect(delta.header.newDigest).toEqual(nodeSha256([fresh]))
  })
})
