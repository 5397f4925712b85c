import { beforeAll, describe, expect, test, vi } from 'vitest'
import { seededRandom } from '../../src-main/base/random'
import { Campaign, isFailure, NO_TRIALS, withTrial } from '../../src-main/handset/campaign/campaign'
import { type CutPoint, formatPoint, parsePoint } from '../../src-main/handset/campaign/points'
import { tryPoint } from '../../src-main/handset/campaign/trial'
import { nodeSha256 } from '../../src-main/handset/service/node-sha256'
import { CUT_PAIRS, orderOf, TINY_SECTOR_BYTES, tinyPair } from '../handset/campaign/cut-pairs'

/** A machine that does much else at the same time may take so long. */
vi.setConfig({ testTimeout: 300_000 })

describe.each(CUT_PAIRS)('rewriting $name in place', pair => {
  test('[S0-36] [S0-37] [S0-38] every cut of the power at every operation ends well', async () => {
    const campaign = new Campaign(await orderOf(pair), nodeSha256)
    let tally = NO_TRIALS
    for (let index = 0; index < campaign.points; index++) {
      tally = withTrial(tally, index, campaign.point(index), campaign.try(index))
    }
    const { old, completed, needsFile } = tally
    expect(tally).toMatchObject({ silent: 0, stuck: 0, restorable: 0, failure: null })
    expect(tally.resumed).toBe(needsFile)
    expect(old + completed + needsFile).toBe(campaign.points)
    for (const count of [old, completed, needsFile]) expect(count).toBeGreaterThan(0)
  })
})

/** Lines of the points that end as none may, each with what happened. */
function failuresOf(campaign: Campaign, points: Iterable<CutPoint>): string[] {
  const failures: string[] = []
  for (const point of points) {
    const trial = tryPoint(campaign.recording, point, { stopsEarly: true })
    if (isFailure(trial)) failures.push(`${formatPoint(point)}: ${trial.explanation}`)
  }
  return failures
}

const FIRST_CUTS = ['torn', 'weak,new=1', 'weak,new=0,p=100', 'weak,new=1,p=100']
const SECOND_CUTS = ['power-cut', 'torn', 'weak']

function* everyTwoCuts(operations: number): Generator<CutPoint> {
  for (const first of FIRST_CUTS) {
    for (const second of SECOND_CUTS) {
      for (let at = 1; at <= operations; at++) {
        for (let then = 1; then <= operations; then++) {
          yield parsePoint([cutAt(first, at), cutAt(second, then)].join(';'))
        }
      }
    }
  }
}

function cutAt(kindAndParameters: string, operation: number, seed = operation): string {
  const [kind, ...parameters] = kindAndParameters.split(',')
  return [`flash:${kind}@${operation}`, ...parameters, `seed=${seed}`].join(',')
}

describe('cuts in a row', () => {
  let tiny: Campaign
  beforeAll(async () => {
    tiny = new Campaign(await orderOf(tinyPair(), TINY_SECTOR_BYTES), nodeSha256)
  })

  test('[S0-37] two, at every pair of operations of six sectors', () => {
    const points = everyTwoCuts(tiny.recording.operations.length)
    expect(failuresOf(tiny, points)).toEqual([])
  })

  test('[S0-37] three, with weak cells that decay in between', () => {
    const random = seededRandom(17)
    const { length } = tiny.recording.operations
    const draw = () => {
      const kinds = [...FIRST_CUTS, ...SECOND_CUTS]
      const kind = kinds[random.below(kinds.length)] ?? 'torn'
      return cutAt(kind, 1 + random.below(length), random.below(1000))
    }
    const points = Array.from({ length: 3000 }, () => {
      return parsePoint([draw(), draw(), draw()].join(';'))
    })
    expect(failuresOf(tiny, points)).toEqual([])
  })

  test('[S0-37] two, around the marks of whole firmware', async () => {
    const [pair] = CUT_PAIRS
    const campaign = new Campaign(await orderOf(pair ?? tinyPair()), nodeSha256)
    const random = seededRandom(19)
    const marks = campaign.recording.targets.flatMap(({ isMark }, index) => (isMark ? [index] : []))
    const points = Array.from({ length: 400 }, (_, index) => {
      const mark = (marks[index % marks.length] ?? 0) + 1
      const first = cutAt(FIRST_CUTS[random.below(FIRST_CUTS.length)] ?? 'torn', mark, index)
      const then = 1 + random.below(2 * 40)
      return parsePoint([first, cutAt('torn', then, index)].join(';'))
    })
    expect(failuresOf(campaign, points)).toEqual([])
  })

  // The counterexample V_SILENT of test/models/step-journal.pml: the first mark of a step is torn,
  // the second try is cut early, and then the mark can be read.
  test('[S0-36] a mark that can be read only after the second try had begun', () => {
    const { targets } = tiny.recording
    const marks = targets.flatMap(({ isMark }, index) => (isMark ? [index + 1] : []))
    const points = marks.flatMap(mark =>
      Array.from({ length: 20 }, (_, index) =>
        parsePoint([cutAt('weak,new=0,p=100', mark), cutAt('torn', index + 1)].join(';')),
      ),
    )
    expect(failuresOf(tiny, points)).toEqual([])
  })
})
