import { describe, expect, test } from 'vitest'
import { FaultPlan } from '../../../src-main/base/fault-plan'
import { seededRandom } from '../../../src-main/base/random'
import { FlashFailure } from '../../../src-main/handset/flash/flash-port'
import { nodeSha256 } from '../../../src-main/handset/service/node-sha256'
import type { RewritePlan, RewriteSource } from '../../../src-main/wire/delta/rewrite-source'
import {
  cutKinds,
  FILE_BYTES,
  FILE_DIGEST,
  holds,
  operationsOf,
  poweredOn,
  powerCycle,
  problemsAfter,
  runAll,
  tinyFlash,
  type Cut,
} from './rewrite-bench'
import { full, shifted, shiftedForwards, shuffled, tiny, tinyImage } from './rewrite-cases'

const cases = [shifted, shiftedForwards, shuffled, tiny, full]

describe.each(cases)('a rewrite in place, $name,', each => {
  const start = tinyFlash(each.old)

  test('leaves the new software and a journal that asks for judgement [S0-16] [S0-20]', () => {
    const flash = start.clone()
    const progress = [...poweredOn(flash).rewriter(each.source()).run()]
    expect(holds(flash, each.fresh)).toBe(true)
    expect(poweredOn(flash).boot()).toEqual({ kind: 'trial' })
    const total = each.source().plan.steps.reduce((sum, { bytes }) => sum + bytes, 0)
    expect(progress[0]).toEqual({ doneBytes: 0, totalBytes: total })
    expect(progress.at(-1)).toEqual({ doneBytes: total, totalBytes: total })
    const done = progress.map(({ doneBytes }) => doneBytes)
    expect(done).toEqual(done.toSorted((a, b) => a - b))
  })

  test('that is not disturbed needs no second start', () => {
    expect(problemsAfter(start, each, [])).toEqual([])
  })
})

test('sectors without a step are never erased', () => {
  const flash = tinyFlash(shuffled.old)
  runAll(poweredOn(flash).rewriter(shuffled.source()))
  const erases = [1, 2, 3, 4, 5, 6, 7, 8].map(sector => flash.wear(sector))
  expect(erases).toEqual([1, 0, 1, 1, 1, 1, 1, 0])
})

test('each step is one mark, one backup, one erase and its pages', () => {
  const flash = tinyFlash(shifted.old)
  const operations = operationsOf(flash, shifted)
  const { steps } = shifted.source().plan
  const pages = (bytes: number) => Math.ceil(bytes / 64)
  const written = steps.reduce((sum, { bytes }) => sum + pages(bytes), 0)
  const backedUp = steps.reduce((sum, { backup }) => sum + pages(backup.end - backup.start), 0)
  // Backups of three pages of four, so one in each sector. The mark of the old software comes twice
  // before, that of the new one behind; a sector of the journal takes four marks.
  const [ring, journal] = [8, 3]
  expect(operations).toBe(steps.length + written + ring + backedUp + journal + 2 + 8 + 1)
})

describe('the power fails', () => {
  test.each([shifted, shiftedForwards, shuffled])(
    'at any operation and in any way, $name: the same file finishes it [S0-36] [S0-37] [S0-38]',
    each => {
      const start = tinyFlash(each.old)
      // The last operation is `done`, at the start after the rewrite.
      const operations = operationsOf(start, each) + 2
      const problems: string[] = []
      for (let at = 1; at <= operations; at++) {
        for (const fault of cutKinds) problems.push(...problemsAfter(start, each, [{ fault, at }]))
      }
      expect(problems).toEqual([])
    },
  )

  test('and again at any of the first operations of the second start [S0-37]', () => {
    const start = tinyFlash(tiny.old)
    const operations = operationsOf(start, tiny)
    const kinds = ['torn,seed=1', 'weak,new=0', 'weak,new=1', 'disturb,seed=1', 'weak-erase']
    const seconds = kinds.flatMap(fault => [1, 2, 3, 4, 5, 6].map(at => ({ fault, at })))
    const problems: string[] = []
    for (let at = 1; at <= operations; at++) {
      for (const fault of kinds) {
        for (const second of seconds) {
          problems.push(...problemsAfter(start, tiny, [{ fault, at }, second]))
        }
      }
    }
    expect(problems).toEqual([])
  })

  test.each<[string, readonly Cut[]]>([
    [
      'a first mark that is read only after the next attempt has taken its backups',
      [cutAt('weak,new=0,p=100', 10), cutAt('torn,seed=1', 5), cutAt('weak,new=1', 1)],
    ],
    [
      'a weak mark that is gone, and an older one that shows in its place',
      [cutAt('weak,new=1,seed=581', 16), cutAt('weak,new=0,p=100', 3), cutAt('torn,seed=5', 2)],
    ],
  ])('leaving %s', (_what, cuts) => {
    expect(problemsAfter(tinyFlash(tiny.old), tiny, cuts)).toEqual([])
  })

  test('up to five times, anywhere', () => {
    const random = seededRandom(20)
    const starts = cases.map(each => ({ each, start: tinyFlash(each.old) }))
    const problems: string[] = []
    for (let count = 0; count < 600; count++) {
      const { each, start } = starts[random.below(starts.length)]!
      const cuts = Array.from({ length: 2 + random.below(4) }, (): Cut => {
        const fault = cutKinds[random.below(cutKinds.length)]!
        return { fault, at: 1 + random.below(random.below(2) === 0 ? 8 : 60) }
      })
      problems.push(...problemsAfter(start, each, cuts))
    }
    expect(problems).toEqual([])
  })
})

describe('refused before anything is touched:', () => {
  const start = tinyFlash(shifted.old)

  function refusal(
    source: RewriteSource,
    { flash = start.clone(), bytes = FILE_BYTES, sha256 = FILE_DIGEST } = {},
  ): string {
    const before = flash.dump()
    const { operations } = flash
    const rewriter = poweredOn(flash).rewriter(source, { bytes, sha256 })
    const said = String(failureOf(() => void runAll(rewriter)))
    expect(flash.operations).toBe(operations)
    expect(flash.dump()).toEqual(before)
    return said
  }

  /** A rewrite of which the journal says that it was begun. */
  function begun() {
    const flash = start.clone()
    const steps = poweredOn(flash).rewriter(shifted.source()).run()
    while (poweredOn(flash).journal.newest()?.kind !== 'rewrite') steps.next()
    powerCycle(flash)
    return flash
  }

  test('a file made from other software [S0-17]', () => {
    expect(refusal(shiftedForwards.source(), { flash: tinyFlash(tinyImage(1900, 6)) })).toContain(
      'It was made from other software than the handset holds.',
    )
  })

  test('a file that needs more old bytes than were verified, however they read', () => {
    const flash = start.clone()
    const verified = shifted.old.subarray(0, 1899)
    const mark = { length: verified.length, sha256: nodeSha256([verified]) }
    poweredOn(flash).journal.append({ kind: 'done', ...mark })
    const said = 'It needs 1900 bytes of the old software, and 1899 are verified.'
    expect(refusal(shifted.source(), { flash })).toContain(said)
  })

  test('another file than the one that was begun with', () => {
    const said = `CodedError: Only the file of ${FILE_BYTES} bytes with SHA-256`
    const sha256 = nodeSha256([Uint8Array.of(8)])
    expect(refusal(shifted.source(), { flash: begun(), sha256 })).toContain(said)
    expect(refusal(shifted.source(), { flash: begun(), bytes: 778 })).toContain(said)
    const flash = begun()
    runAll(poweredOn(flash).rewriter(shifted.source()))
    expect(holds(flash, shifted.fresh)).toBe(true)
  })

  test('a step that the file does not have', () => {
    const flash = start.clone()
    const backups = { backup: null, backupBefore: null }
    const mark = { kind: 'rewrite' as const, length: FILE_BYTES, sha256: FILE_DIGEST, ...backups }
    poweredOn(flash).journal.append({ ...mark, step: 8 })
    expect(refusal(shifted.source(), { flash })).toContain('The journal says that step 8 is next.')
    poweredOn(flash).journal.append({ ...mark, step: 1, backup: 0x300 })
    expect(refusal(shifted.source(), { flash })).toContain('The journal says that step 1 is next.')
  })

  test.each(['begin', 'rewritten', 'failed'] as const)('any file after a mark of %s', kind => {
    const flash = start.clone()
    poweredOn(flash).journal.append({ kind, length: 1900, sha256: FILE_DIGEST })
    expect(refusal(shifted.source(), { flash })).toContain('What it holds is not verified')
  })

  const { plan } = shifted.source()
  const step = { sector: 7, bytes: 208, backup: { start: 0, end: 0 } }
  test.each<[string, Partial<RewritePlan>, string]>([
    ['other sectors', { sectorBytes: 512 }, 'made for sectors of 512 bytes, the flash has 256'],
    ['no new software', { newBytes: 0, steps: [] }, 'The new software has no bytes'],
    ['larger old software', { oldBytes: 2049 }, 'The old software has 2049 bytes, the exec'],
    ['larger new software', { newBytes: 2049 }, 'The new software has 2049 bytes, the exec'],
    ['a stash that is too small', { stash: [{ start: 0, end: 769 }] }, 'puts 769 bytes aside'],
    ['a stash behind the end', { stash: [{ start: 1800, end: 1901 }] }, 'aside 1800 to 1901 of'],
    ['a stash that ends before it begins', { stash: [{ start: 9, end: 8 }] }, 'aside 9 to 8 of'],
    ['a sector twice', { steps: [step, step] }, 'Its step for sector 7 makes no sense'],
    ['a sector outside', { steps: [{ ...step, sector: 8, bytes: 0 }] }, 'for sector 8 makes'],
    ['a sector below 0', { steps: [{ ...step, sector: -1, bytes: 0 }] }, 'for sector -1 makes'],
    ['a step behind the end', { steps: [{ ...step, bytes: 209 }] }, 'for sector 7 makes no'],
    [
      'a backup of another sector',
      { steps: [{ ...step, backup: { start: 1791, end: 1800 } }] },
      'Its step for sector 7 makes no sense',
    ],
    [
      'a backup behind the old software',
      { steps: [{ ...step, backup: { start: 1800, end: 1901 } }] },
      'Its step for sector 7 makes no sense',
    ],
  ])('a plan with %s', (_what, changed, said) => {
    expect(refusal({ ...shifted.source(), plan: { ...plan, ...changed } })).toContain(said)
  })
})

describe('a source that is not what its plan says is given up, with the journal open:', () => {
  test.each<[string, RewriteSource['pieces'], string]>([
    ['too few bytes', () => [new Uint8Array(100)], 'has too few bytes for sector 7'],
    ['too many bytes', () => [new Uint8Array(257)], 'has too many bytes for a sector'],
    ['old bytes that are gone', gone(1700, 1), 'needs byte 1700 of the old image in step 1'],
    ['old bytes that never were', gone(1900, 0), 'needs byte 1900 of the old image in step 0'],
    ['what nobody put aside', gone(1600, 3), 'needs byte 1600 of the old image in step 3'],
  ])('%s', (_what, pieces, said) => {
    const flash = tinyFlash(shifted.old)
    const source = { ...shifted.source(), pieces }
    expect(() => runAll(poweredOn(flash).rewriter(source))).toThrow(said)
    const boot = poweredOn(flash).boot()
    expect(boot).toEqual({ kind: 'restore-mode', reason: 'needs-file' })
  })

  function gone(offset: number, inStep: number): RewriteSource['pieces'] {
    return function* (step, readOld) {
      if (step === inStep) readOld(offset, new Uint8Array(1))
      yield* shifted.source().pieces(step, readOld)
    }
  }
})

describe('what the chip does not do', () => {
  const start = tinyFlash(shifted.old)
  const operations = operationsOf(start, shifted)
  const kinds = ['silent', 'error', 'protected', 'timed-out', 'flip', 'worn']

  /** What is wrong after a fault in one operation; empty where all is as it must be. */
  function problemsOf(kind: string, at: number): string[] {
    const flash = start.clone({ faults: new FaultPlan([{ point: 'flash', kind, at }]) })
    const failure = failureOf(() => runAll(poweredOn(flash).rewriter(shifted.source())))
    flash.faults.clear('flash')
    powerCycle(flash)
    const isWhole = holds(flash, shifted.old) || holds(flash, shifted.fresh)
    const problems: string[] = []
    if (failure && !(failure instanceof FlashFailure)) problems.push(String(failure))
    if (poweredOn(flash).boot().kind !== 'restore-mode' && !isWhole) problems.push('damage started')
    const isRestored = poweredOn(flash).restore(full.old).outcome === 'verified'
    // What is worn stays so.
    if (!isRestored && kind !== 'worn') problems.push('not restored')
    return problems.map(problem => `${kind}@${at}: ${problem}`)
  }

  test.each(kinds)(
    '%s, at any operation: nothing damaged starts, a restore helps [S0-23]',
    kind => {
      const all = Array.from({ length: operations }, (_, index) => problemsOf(kind, index + 1))
      expect(all.flat()).toEqual([])
    },
  )
})

function cutAt(fault: string, at: number): Cut {
  return { fault, at }
}

function failureOf(run: () => void): Error | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    if (error instanceof Error) return error
    throw error
  }
}
