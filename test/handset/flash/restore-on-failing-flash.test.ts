import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import { equalBytes } from '../../../src-main/base/bytes'
import { FaultPlan } from '../../../src-main/base/fault-plan'
import { FLASH_FAULTS, parseFlashFault } from '../../../src-main/handset/flash/flash-faults'
import { PowerCut } from '../../../src-main/handset/flash/flash-port'
import type { NorFlash } from '../../../src-main/handset/flash/nor-flash'
import { nodeSha256 } from '../../../src-main/handset/service/node-sha256'
import type { SmpPayload } from '../../../src-main/wire/smp/packet'
import {
  benchOf,
  executable,
  plausibleImage,
  smallFlash,
  untouchedDigests,
  uploadAll,
} from '../small-handset'

const image = plausibleImage(10_000, 1)
const sha = nodeSha256([image])
const old = plausibleImage(12_000, 2)
const start = smallFlash()
uploadAll(benchOf(start), old)
const untouched = untouchedDigests(start)

/** A sender that follows the answers gives up at the first error. */
function restore(flash: NorFlash): SmpPayload {
  const bench = benchOf(flash)
  let answer: SmpPayload = { off: 0 }
  for (let off = 0; off < image.length; off = Number(answer['off'])) {
    const data = image.subarray(off, off + 500)
    answer = bench.upload(off === 0 ? { off, len: image.length, sha, data } : { off, data })
    if (answer['rc'] !== 0) return answer
  }
  return answer
}

/** Undefined: the power failed. */
function tryRestore(flash: NorFlash): SmpPayload | undefined {
  try {
    return restore(flash)
  } catch (error) {
    if (error instanceof PowerCut) return undefined
    throw error
  }
}

function restoreWith(line: string) {
  const flash = start.clone({ faults: new FaultPlan([parseFlashFault(line)]) })
  const answer = tryRestore(flash)
  // A fault that found nothing to strike does not wait for the next restore.
  flash.faults.clear('flash')
  return { flash, answer }
}

function isRestored(answer: SmpPayload): boolean {
  return answer['rc'] === 0 && answer['match'] === true
}

function holds(flash: NorFlash, software: Uint8Array): boolean {
  return equalBytes(flash.peek(executable.address, software.length), software)
}

function powerCycle(flash: NorFlash): void {
  flash.settle()
  flash.interrupt(0)
  flash.powerUp()
}

/** What is wrong after a restore that met a fault; empty where all is as it must be. */
function problemsAfter(line: string, cutsPower: boolean): string[] {
  const { flash, answer } = restoreWith(line)
  const problems: string[] = []
  if (answer ? !isTrue(answer, flash) : !cutsPower) problems.push('a wrong end')
  powerCycle(flash)
  const isWhole = holds(flash, image) || holds(flash, old)
  if (benchOf(flash).boot().kind === 'software' && !isWhole) problems.push('damage was started')
  if (!isDeepStrictEqual(untouchedDigests(flash), untouched)) problems.push('too much was written')
  if (!line.startsWith('flash:worn')) problems.push(...problemsOfRestoring(flash))
  return problems.map(problem => `${line}: ${problem}`)
}

/** A restore says that it failed, or it did not. */
function isTrue(answer: SmpPayload, flash: NorFlash): boolean {
  if (isRestored(answer)) return holds(flash, image)
  return answer['rc'] === 1 || answer['match'] === false
}

function problemsOfRestoring(flash: NorFlash): string[] {
  // A sector whose erase was cut short may cost one more attempt.
  const isDone = isRestored(restore(flash)) || isRestored(restore(flash))
  powerCycle(flash)
  const isWhole = benchOf(flash).boot().kind === 'software' && holds(flash, image)
  return isDone && isWhole ? [] : ['it was not restored']
}

const counted = start.clone()
restore(counted)
const operations = Array.from(
  { length: counted.operations - start.operations },
  (_, index) => index + 1,
)

test('a restore is three marks, each in a sector of its own, three sectors and forty pages', () => {
  expect(operations.length).toBe(2 * 3 + 3 + 40)
})

describe.each(FLASH_FAULTS)('$kind at any operation of a restore', ({ kind, cutsPower }) => {
  test('ends it with an answer or the power, and the next restores bring the handset back', () => {
    const problems = operations.flatMap(at => problemsAfter(`flash:${kind}@${at}`, cutsPower))
    expect(problems).toEqual([])
  })
})

describe('what the chip reports', () => {
  test.each(['error', 'protected', 'timed-out'])('%s ends the upload and keeps the mark', kind => {
    const { flash, answer } = restoreWith(`flash:${kind}@20`)
    expect(answer).toEqual({ rc: 1 })
    expect(benchOf(flash).boot()).toEqual({ kind: 'restore-mode', reason: 'journal-open' })
  })

  test.each(['error', 'protected', 'timed-out', 'silent'])(
    'a begin mark that meets %s keeps the region from being touched',
    kind => {
      const { flash, answer } = restoreWith(`flash:${kind}@2`)
      expect(answer).toEqual({ rc: 1 })
      expect(flash.operations - start.operations).toBe(2)
      expect(holds(flash, old)).toBe(true)
    },
  )

  test('a done mark that is not what was written leaves the journal open', () => {
    const { flash, answer } = restoreWith(`flash:silent@${operations.length}`)
    expect(answer).toEqual({ rc: 1 })
    expect(benchOf(flash).boot()).toEqual({ kind: 'restore-mode', reason: 'journal-open' })
  })

  test('a worn sector is never taken for restored', () => {
    const { flash } = restoreWith('flash:worn@5')
    expect(restore(flash)['rc']).toBe(1)
    expect(benchOf(flash).boot().kind).toBe('restore-mode')
  })
})
