import { describe, expect, test } from 'vitest'
import { TufClient } from '../../../src-main/handset/service/tuf-client'
import { VirtualClock } from '../../../src-main/observe/virtual-clock'
import { DAY_MS, firmwareTarget, repositories } from '../../metadata/repository'
import { answered, bytesOf, trusting } from './trusting'

type Bench = Awaited<ReturnType<typeof trusting>>

/** From now on the handset is shown what there is now, whatever there will be. */
async function freeze({ air, given }: Bench): Promise<void> {
  const kept = new Map<string, string | undefined>()
  for (const file of ['timestamp.json', '1.snapshot.json', '2.targets.json']) {
    kept.set(file, await given(file))
  }
  air.attacker = async file => {
    const document = kept.get(file)
    return document === undefined ? { status: 404, pieces: [] } : answered(document)
  }
}

describe('freeze', () => {
  test('a mirror that shows yesterday’s documents is noticed within a day', async () => {
    const bench = await trusting()
    await freeze(bench)
    expect(await bench.verdict(bench.release)).toBe('proved')
    await bench.clock.advance(DAY_MS)
    expect(await bench.verdict(bench.release)).toBe('METADATA_EXPIRED')
  })

  test('a carrier that freezes the vendor is noticed when the vendor’s time ends', async () => {
    const { clock, verdict, release, view } = await trusting()
    expect(await verdict(release)).toBe('proved')
    expect((view()!.metadataExpiresAt - clock.now()) / DAY_MS).toBe(90)
    await clock.advance(89 * DAY_MS)
    expect(await verdict(release)).toBe('proved')
    await clock.advance(2 * DAY_MS)
    expect(await verdict(release)).toBe('METADATA_EXPIRED')
  })

  test('what has ended is renewed by the vendor, and proved again', async () => {
    const { clock, verdict, add } = await trusting()
    await clock.advance(91 * DAY_MS)
    await add(firmwareTarget('1.2.0'))
    expect(await verdict(firmwareTarget('1.2.0'))).toBe('proved')
  })
})

describe('the handset’s clock', () => {
  test.each([
    ['set back by a week', -7 * DAY_MS],
    ['at 1970', Number.NEGATIVE_INFINITY],
  ])('%s does not bring back what had ended', async (_name, offset) => {
    const bench = await trusting()
    const { air, clock, verdict, release, handsetClock, powerCycle, view } = bench
    await freeze(bench)
    const frozen = air.attacker
    expect(await verdict(release)).toBe('proved')
    air.attacker = () => Promise.resolve(undefined)
    await clock.advance(8 * DAY_MS)
    expect(await verdict(release)).toBe('proved')
    air.attacker = frozen
    handsetClock.offset = offset
    powerCycle()
    expect(await verdict(release)).toBe('METADATA_OLDER')
    // Its time goes on from where it last held the newest metadata.
    air.attacker = () => Promise.resolve(undefined)
    expect(await verdict(release)).toBe('proved')
    expect(view()!.checkedAt).toBe(clock.now())
  })

  test('that jumps a day ahead refuses, and recovers as it is right again', async () => {
    const { verdict, release, handsetClock } = await trusting()
    expect(await verdict(release)).toBe('proved')
    handsetClock.offset = DAY_MS + 1
    expect(await verdict(release)).toBe('METADATA_EXPIRED')
    handsetClock.offset = 0
    expect(await verdict(release)).toBe('proved')
  })

  test.each([
    ['long past', Date.UTC(2001, 0, 1)],
    ['far ahead', Date.UTC(2061, 0, 1)],
  ])('and no other decides: with documents of a time %s', async (_name, start) => {
    const { create, add, given, clock } = await repositories(new VirtualClock(start))
    const root = await create()
    const release = firmwareTarget('1.1.0')
    await add(release)
    const order = {
      kept: { root },
      path: 'k1/kintsugi-k1/1.1.0',
      fetch: async (file: string) => {
        const document = await given(file)
        return document === undefined ? undefined : bytesOf(document)
      },
    }
    const now = await new TufClient().refresh({ ...order, now: clock.now() })
    expect([now.failure, now.target?.sha256]).toEqual([undefined, release.sha256])
    const late = await new TufClient().refresh({ ...order, now: clock.now() + 400 * DAY_MS })
    expect(late.failure).toMatchObject({ code: 'METADATA_EXPIRED' })
  })
})
