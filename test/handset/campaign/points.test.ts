import { describe, expect, test } from 'vitest'
import {
  checkPointCount,
  type CutTarget,
  formatPoint,
  parsePoint,
  pointSeries,
  strikingPoint,
} from '../../../src-main/handset/campaign/points'

const program = {
  kind: 'program',
  milliseconds: 1,
  words: 128,
  isMark: false,
  isEdge: false,
} as const
const erase = { kind: 'erase', milliseconds: 99, words: 0, isMark: false, isEdge: true } as const
const mark: CutTarget = { ...program, words: 32, isMark: true, isEdge: true }
/** An erase, forty pages and a mark. */
const targets: readonly CutTarget[] = [erase, ...Array.from({ length: 40 }, () => program), mark]

function linesOf(
  count: number | null,
  settings: { seed?: number; kinds?: string[] } = {},
): string[] {
  const series = pointSeries({ targets, seed: settings.seed ?? 1, count, kinds: settings.kinds })
  return Array.from({ length: series.count }, (_, index) => formatPoint(series.at(index)))
}

describe('all points', () => {
  test('cut each operation before it begins and in at least eight torn states', () => {
    const kinds = Map.groupBy(linesOf(null), line => Number(/@(\d+)/.exec(line)?.[1]))
    expect([...kinds.keys()]).toEqual(targets.map((_, index) => index + 1))
    for (const lines of kinds.values()) {
      expect(lines.filter(line => line.startsWith('flash:power-cut@'))).toHaveLength(1)
      const torn = lines.filter(line => !line.startsWith('flash:power-cut@'))
      expect(new Set(torn).size).toBeGreaterThanOrEqual(8)
    }
    expect(kinds.get(42)?.filter(line => line.includes('p=100'))).toHaveLength(2)
  })

  test('are the same for the same seed, and torn otherwise for another one', () => {
    expect(linesOf(null)).toEqual(linesOf(null))
    expect(linesOf(null, { seed: 2 })).not.toEqual(linesOf(null))
  })

  test('can be asked for in any order', () => {
    const series = pointSeries({ targets, seed: 1, count: null })
    const backwards = Array.from({ length: series.count }, (_, index) =>
      formatPoint(series.at(series.count - 1 - index)),
    )
    expect(backwards.toReversed()).toEqual(linesOf(null))
    expect(() => series.at(series.count)).toThrow(RangeError)
  })
})

describe('sampled points', () => {
  test('come from every operation, from the time that passes and from where it hurts', () => {
    const operations = linesOf(3000).map(line => Number(/@(\d+)/.exec(line)?.[1]))
    const shareOf = (operation: number, sampler: number) =>
      operations.filter((each, index) => each === operation && index % 3 === sampler).length / 1000
    expect(shareOf(1, 0)).toBeLessThan(0.1)
    // The erase takes 99 of 140 ms.
    expect(shareOf(1, 1)).toBeGreaterThan(0.6)
    expect(shareOf(1, 2) + shareOf(42, 2)).toBe(1)
    expect(new Set(operations).size).toBe(targets.length)
  })

  test('strike operations that their kind can strike', () => {
    const misfits = linesOf(2000).filter(line => {
      const isErase = line.includes('@1,')
      return isErase ? /torn-(word|buffer)|disturb/.test(line) : line.includes('erase')
    })
    expect(misfits).toEqual([])
  })

  test('are of the kinds that were asked for', () => {
    const lines = linesOf(300, { kinds: ['weak-erase', 'disturb'] })
    expect(lines.filter(line => !/^flash:(weak-erase|disturb)@/.test(line))).toEqual([])
  })

  test('are refused where no operation can be cut so', () => {
    const pages = { targets: [program], seed: 1, count: 5, kinds: ['torn-erase'] }
    expect(() => pointSeries(pages)).toThrow(expect.objectContaining({ code: 'OPTION_UNFIT' }))
  })

  test.each([0, -1, 1.5, NaN, 10_000_001])('are not %d', count => {
    expect(() => checkPointCount(count)).toThrow(expect.objectContaining({ code: 'OPTION_UNFIT' }))
  })
})

describe('a line', () => {
  test('gives back its point', () => {
    for (const line of [...linesOf(null), ...linesOf(200)]) {
      expect(formatPoint(parsePoint(line))).toBe(line)
    }
    const twice = 'flash:weak@21,new=0,p=100,seed=1;flash:torn@1,seed=1'
    expect(formatPoint(parsePoint(twice))).toBe(twice)
  })

  test('without a seed has one', () => {
    expect(formatPoint(parsePoint('flash:torn-erase@117'))).toBe('flash:torn-erase@117,seed=1')
  })

  test.each([
    ['nothing', ''],
    ['an unknown kind', 'flash:flood@1'],
    ['a fault that leaves the power on', 'flash:silent@1'],
    ['an operation 0', 'flash:torn@0'],
    ['a wrong parameter', 'flash:weak@1,p=101'],
    ['half a second cut', 'flash:torn@1;'],
    ['too many cuts', Array.from({ length: 9 }, () => 'flash:torn@1').join(';')],
  ])('with %s is refused', (_, line) => {
    expect(() => parsePoint(line)).toThrow(expect.objectContaining({ code: 'BAD_FAULT' }))
  })

  test('strikes the next operation of its sort, as a fault plan does', () => {
    expect(strikingPoint(parsePoint('flash:torn-word@1'), targets)[0].at).toBe(2)
    expect(strikingPoint(parsePoint('flash:torn@1'), targets)[0].at).toBe(1)
    expect(() => strikingPoint(parsePoint('flash:torn-erase@2'), targets)).toThrow(
      expect.objectContaining({ code: 'BAD_FAULT' }),
    )
  })
})
