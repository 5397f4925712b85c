import { beforeAll, describe, expect, test } from 'vitest'
import { cutReport } from '../../../src-main/contract/delta'
import {
  Campaign,
  type CampaignOrder,
  NO_TRIALS,
  withTrial,
} from '../../../src-main/handset/campaign/campaign'
import {
  type CampaignProgress,
  CampaignService,
} from '../../../src-main/handset/service/campaign-service'
import { modelNamed } from '../../../src-main/handset/service/models'
import { nodeSha256 } from '../../../src-main/handset/service/node-sha256'
import { CUT_PAIRS, orderOf, TINY_SECTOR_BYTES, tinyPair } from './cut-pairs'

const service = new CampaignService()

describe('the campaign service', () => {
  let order: CampaignOrder
  beforeAll(async () => void (order = await orderOf(tinyPair(), TINY_SECTOR_BYTES)))

  test('counts in its workers what one campaign counts', async () => {
    const campaign = new Campaign(order, nodeSha256)
    let tally = NO_TRIALS
    for (let index = 0; index < campaign.points; index++) {
      tally = withTrial(tally, index, campaign.point(index), campaign.try(index))
    }
    const told: CampaignProgress[] = []
    const { old, file, seed } = order
    const report = await service.run({
      old,
      file,
      seed,
      points: null,
      onProgress: progress => void told.push(progress),
    })
    const { failure, ...counts } = tally
    expect(failure).toBeNull()
    expect(cutReport.parse(report)).toEqual({
      ...counts,
      points: campaign.points,
      seed: 1,
      firstFailure: null,
      operations: campaign.recording.operations.length,
      seconds: report.seconds,
    })
    expect(told.at(-1)).toMatchObject({ done: campaign.points, total: campaign.points })
  })

  test('takes the pages from the model that has the sectors of the file', async () => {
    const [, , foreign = tinyPair()] = CUT_PAIRS
    const { old, file } = await orderOf(foreign, 131_072)
    const lent = { old, file, model: modelNamed('k2'), seed: 1, points: 1 }
    const { operations } = new Campaign(lent, nodeSha256).recording
    const report = await service.run({ old, file, seed: 1, points: 1 })
    expect(report).toMatchObject({ points: 1, operations: operations.length, firstFailure: null })
  })

  test('takes the model from the image, and shows one point', async () => {
    const [pair] = CUT_PAIRS
    const { old, file } = await orderOf(pair ?? tinyPair())
    const point = 'flash:power-cut@30'
    expect(await service.picture({ old, file, point })).toMatchObject({
      point: 'flash:power-cut@30,seed=1',
      operation: 30,
      verdict: 'needs-file',
    })
  })

  test.each([
    ['an operation that is not there', { point: 'flash:torn@99999' }],
    ['a line that is none', { point: 'torn at the end' }],
  ])('refuses %s', async (_, { point }) => {
    const { old, file } = order
    await expect(service.picture({ old, file, point })).rejects.toMatchObject({ code: 'BAD_FAULT' })
  })

  test.each([
    [
      'another old image',
      (given: CampaignOrder) => ({ ...given, old: given.old.toReversed() }),
      'DELTA_WRONG_OLD',
    ],
    [
      'half a file',
      (given: CampaignOrder) => ({ ...given, file: given.file.slice(0, 60) }),
      'DELTA_DAMAGED',
    ],
    ['no points', (given: CampaignOrder) => ({ ...given, points: 0 }), 'OPTION_UNFIT'],
    [
      'kinds that strike nothing',
      (given: CampaignOrder) => ({ ...given, kinds: ['silent'] }),
      'OPTION_UNFIT',
    ],
  ])('refuses %s', async (_, changed, code) => {
    await expect(service.run(changed(order))).rejects.toMatchObject({ code })
  })

  test('ends at once when it is cancelled, before and in the middle', async () => {
    const [pair] = CUT_PAIRS
    const long = { ...(await orderOf(pair ?? tinyPair())), points: 1_000_000 }
    const cancelled = { code: 'CANCELLED' }
    await expect(service.run({ ...long, signal: AbortSignal.abort() })).rejects.toMatchObject(
      cancelled,
    )
    const middle = new AbortController()
    const running = service.run({
      ...long,
      signal: middle.signal,
      onProgress: () => middle.abort(),
    })
    await expect(running).rejects.toMatchObject(cancelled)
  })
})
