import { assert, asyncProperty, constantFrom, nat, uint8Array } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../src-main/base/random'
import { makeDelta } from '../../src-main/delta/make-delta'
import { nodeSha256 } from '../../src-main/delta/node-sha256'
import { oldImageOf, proveDelta } from '../../src-main/wire/delta/apply'
import { readHeader } from '../../src-main/wire/delta/header'
import { decodeAhead, openRewriteSource } from '../../src-main/wire/delta/open-rewrite-source'
import { applied, FIRMWARE_PAIRS, IN_PLACE, made } from './pairs'
import { rewritten } from './rewritten'

const open = (file: Uint8Array) => openRewriteSource(file, nodeSha256)

/** The new image however an in-place file is used, which must each time be the same. */
function everyWay(old: Uint8Array, file: Uint8Array): Uint8Array {
  const image = applied(old, file)
  expect(rewritten(old, open(file))).toEqual(image)
  expect(rewritten(old, decodeAhead(file, nodeSha256))).toEqual(image)
  proveDelta(oldImageOf(old), file, nodeSha256)
  return image
}

/** Pieces of one image in another order, some left out, some twice, some changed. */
function shuffled(old: Uint8Array, seed: number): Uint8Array {
  const random = seededRandom(seed)
  const pieces = Array.from({ length: 1 + random.below(12) }, () => {
    const start = random.below(old.length)
    const piece = old.slice(start, start + random.below(1500))
    if (piece.length > 0) piece[random.below(piece.length)] = random.below(256)
    return [...piece]
  })
  return Uint8Array.from(pieces.flat())
}

describe('an in-place file', () => {
  test('[S0-16] turns any image into any other', async () => {
    const bytes = uint8Array({ maxLength: 900 })
    await assert(
      asyncProperty(bytes, bytes, async (old, fresh) => {
        const file = await made(old, fresh, { ...IN_PLACE, sectorBytes: 256 })
        expect(everyWay(old, file)).toEqual(fresh)
      }),
      { numRuns: 40 },
    )
  })

  test('[S0-16] turns an image into its own pieces in another order', async () => {
    const sectors = constantFrom(256, 512, 1024, 4096)
    await assert(
      asyncProperty(nat(100_000), sectors, async (seed, sectorBytes) => {
        const old = seededRandom(seed).bytes(6000)
        const fresh = shuffled(old, seed)
        const file = await made(old, fresh, { ...IN_PLACE, sectorBytes })
        expect(everyWay(old, file)).toEqual(fresh)
      }),
      { numRuns: 60 },
    )
  })

  test.each(FIRMWARE_PAIRS)('[S0-16] of $name rewrites it within the RAM', async pair => {
    const { file, sectorErases } = await makeDelta({ ...IN_PLACE, ...pair }, () => undefined)
    expect(everyWay(pair.old, file)).toEqual(pair.fresh)
    const { header } = proveDelta(oldImageOf(pair.old), file, nodeSha256)
    expect(header.ramBytes).toBeLessThanOrEqual(65_536)
    const plain = await made(pair.old, pair.fresh)
    expect(file.length).toBeLessThan(plain.length * 1.1)
    expect(sectorErases).toBeGreaterThan(open(file).plan.steps.length)
  })

  test('never erases a sector that stays', async () => {
    const old = seededRandom(7).bytes(40 * 4096)
    const fresh = old.slice()
    for (const sector of [3, 4, 17, 39]) fresh[sector * 4096 + 5] = fresh[sector * 4096 + 5]! ^ 1
    const file = await made(old, fresh, IN_PLACE)
    const sectors = open(file).plan.steps.map(({ sector }) => sector)
    expect(sectors.toSorted((a, b) => a - b)).toEqual([3, 4, 17, 39])
    expect(everyWay(old, file)).toEqual(fresh)
  })

  test('of the same image twice has no step at all', async () => {
    const image = seededRandom(1).bytes(100_000)
    const file = await made(image, image, IN_PLACE)
    expect(open(file).plan.steps).toEqual([])
    expect(file.length).toBeLessThan(170)
    expect(everyWay(image, file)).toEqual(image)
  })

  test('makes literals of old bytes that fit into no stash', async () => {
    // The two halves change places: 128 KiB would have to be put aside, and 32 KiB are allowed.
    const old = seededRandom(3).bytes(64 * 4096)
    const fresh = Uint8Array.from([...old.subarray(32 * 4096), ...old.subarray(0, 32 * 4096)])
    const file = await made(old, fresh, IN_PLACE)
    const { stash } = open(file).plan
    const stashed = stash.reduce((sum, { start, end }) => sum + end - start, 0)
    expect(stashed).toBeLessThanOrEqual(8 * 4096)
    expect(stashed).toBeGreaterThan(7 * 4096)
    expect(file.length).toBeLessThan(old.length * 0.5)
    expect(everyWay(old, file)).toEqual(fresh)
  })

  test('of images that share nothing holds the new one, and takes any old one', async () => {
    const old = seededRandom(1).bytes(50_000)
    const fresh = seededRandom(2).bytes(60_000)
    const { file, fullBytes } = await makeDelta({ ...IN_PLACE, old, fresh }, () => undefined)
    expect(file.length).toBeLessThan(fullBytes * 1.01)
    expect(open(file).plan).toMatchObject({ oldBytes: 0, stash: [] })
    for (const any of [old, fresh, new Uint8Array(0), seededRandom(5).bytes(99_999)]) {
      expect(everyWay(any, file)).toEqual(fresh)
    }
  })

  test('is the same each time', async () => {
    const { old, fresh } = FIRMWARE_PAIRS[1]!
    expect(await made(old, fresh, IN_PLACE)).toEqual(await made(old, fresh, IN_PLACE))
  })

  test.each([36_000, 48_000])('keeps within %i bytes of RAM', async ramBytes => {
    const { old, fresh } = FIRMWARE_PAIRS[1]!
    const file = await made(old, fresh, { ...IN_PLACE, ramBytes })
    expect(readHeader(file).header.ramBytes).toBeLessThanOrEqual(ramBytes)
    expect(everyWay(old, file)).toEqual(fresh)
  })

  test('is not made where its decoder does not fit into the RAM, the order of sectors included', async () => {
    const order = { ...IN_PLACE, sectorBytes: 256, ramBytes: 36_000 }
    const old = seededRandom(1).bytes(256 * 1024)
    await expect(made(old, old.slice(1), order)).rejects.toMatchObject({
      code: 'OPTION_UNFIT',
      data: { ramBytes: 36_000 },
    })
  })

  test.each([100, 3000, 2 ** 21])('is not made for sectors of %i bytes', async sectorBytes => {
    const image = new Uint8Array(9)
    await expect(made(image, image, { ...IN_PLACE, sectorBytes })).rejects.toMatchObject({
      code: 'OPTION_UNFIT',
      data: { sectorBytes },
    })
  })
})
