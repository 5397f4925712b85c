import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import { FaultPlan, formatFault, type Fault } from '../../src-main/base/fault-plan'
import { seededRandom } from '../../src-main/base/random'
import { equalBytes } from '../../src-main/base/bytes'
import { brickChip } from '../../src-main/handset/chip'
import { Journal } from '../../src-main/handset/boot/journal'
import type { JournalMark } from '../../src-main/handset/boot/journal-entry'
import { hasPlausibleVectors } from '../../src-main/handset/boot/software'
import { PowerCut, type FlashPort } from '../../src-main/handset/flash/flash-port'
import { FLASH_FAULT_POINT, type NorFlash } from '../../src-main/handset/flash/nor-flash'
import { nodeSha256 } from '../../src-main/handset/service/node-sha256'
import {
  benchOf,
  soundCode,
  type BootCode,
  executable,
  plausibleImage,
  smallChip,
  smallFlash,
  smallModel,
  untouchedDigests,
  uploadAll,
} from '../handset/small-handset'

const image = plausibleImage(10_000, 1)
const old = plausibleImage(12_000, 2)
const TORN_SEEDS = 6
const PAIRS = 300

interface Start {
  readonly what: string
  readonly flash: NorFlash
  /** Software that boot may start when it is there to the last byte. */
  readonly trusted: readonly Uint8Array[]
  /** Digests of what no restore may write to. */
  readonly untouched: Readonly<Record<string, string>>
}

const starts: readonly Start[] = [
  startOf('a bricked handset', bricked(), [image]),
  startOf('a handset with other software', holding(old), [old, image]),
  startOf('a handset whose next mark fills its journal', journaled(191), [old, image]),
  startOf('a handset whose journal is full', journaled(192), [old, image]),
]

function startOf(what: string, flash: NorFlash, trusted: readonly Uint8Array[]): Start {
  return { what, flash, trusted, untouched: untouchedDigests(flash) }
}

function bricked(): NorFlash {
  const contents = smallChip()
  brickChip(contents, { model: smallModel, name: 'bench', seed: 5, sha256: nodeSha256 })
  return smallFlash({ contents })
}

function holding(software: Uint8Array): NorFlash {
  const flash = smallFlash()
  uploadAll(benchOf(flash), software)
  return flash
}

/** Other software, vouched for by the last of so many marks. */
function journaled(marks: number): NorFlash {
  const flash = holding(old)
  const { journal } = benchOf(flash)
  const mark = { kind: 'done', length: old.length, sha256: nodeSha256([old]) } as const
  while ((journal.newest()?.sequence ?? 0) < marks) journal.append(mark)
  return flash
}

function operationsOf(flash: NorFlash): number {
  const counted = flash.clone()
  uploadAll(benchOf(counted), image)
  return counted.operations - flash.operations
}

/** Before the operation, and in the middle of it in several ways. */
function cutsAt(at: number): readonly Cut[] {
  const torn = Array.from({ length: TORN_SEEDS }, (_, seed) => ({
    fault: { point: 'flash', kind: 'torn', at },
    seed,
  }))
  return [{ fault: { point: 'flash', kind: 'power-cut', at }, seed: 0 }, ...torn]
}

interface Cut {
  readonly fault: Fault
  readonly seed: number
}

function lineOf(cuts: readonly Cut[]): string {
  return cuts.map(({ fault, seed }) => `${formatFault(fault)} with seed ${seed}`).join(', then ')
}

/** Begins a restore and loses the power at the fault. */
function cutRestore(flash: NorFlash, { fault, seed }: Cut, code: BootCode): NorFlash {
  const cut = flash.clone({ faults: new FaultPlan([fault]), random: seededRandom(seed) })
  try {
    uploadAll(benchOf(cut, code), image)
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error
  }
  // After an earlier cut a restore may need fewer operations, and then it ends in peace.
  cut.faults.clear(FLASH_FAULT_POINT)
  cut.powerUp()
  return cut
}

function holds(flash: NorFlash, software: Uint8Array): boolean {
  return equalBytes(flash.read(executable.address, software.length), software)
}

/** What is wrong after restores that were cut; empty where the handset is as it must be. */
function problemsAfter(start: Start, cuts: readonly Cut[], code: BootCode = soundCode): string[] {
  const flash = cuts.reduce((before, cut) => cutRestore(before, cut, code), start.flash)
  const problems: string[] = []
  const decision = benchOf(flash, code).boot()
  // Software is started only where the region holds, byte for byte, what may be trusted.
  const isWhole = start.trusted.some(software => holds(flash, software))
  if (decision.kind === 'software' && !isWhole) problems.push('damaged software was started')
  if (decision.kind === 'restore-mode' && decision.reason !== 'journal-open') {
    problems.push(`restore mode because of ${decision.reason}`)
  }
  if (uploadAll(benchOf(flash, code), image)['match'] !== true) problems.push('the restore failed')
  if (benchOf(flash, code).boot().kind !== 'software') problems.push('it was not started')
  if (!holds(flash, image)) problems.push('the flash does not hold the image')
  const isUntouched = isDeepStrictEqual(untouchedDigests(flash), start.untouched)
  if (!isUntouched) problems.push('more than the region was written')
  return problems.map(problem => `${lineOf(cuts)}: ${problem}`)
}

function problemsOfEveryCut(start: Start, code?: BootCode): string[] {
  const cuts = Array.from({ length: operationsOf(start.flash) }, (_, index) => cutsAt(index + 1))
  return cuts.flat().flatMap(cut => problemsAfter(start, [cut], code))
}

describe.each(starts)('restoring $what', start => {
  test('with the power cut at any flash operation, one more restore always brings it back', () => {
    // At least two marks, three sectors and forty pages.
    expect(operationsOf(start.flash)).toBeGreaterThanOrEqual(2 + 3 + 40)
    expect(problemsOfEveryCut(start)).toEqual([])
  })

  test('with the power cut twice, at seeded operations of two restores', () => {
    const random = seededRandom(11)
    const operations = operationsOf(start.flash)
    const draw = (): Cut => ({
      fault: {
        point: 'flash',
        kind: random.below(2) === 0 ? 'power-cut' : 'torn',
        at: 1 + random.below(operations),
      },
      seed: random.below(1000),
    })
    const pairs = Array.from({ length: PAIRS }, () => [draw(), draw()])
    expect(pairs.flatMap(cuts => problemsAfter(start, cuts))).toEqual([])
  })
})

describe('the sweep catches a planted defect:', () => {
  class NoBeginMark extends Journal {
    override append(mark: JournalMark): void {
      if (mark.kind === 'done') super.append(mark)
    }
  }

  /** Erases all sectors of the journal where one is asked for. */
  function eraseAll(flash: FlashPort): FlashPort {
    return {
      ...flash,
      erase() {
        const { bytes, sectorBytes } = flash.geometry
        for (let address = 0; address < bytes; address += sectorBytes) flash.erase(address)
      },
    }
  }

  const believes: BootCode['decideBoot'] = place =>
    hasPlausibleVectors(place)
      ? { kind: 'software' }
      : { kind: 'restore-mode', reason: 'region-invalid' }

  test.each<[string, BootCode]>([
    ['no begin mark', { ...soundCode, journalOn: flash => new NoBeginMark(flash) }],
    ['a region accepted because it reads right', { ...soundCode, decideBoot: believes }],
    [
      'the newest mark erased with the old ones',
      { ...soundCode, journalOn: flash => new Journal(eraseAll(flash)) },
    ],
  ])('%s', (_what, code) => {
    expect(starts.some(start => problemsOfEveryCut(start, code).length > 0)).toBe(true)
  })
})
