import { beforeAll, describe, expect, test } from 'vitest'
import {
  Campaign,
  type CampaignOrder,
  isFailure,
  NO_TRIALS,
  withTrial,
} from '../../../src-main/handset/campaign/campaign'
import { Board } from '../../../src-main/handset/campaign/board'
import { pictureOf } from '../../../src-main/handset/campaign/picture'
import { parsePoint } from '../../../src-main/handset/campaign/points'
import { Recording } from '../../../src-main/handset/campaign/recording'
import { tryPoint } from '../../../src-main/handset/campaign/trial'
import { nodeSha256 } from '../../../src-main/handset/service/node-sha256'
import { cutPicture } from '../../../src-main/contract/delta'
import type { RewriteSource } from '../../../src-main/wire/delta/rewrite-source'
import { CUT_PAIRS, orderOf, tightBoardParts, TINY_SECTOR_BYTES, tinyPair } from './cut-pairs'

describe('a campaign', () => {
  let order: CampaignOrder
  let campaign: Campaign
  beforeAll(async () => {
    order = await orderOf(tinyPair(), TINY_SECTOR_BYTES)
    campaign = new Campaign(order, nodeSha256)
  })

  test('has the same verdict for every point whether it stops early or runs to the end', () => {
    const { recording, points } = campaign
    expect(points).toBeGreaterThan(200)
    for (let index = 0; index < points; index++) {
      const point = campaign.point(index)
      const [early, whole] = [true, false].map(stopsEarly => {
        const { verdict, isResumed } = tryPoint(recording, point, { stopsEarly })
        return { verdict, isResumed }
      })
      expect({ point, ...early }).toEqual({ point, ...whole })
    }
  })

  test('finds, even where it may stop early, that the old software cannot be updated any more', () => {
    const parts = tightBoardParts()
    let { plan } = parts.source
    const source: RewriteSource = {
      get plan() {
        return plan
      },
      pieces: (step, readOld) => parts.source.pieces(step, readOld),
    }
    const recording = new Recording(new Board({ ...parts, source }))
    const tried = () => tryPoint(recording, parsePoint('flash:torn@2'), { stopsEarly: true })
    expect(tried().verdict).toBe('old')
    plan = { ...plan, oldDigest: plan.newDigest }
    expect(tried().verdict).toBe('stuck')
  })

  test('takes images that are smaller than what the boot code looks at', async () => {
    const pair = { old: new Uint8Array(100).fill(7), fresh: new Uint8Array(90).fill(8) }
    const small = new Campaign(await orderOf(pair, TINY_SECTOR_BYTES), nodeSha256)
    expect(isFailure(small.try(0))).toBe(false)
    const grown = { old: new Uint8Array(0), fresh: new Uint8Array(90).fill(8) }
    const first = new Campaign(await orderOf(grown, TINY_SECTOR_BYTES), nodeSha256)
    expect(isFailure(first.try(0))).toBe(false)
  })

  test('gives the same verdicts for the same order', () => {
    const again = new Campaign(order, nodeSha256)
    const verdicts = (each: Campaign) =>
      Array.from({ length: 60 }, (_, index) => [each.point(3 * index), each.try(3 * index)])
    expect(verdicts(again)).toEqual(verdicts(campaign))
  })

  test('counts verdicts, and keeps the first failure', () => {
    const point = parsePoint('flash:torn@3,seed=1')
    const trial = { isResumed: false, explanation: '' }
    const resumed = { verdict: 'needs-file', isResumed: true, explanation: '' } as const
    const tally = withTrial(
      withTrial(withTrial(NO_TRIALS, 4, point, resumed), 5, point, { ...trial, verdict: 'silent' }),
      6,
      parsePoint('flash:torn@9,seed=1'),
      { ...trial, verdict: 'stuck' },
    )
    const failure = { index: 5, point: 'flash:torn@3,seed=1' }
    expect(tally).toEqual({ ...NO_TRIALS, needsFile: 1, resumed: 1, silent: 1, stuck: 1, failure })
    expect(isFailure(resumed)).toBe(false)
    expect(isFailure({ ...resumed, isResumed: false })).toBe(true)
  })

  test('refuses a file for another image, and one that is not for rewriting in place', async () => {
    const other = { ...order, old: order.old.map(byte => byte ^ 1) }
    expect(() => new Campaign(other, nodeSha256)).toThrow(
      expect.objectContaining({ code: 'DELTA_WRONG_OLD' }),
    )
    const damaged = { ...order, file: order.file.slice(0, -1) }
    expect(() => new Campaign(damaged, nodeSha256)).toThrow(
      expect.objectContaining({ code: 'DELTA_DAMAGED' }),
    )
  })
})

describe('the picture of a cut', () => {
  let campaign: Campaign
  beforeAll(async () => {
    const [pair] = CUT_PAIRS
    campaign = new Campaign(await orderOf(pair ?? tinyPair()), nodeSha256)
  })

  test('shows what an erase that was torn leaves, and what becomes of it', () => {
    const { operations, board } = campaign.recording
    const index = operations.findIndex(({ kind, address }) => {
      return kind === 'erase' && board.regionAt(address) === 'executable'
    })
    const line = `flash:torn-erase@${index + 1},seed=3`
    const picture = campaign.picture(parsePoint(line))
    expect(cutPicture.parse(picture)).toEqual(picture)
    expect(picture).toMatchObject({
      point: line,
      operation: index + 1,
      operationKind: 'erase',
      region: 'executable',
      verdict: 'needs-file',
      isResumed: true,
      explanation: 'The boot code needs the same file again and finishes the rewrite.',
      sectorBytes: 4096,
      backupSectors: 1,
    })
    expect(picture.sectors).toMatch(/^[xo]*x[xo]*$/)
    expect(picture.journal[0]).toMatch(/^step 0 and those after it are to be done/)
  })

  test('says that the same file does not finish it', () => {
    const parts = tightBoardParts()
    let flaw = 0
    const source: RewriteSource = {
      plan: parts.source.plan,
      *pieces(step, readOld) {
        for (const piece of parts.source.pieces(step, readOld)) yield piece.map(byte => byte ^ flaw)
      },
    }
    const recording = new Recording(new Board({ ...parts, source }))
    flaw = 1
    const at = recording.operations.length >> 1
    const picture = pictureOf(recording, parsePoint(`flash:power-cut@${at}`))
    expect(picture).toMatchObject({ verdict: 'needs-file', isResumed: false })
  })

  test('is none of a further cut that never comes', () => {
    const line = 'flash:torn@3,seed=1;flash:torn@99999,seed=1'
    expect(() => campaign.picture(parsePoint(line))).toThrow(
      expect.objectContaining({ code: 'BAD_FAULT' }),
    )
    const twice = 'flash:torn@3,seed=1;flash:torn@4,seed=1'
    expect(campaign.picture(parsePoint(twice)).point).toBe(twice)
  })

  test('shows the old software before the first mark and the new one after the last', () => {
    const first = campaign.picture(parsePoint('flash:power-cut@1'))
    expect(first).toMatchObject({ verdict: 'old', stashSectors: 0, backupSectors: 0 })
    expect(first.sectors).toMatch(/^[o=]+$/)
    expect(first.journal[0]).toMatch(/^44240 bytes are verified/)
    const last = campaign.picture(parsePoint(`flash:torn@${campaign.recording.operations.length}`))
    expect(last.verdict).toBe('completed')
    expect(last.sectors).toMatch(/^[n=]+$/)
  })
})
