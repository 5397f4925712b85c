import { beforeAll, describe, expect, test, vi } from 'vitest'
import { Campaign, NO_TRIALS, withTrial } from '../../src-main/handset/campaign/campaign'
import { modelNamed } from '../../src-main/handset/service/models'
import { nodeSha256 } from '../../src-main/handset/service/node-sha256'
import { K2_PAIRS, k2OrderOf } from '../handset/campaign/cut-pairs'

/** A machine that does much else at the same time may take so long. */
vi.setConfig({ testTimeout: 300_000 })

const POINTS = 300
const { sectorBytes, pageBytes, timing } = modelNamed('k2').flash

describe.each(K2_PAIRS)('rewriting $name in place', pair => {
  let campaign: Campaign
  beforeAll(async () => {
    campaign = new Campaign({ ...(await k2OrderOf(pair)), points: POINTS, seed: 20 }, nodeSha256)
  })

  test('is a rewrite of large blocks and pages, by firmware that the boot code starts', () => {
    const { board } = campaign.recording
    expect(board.model.flash).toMatchObject({ sectorBytes, pageBytes, timing })
    expect([sectorBytes, pageBytes]).toEqual([131_072, 512])
    expect(board.isFirmware).toBe(true)
    const { steps, stash } = board.parts.source.plan
    expect(steps.length).toBe(5)
    const kept = [...stash, ...steps.map(({ backup }) => backup)]
    const keptBytes = kept.reduce((sum, { start, end }) => sum + end - start, 0)
    expect(keptBytes).toBeGreaterThan(sectorBytes)
  })

  test('[S0-36] [S0-37] [S0-38] seeded cuts of the power end well', () => {
    let tally = NO_TRIALS
    for (let index = 0; index < POINTS; index++) {
      tally = withTrial(tally, index, campaign.point(index), campaign.try(index))
    }
    const { old, completed, needsFile } = tally
    expect(tally).toMatchObject({ silent: 0, stuck: 0, restorable: 0, failure: null })
    expect(tally.resumed).toBe(needsFile)
    expect(old + completed + needsFile).toBe(POINTS)
    for (const count of [old, completed, needsFile]) expect(count).toBeGreaterThan(0)
  })
})
