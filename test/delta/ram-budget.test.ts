import { describe, expect, test } from 'vitest'
import { CodedError } from '../../src-main/base/coded-error'
import { seededRandom } from '../../src-main/base/random'
import { DeltaService } from '../../src-main/delta/delta-service'
import type { MakeOrder } from '../../src-main/delta/make-delta'
import { nodeSha256 } from '../../src-main/delta/node-sha256'
import { readHeader } from '../../src-main/wire/delta/header'
import { openRewriteSource } from '../../src-main/wire/delta/open-rewrite-source'
import { applied, FIRMWARE_PAIRS, IN_PLACE, made, type Pair, PLAIN } from './pairs'
import { rewritten } from './rewritten'

const [, K1, K1_LATER] = FIRMWARE_PAIRS as readonly [Pair, Pair, Pair]
const FULL: Pair = { name: 'nothing to k1 1.1.0', old: new Uint8Array(0), fresh: K1.fresh }
const UNLIKE: Pair = {
  name: 'one noise to another',
  old: seededRandom(1).bytes(20_000),
  fresh: seededRandom(2).bytes(20_000),
}
/** So much stays, and the whole image packs so well, that the whole takes more RAM than a change. */
const ALIKE: Pair = {
  name: 'zeros to nearly the same',
  old: new Uint8Array(384 * 1024),
  fresh: new Uint8Array(384 * 1024).fill(1, 70_000, 70_001),
}
const RAMS = [16_384, 28_000, 31_000, 36_000, 65_536, 2 ** 20]
const SECTORS = [256, 1024, 4096]
const GRID = [K1, K1_LATER, FULL, UNLIKE].flatMap(pair =>
  SECTORS.flatMap(sectorBytes => RAMS.map(ramBytes => ({ pair, sectorBytes, ramBytes }))),
)

type Order = Omit<MakeOrder, 'old' | 'fresh'>

/** The file, or the least RAM that the refusal names. */
async function madeWithin({ old, fresh }: Pair, order: Order): Promise<Uint8Array | number> {
  try {
    return await made(old, fresh, order)
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== 'OPTION_UNFIT') throw error
    return Number(error.data['needed'])
  }
}

/** What is wrong with a file; nothing, if all is well. */
function faultsOf(pair: Pair, file: Uint8Array, { ramBytes, inPlace }: Order): string[] {
  const { header } = readHeader(file)
  const images = [applied(pair.old, file)]
  if (inPlace) images.push(rewritten(pair.old, openRewriteSource(file, nodeSha256)))
  const isRight = images.every(image => Buffer.compare(image, pair.fresh) === 0)
  return [
    ...(header.ramBytes > ramBytes ? [`takes ${header.ramBytes} bytes of RAM`] : []),
    ...(isRight ? [] : ['gives another image']),
  ]
}

/** The faults of the file, or of a refusal that names no more RAM than there is. */
async function faults(pair: Pair, order: Order): Promise<string[]> {
  const file = await madeWithin(pair, order)
  if (typeof file !== 'number') return faultsOf(pair, file, order)
  return file > order.ramBytes ? [] : [`is refused although ${file} bytes are enough`]
}

describe('[S0-16] the RAM of a file', () => {
  test.each(GRID)(
    'from $pair.name within $ramBytes bytes, in sectors of $sectorBytes, is at most that',
    async ({ pair, sectorBytes, ramBytes }) => {
      const order = { inPlace: true, sectorBytes, ramBytes }
      expect(await faults(pair, order)).toEqual([])
      expect(await faults(pair, { ...order, stashBytes: 0 })).toEqual([])
    },
  )

  test.each(RAMS)('in a plain file is at most the %i bytes there are', async ramBytes => {
    expect(await faults(K1, { ...PLAIN, ramBytes })).toEqual([])
    expect(await faults(UNLIKE, { ...PLAIN, ramBytes })).toEqual([])
  })

  test.each([K1, FULL, UNLIKE, ALIKE])(
    'from $name is enough at what a refusal calls the least, and one byte less is not',
    async pair => {
      for (const order of [PLAIN, IN_PLACE, { ...IN_PLACE, sectorBytes: 256, stashBytes: 0 }]) {
        const least = Number(await madeWithin(pair, { ...order, ramBytes: 1 }))
        expect(least).toBeGreaterThan(10_000)
        expect(await madeWithin(pair, { ...order, ramBytes: least })).toBeInstanceOf(Uint8Array)
        expect(await faults(pair, { ...order, ramBytes: least })).toEqual([])
        expect(await madeWithin(pair, { ...order, ramBytes: least - 1 })).toBe(least)
      }
    },
  )

  test('of a whole image grows no more than the image needs', async () => {
    const file = await made(FULL.old, FULL.fresh, { ...IN_PLACE, ramBytes: 2 ** 30 })
    expect(readHeader(file).header.ramBytes).toBeLessThan(100_000)
  })
})

describe('[S0-16] the stash of a file', () => {
  const stashedIn = (file: Uint8Array) =>
    openRewriteSource(file, nodeSha256).plan.stash.reduce(
      (sum, { start, end }) => sum + end - start,
      0,
    )
  // The halves change places, so that half of the image would have to be put aside.
  const old = seededRandom(3).bytes(16 * 4096)
  const fresh = Uint8Array.from([...old.subarray(8 * 4096), ...old.subarray(0, 8 * 4096)])
  const swapped: Pair = { name: 'halves that change places', old, fresh }

  test.each([0, 1, 5000, 12_288])('is at most the %i bytes there are', async stashBytes => {
    for (const pair of [swapped, K1_LATER]) {
      const order = { ...IN_PLACE, stashBytes }
      const file = await made(pair.old, pair.fresh, order)
      expect(stashedIn(file)).toBeLessThanOrEqual(stashBytes)
      expect(faultsOf(pair, file, order)).toEqual([])
    }
  })

  test('is empty where there is none, also of small sectors', async () => {
    for (const sectorBytes of SECTORS) {
      const file = await made(K1.old, K1.fresh, { ...IN_PLACE, sectorBytes, stashBytes: 0 })
      expect(openRewriteSource(file, nodeSha256).plan.stash).toEqual([])
    }
  })

  test('is eight sectors where nothing is said, and what is said where something is', async () => {
    const file = await made(old, fresh, { ...IN_PLACE, sectorBytes: 512 })
    expect(stashedIn(file)).toBeLessThanOrEqual(8 * 512)
    expect(stashedIn(file)).toBeGreaterThan(7 * 512)
    const roomy = await made(old, fresh, { ...IN_PLACE, sectorBytes: 512, stashBytes: 0x8000 })
    expect(stashedIn(roomy)).toBeGreaterThan(8 * 512)
    expect(roomy.length).toBeLessThan(file.length)
  })

  test('is what the service was told', async () => {
    const service = new DeltaService()
    const order = { old, fresh, inPlace: true }
    const none = await service.make({ ...order, stashBytes: 0 })
    expect(openRewriteSource(none.file, nodeSha256).plan.stash).toEqual([])
    const usual = await service.make(order)
    expect(stashedIn(usual.file)).toBeGreaterThan(7 * 4096)
  })
})
