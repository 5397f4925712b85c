import { describe, expect, test } from 'vitest'
import { ChangedSectors } from '../../../src-main/wire/delta/changed-sectors'
import type { Cover } from '../../../src-main/wire/delta/covers'
import { RewriteNeeds } from '../../../src-main/wire/delta/rewrite-needs'

const SECTOR = 256

/** What rising order needs of eight sectors that all change but those named. */
function needsOf(covers: readonly Cover[], { staying = [] as number[], groupSectors = 8 } = {}) {
  const geometry = { newBytes: 8 * SECTOR, sectorBytes: SECTOR, groupSectors }
  const sectors = new ChangedSectors(geometry, sector => !staying.includes(sector))
  const needs = new RewriteNeeds(sectors, SECTOR, 4)
  for (const cover of covers) needs.add(cover)
  return needs
}

describe('what a rewrite must keep of the old image', () => {
  test('is nothing of what is still where it was', () => {
    const needs = needsOf([{ newStart: 0, oldStart: 512, length: 256 }])
    expect(needs.backupOf(0)).toEqual({ start: 0, end: 0 })
    expect(needs.stash).toEqual([])
  })

  test('is backed up by the step that overwrites it, for itself and for the next one', () => {
    // Everything moves up by 100: sector 1 needs the end of sector 0 and most of itself.
    const needs = needsOf([{ newStart: 100, oldStart: 0, length: 500 }])
    expect([0, 1, 2].map(step => needs.backupOf(step))).toEqual([
      { start: 0, end: 256 },
      { start: 256, end: 500 },
      { start: 0, end: 0 },
    ])
    expect(needs.stash).toEqual([])
  })

  test('is put aside where it is needed later than one step after', () => {
    const needs = needsOf([{ newStart: 600, oldStart: 10, length: 20 }])
    expect(needs.stash).toEqual([{ start: 10, end: 30 }])
    expect(needs.backupOf(0)).toEqual({ start: 0, end: 0 })
  })

  test('follows the order of the sectors', () => {
    const cover = { newStart: 600, oldStart: 10, length: 20 }
    expect(needsOf([cover], { groupSectors: 1 }).stash).toEqual([])
    const back = { newStart: 10, oldStart: 600, length: 20 }
    expect(needsOf([back], { groupSectors: 1 }).stash).toEqual([{ start: 600, end: 620 }])
  })

  test('is nothing of sectors that stay, nor for them', () => {
    const covers = [
      { newStart: 600, oldStart: 10, length: 20 },
      { newStart: 1024, oldStart: 300, length: 256 },
    ]
    expect(needsOf(covers, { staying: [0, 4] }).stash).toEqual([])
  })

  test('counts steps, not sectors', () => {
    // Sector 1 stays, so that sector 2 is written one step after sector 0.
    const needs = needsOf([{ newStart: 600, oldStart: 10, length: 20 }], { staying: [1] })
    expect(needs.stash).toEqual([])
    expect(needs.backupOf(0)).toEqual({ start: 10, end: 30 })
  })

  test('becomes one range where two are near, overlap or are the same', () => {
    const covers = [
      { newStart: 1000, oldStart: 100, length: 20 },
      { newStart: 1100, oldStart: 10, length: 20 },
      { newStart: 1200, oldStart: 46, length: 38 },
      { newStart: 1300, oldStart: 15, length: 5 },
      { newStart: 1400, oldStart: 200, length: 5 },
    ]
    expect(needsOf(covers).stash).toEqual([
      { start: 10, end: 120 },
      { start: 200, end: 205 },
    ])
    expect(needsOf(covers).stashRangesSeen).toBe(2)
  })

  test('is refused where the table of the stash is too short for it', () => {
    const covers = [0, 1, 2, 3, 4].map(index => ({
      newStart: 1000 + 10 * index,
      oldStart: 50 * index,
      length: 10,
    }))
    expect(() => needsOf(covers)).toThrow('needs more than the 4 ranges of old bytes')
  })
})
