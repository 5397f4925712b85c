import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { equalBytes } from '../../src-main/base/bytes'
import { formatFault, type Fault } from '../../src-main/base/fault-plan'
import { seededRandom } from '../../src-main/base/random'
import type { RestoreView } from '../../src-main/contract/restore'
import { FLASH_FAULTS } from '../../src-main/handset/flash/flash-faults'
import type { NorFlash } from '../../src-main/handset/flash/nor-flash'
import type { Handset } from '../../src-main/handset/handset'
import { faulty, firmware, flashOf, openRig, regionBytes, watchOperations } from './restore-rig'

const OLD = firmware('k1-1.0.0.bin')
const NEW = firmware('k1-1.1.0.bin')
/** So often a mark meets each kind of cut. */
const MARK_SEEDS = 3

/** The states in which a cut may leave a handset (decision 0003); the others are defects. */
interface Tally {
  completed: number
  old: number
  restorable: number
}

const CUTS = FLASH_FAULTS.filter(({ cutsPower }) => cutsPower)

interface Cut {
  readonly fault: Fault
  readonly seed: number
}

/**
 * What strikes one of the operations of a restore: a page one kind after the other and `often`,
 * an erase each of them, a mark – they stand first and last – each of them with several seeds.
 */
function cutsAt(index: number, sorts: readonly ('program' | 'erase')[], often: readonly string[]) {
  const sort = sorts[index]
  const fitting = CUTS.filter(({ strikes }) => strikes === 'any' || strikes === sort)
  const isMark = index < 2 || index >= sorts.length - 2
  const turn = fitting[index % fitting.length]?.kind ?? 'torn'
  const isPage = sort === 'program' && !isMark
  const kinds = isPage ? new Set([...often, turn]) : fitting.map(({ kind }) => kind)
  const seeds = Array.from({ length: isMark ? MARK_SEEDS : 1 }, (_, seed) => 1000 * seed + index)
  return [...kinds].flatMap(kind =>
    seeds.map((seed): Cut => ({ fault: { point: 'flash', kind, at: index + 1 }, seed })),
  )
}

describe.each([
  { what: 'a bricked handset', base: flashOf(OLD, true), often: ['power-cut'] },
  { what: 'a handset with older software', base: flashOf(OLD, false), often: [] },
])('the power cut during a restore of real firmware to $what', ({ what, base, often }) => {
  let rig: Awaited<ReturnType<typeof openRig>>
  beforeAll(async () => void (rig = await openRig(NEW)))
  afterAll(() => rig.close())

  const holds = (flash: NorFlash, software: Uint8Array) =>
    equalBytes(regionBytes(flash, software.length), software)

  /** Counts the state that the boot code finds, and says what is wrong with it. */
  function judge(handset: Handset, tally: Tally): string[] {
    if (handset.state !== 'restore-wait') return [`it is ${handset.state}`]
    if (handset.reason !== 'no-cpu') tally.restorable += 1
    else if (holds(handset.flash, NEW)) tally.completed += 1
    else if (holds(handset.flash, OLD)) tally.old += 1
    else return ['damaged software was started']
    return []
  }

  /** A restore whose handset lost its power says so, unless everything was done before. */
  function problemsOfCut({ result, verified }: RestoreView, { state, flash }: Handset): string[] {
    if (state !== 'off') return [`the power is there, and the restore ${result}`]
    if (result === 'interrupted' && !verified) return []
    const isTrue = result === 'written' && verified && holds(flash, NEW)
    return isTrue ? [] : [`the restore was ${result}`]
  }

  /** Restores once more and says what is not as it must be afterwards. */
  async function problemsOfRestoring(handset: Handset): Promise<string[]> {
    const again = await rig.restore()
    const problems: string[] = []
    const isDone = again.result === 'written' || again.result === 'up-to-date'
    if (!isDone || !again.verified) problems.push(`then ${again.result}: ${again.error?.message}`)
    handset.powerOff()
    handset.powerOn()
    if (handset.reason !== 'no-cpu') problems.push(`${handset.reason} at the end`)
    if (!holds(handset.flash, NEW)) problems.push('the flash does not hold the image')
    return problems
  }

  test('at any flash operation, in any torn state, costs one more restore and nothing else [S0-40]', async () => {
    const whole = base.clone()
    const sorts = watchOperations(whole)
    rig.connect(whole)
    expect(await rig.restore()).toMatchObject({ result: 'written', verified: true })
    // Three marks, eleven sectors, 174 pages.
    expect(sorts.length).toBeGreaterThanOrEqual(3 + 11 + 174)

    const tally: Tally = { completed: 0, old: 0, restorable: 0 }
    const failures: string[] = []
    let cuts = 0
    for (const { fault, seed } of sorts.flatMap((_, index) => cutsAt(index, sorts, often))) {
      const { handset } = rig.connect(faulty(base, fault, seed))
      const problems = problemsOfCut(await rig.restore(), handset)
      handset.powerOn()
      problems.push(...judge(handset, tally), ...(await problemsOfRestoring(handset)))
      cuts += 1
      failures.push(...problems.map(problem => `${formatFault(fault)}, seed ${seed}: ${problem}`))
    }
    expect(failures).toEqual([])
    console.log(`power cuts of a restore to ${what}: ${cuts} cuts, ${JSON.stringify(tally)}`)
  }, 600_000)

  test('at any moment, also in the middle of an operation, costs no more [S0-40]', async () => {
    const random = seededRandom(40)
    const tally: Tally = { completed: 0, old: 0, restorable: 0 }
    const failures: string[] = []
    for (let round = 0; round < 60; round++) {
      const milliseconds = random.below(1200)
      const { handset } = rig.connect(base.clone())
      const cancel = rig.clock.after(milliseconds, () => handset.powerOff())
      const first = await rig.restore()
      cancel()
      if (handset.state !== 'off' && first.result !== 'written') failures.push(`${first.result}`)
      if (handset.state === 'off') handset.powerOn()
      const problems = [...judge(handset, tally), ...(await problemsOfRestoring(handset))]
      failures.push(...problems.map(problem => `after ${milliseconds} ms: ${problem}`))
    }
    expect(failures).toEqual([])
    expect(tally.restorable).toBeGreaterThan(10)
  }, 600_000)
})
