import { expect, test } from 'vitest'
import { seededRandom } from '../../src-main/base/random'
import { DeltaService } from '../../src-main/delta/delta-service'
import { FIRMWARE_PAIRS, IN_PLACE, made, type Pair } from './pairs'

const service = new DeltaService()

test('the service makes the same file in its worker, and tells the steps', async () => {
  const { old, fresh } = FIRMWARE_PAIRS[1]!
  const shares: number[] = []
  const result = await service.make({ old, fresh, onStep: (_, share) => shares.push(share) })
  expect(new Uint8Array(result.file)).toEqual(await made(old, fresh))
  expect(shares).toEqual(shares.toSorted((a, b) => a - b))
  expect([shares[0], shares.at(-1)]).toEqual([0, 1])
  expect(service.apply(old, result.file)).toEqual(fresh)
})

test('the service makes in-place files and says so', async () => {
  const { old, fresh } = FIRMWARE_PAIRS[1]!
  const result = await service.make({ old, fresh, inPlace: true })
  expect(new Uint8Array(result.file)).toEqual(await made(old, fresh, IN_PLACE))
  expect(result).toMatchObject({ format: 'in-place', sectorErases: expect.any(Number) })
  expect(service.apply(old, result.file)).toEqual(fresh)
  expect(await service.make({ old, fresh, sectorBytes: 2048 })).toMatchObject({
    format: 'plain',
    sectorErases: Math.ceil(fresh.length / 2048),
  })
})

test('making is cancelled at once, before and after it began', async () => {
  const image = seededRandom(1).bytes(2_000_000)
  const request = { old: image, fresh: image.slice(1) }
  const aborted = AbortSignal.abort()
  await expect(service.make({ ...request, signal: aborted })).rejects.toMatchObject({
    code: 'CANCELLED',
  })
  const stop = new AbortController()
  const making = service.make({ ...request, signal: stop.signal, onStep: () => stop.abort() })
  await expect(making).rejects.toMatchObject({ code: 'CANCELLED' })
})

test.each(['matching moved code', 'coding', 'comparing'])(
  'making is cancelled while streams are packed after "%s", and nothing else ends with it',
  async last => {
    const [, , { old, fresh }] = FIRMWARE_PAIRS as readonly [Pair, Pair, Pair]
    for (let time = 0; time < 4; time++) {
      const stop = new AbortController()
      const onStep = (step: string) => {
        if (step === last) stop.abort()
      }
      const making = service.make({ old, fresh, inPlace: true, signal: stop.signal, onStep })
      await expect(making).rejects.toMatchObject({ code: 'CANCELLED' })
    }
  },
)

test("the worker's errors are the service's", async () => {
  const image = new Uint8Array(10)
  await expect(service.make({ old: image, fresh: image, ramBytes: 5 })).rejects.toMatchObject({
    code: 'OPTION_UNFIT',
    data: { ramBytes: 5 },
  })
})
