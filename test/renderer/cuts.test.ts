import { describe, expect, test } from 'vitest'
import { cutVerdict, type CutReport } from '../../src-main/contract/delta'
import { FLASH_FAULTS as FLASH_FAULT_KINDS } from '../../src-main/handset/flash/flash-faults'
import { countHolds, HOLD_LOOKS, HOLDS, holdOf } from '../../src-renderer/views/cuts/holds'
import { lostOf, pointOf, VERDICTS, wholeNumber } from '../../src-renderer/views/cuts/verdicts'
import { POWER_FAULTS } from '../../src-renderer/views/handset/fault-kinds'

const report: CutReport = {
  points: 100,
  completed: 10,
  old: 20,
  needsFile: 70,
  resumed: 70,
  restorable: 0,
  silent: 0,
  stuck: 0,
  seed: 1,
  firstFailure: null,
  operations: 50,
  seconds: 1,
}

describe('The verdicts of a campaign', () => {
  test('are all there, once each', () => {
    expect(VERDICTS.map(({ verdict }) => verdict)).toEqual(cutVerdict.options)
    const sum = VERDICTS.reduce((total, { field }) => total + report[field], 0)
    expect(sum).toBe(report.points)
  })

  test('count as lost what only a restore brings back, and what the file did not finish', () => {
    expect(lostOf(report)).toBe(0)
    expect(lostOf({ ...report, resumed: 69, restorable: 2, silent: 3, stuck: 4 })).toBe(10)
  })

  test('can be replayed from their line', () => {
    expect(pointOf('flash:torn-erase@117,seed=7')).toEqual({
      operation: 117,
      kind: 'torn-erase',
      seed: 7,
    })
    expect(pointOf('flash:power-cut@3')).toEqual({ operation: 3, kind: 'power-cut', seed: 1 })
    expect(pointOf('link:lost@3')).toBe(null)
  })
})

test('What a sector holds is told by shape as well as by colour', () => {
  expect([...countHolds('oon=..x?')]).toEqual([
    ['old', 2],
    ['new', 1],
    ['same', 1],
    ['empty', 2],
    ['neither', 2],
  ])
  expect(holdOf(undefined).kind).toBe('neither')
  expect(new Set(HOLDS.map(({ kind }) => HOLD_LOOKS[kind])).size).toBe(HOLDS.length)
})

test('Every fault that cuts the power can be chosen, and no other', () => {
  const cutting = FLASH_FAULT_KINDS.filter(({ cutsPower }) => cutsPower)
  expect(POWER_FAULTS).toEqual(cutting.map(({ kind }) => kind))
})

test('A number that a person wrote is whole and within its bounds, or none', () => {
  expect(['1', ' 42 ', '1e3'].map(text => wholeNumber(text, 1, 1000))).toEqual([1, 42, 1000])
  const wrong = ['', ' ', '0', '1001', '1.5', 'x'].map(text => wholeNumber(text, 1, 1000))
  expect(wrong).toEqual(Array(6).fill(null))
})
