import { array, assert, boolean, integer, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ChangedSectors, readRuns, writeRuns } from '../../../src-main/wire/delta/changed-sectors'
import { NumberWriter } from '../../../src-main/wire/delta/number-coding'
import { chainingStatesOf, groupsInOrder } from '../../../src-main/wire/delta/write-order'

const SECTOR = 256

function geometryOf(sectors: number, groupSectors: number) {
  return { newBytes: sectors * SECTOR, sectorBytes: SECTOR, groupSectors }
}

function orderOf(changed: readonly boolean[], groupSectors: number): number[] {
  const geometry = geometryOf(changed.length, groupSectors)
  return [...new ChangedSectors(geometry, sector => changed[sector]!).inOrder()]
}

function sourceOf(bytes: Uint8Array) {
  let at = 0
  return { next: () => bytes[at++] ?? 0 }
}

function runsOf(...runs: number[]): Uint8Array {
  const writer = new NumberWriter()
  for (const run of runs) writer.varint(run)
  return writer.taken()
}

describe('the order in which sectors are written', () => {
  const all = Array.from({ length: 5 }, () => true)

  test('is falling in groups of one, rising in one group, and both between', () => {
    expect(orderOf(all, 1)).toEqual([4, 3, 2, 1, 0])
    expect(orderOf(all, 2)).toEqual([4, 2, 3, 0, 1])
    expect(orderOf(all, 5)).toEqual([0, 1, 2, 3, 4])
    expect(orderOf([true, false, true, true, false], 2)).toEqual([2, 3, 0])
  })

  test('covers every byte of the image once, the last group being as short as need be', () => {
    const groups = [...groupsInOrder({ newBytes: 1000, sectorBytes: SECTOR, groupSectors: 3 })]
    expect(groups).toEqual([
      { index: 1, firstSector: 3, sectorCount: 1, start: 768, end: 1000 },
      { index: 0, firstSector: 0, sectorCount: 3, start: 0, end: 768 },
    ])
    expect(chainingStatesOf({ newBytes: 1000, sectorBytes: SECTOR, groupSectors: 3 })).toBe(1)
    expect(chainingStatesOf({ newBytes: 0, sectorBytes: SECTOR, groupSectors: 1 })).toBe(0)
  })

  test('gives each changed sector one step, and no step to any other', () => {
    assert(
      property(
        array(boolean(), { maxLength: 40 }),
        integer({ min: 1, max: 45 }),
        (changed, group) => {
          const geometry = geometryOf(changed.length, group)
          const sectors = new ChangedSectors(geometry, sector => changed[sector]!)
          const order = [...sectors.inOrder()]
          expect(order.map(sector => sectors.stepOf(sector))).toEqual([...order.keys()])
          expect(new Set(order)).toEqual(new Set([...changed.keys()].filter(at => changed[at])))
          expect(sectors.stepCount).toBe(order.length)
          expect(sectors.stepOf(changed.length)).toBe(-1)
        },
      ),
    )
  })
})

describe('the runs of sectors that stay or change', () => {
  test('are read as they were written', () => {
    assert(
      property(array(boolean(), { maxLength: 60 }), changed => {
        const geometry = geometryOf(changed.length, 4)
        const sectors = new ChangedSectors(geometry, sector => changed[sector]!)
        const writer = new NumberWriter()
        writeRuns(writer, geometry, sectors)
        const read = readRuns(sourceOf(writer.taken()), geometry)
        expect([...read.inOrder()]).toEqual([...sectors.inOrder()])
      }),
    )
  })

  test.each([
    ['more sectors than there are', [0, 9]],
    ['more sectors than a number of 31 bits', [0xffff_ffff]],
    ['an empty run in the middle', [2, 0, 6]],
    ['an empty run after an empty one', [0, 0, 8]],
  ])('of %s are refused', (_, runs) => {
    const geometry = geometryOf(8, 1)
    expect(() => readRuns(sourceOf(runsOf(...runs)), geometry)).toThrow(
      /^The differential file (says of more sectors|names a run of no sectors)/,
    )
  })
})
