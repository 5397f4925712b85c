import { describe, expect, test } from 'vitest'
import type { NorFlash } from '../../../src-main/handset/flash/nor-flash'
import type { RestoreReason } from '../../../src-main/contract/handsets'
import type { BootCause, BootDecision } from '../../../src-main/handset/boot/boot'
import type { JournalMark } from '../../../src-main/handset/boot/journal-entry'
import { judge } from '../../../src-main/handset/boot/judgement'
import { brickChip } from '../../../src-main/handset/chip'
import { nodeSha256 } from '../../../src-main/handset/service/node-sha256'
import {
  benchOf,
  executable,
  plausibleImage,
  smallChip,
  smallFlash,
  smallModel,
  uploadAll,
  type Bench,
} from '../small-handset'

const image = plausibleImage(9000, 1)

function restored(bytes = image): NorFlash {
  const flash = smallFlash()
  uploadAll(benchOf(flash), bytes)
  return flash
}

function regionInvalid(flaw: string) {
  return { ...restoreMode('region-invalid'), flaw }
}

function restoreMode(reason: RestoreReason) {
  return { kind: 'restore-mode', reason } as const
}

const failed = restoreMode('judgement-failed')

const NOWHERE = 'its vectors lead to no stack or to no code'

describe('boot decides from flash alone', () => {
  test('a handset without software stays in restore mode', () => {
    expect(benchOf(smallFlash()).boot()).toEqual(regionInvalid('it holds no software'))
  })

  test('verified software that could begin is started', () => {
    expect(benchOf(restored()).boot()).toEqual({ kind: 'software' })
  })

  test('the restore key and a reset into restore mode keep good software waiting', () => {
    const bench = benchOf(restored())
    expect(bench.boot({ keyHeld: true })).toEqual(restoreMode('key-held'))
    expect(bench.boot({ resetRequested: true })).toEqual(restoreMode('reset-requested'))
  })

  test('an open journal is no proof of anything, even over the right bytes', () => {
    const flash = restored()
    benchOf(flash).journal.append({
      kind: 'begin',
      length: image.length,
      sha256: nodeSha256([image]),
    })
    const bench = benchOf(flash)
    expect(bench.boot()).toEqual(restoreMode('journal-open'))
    expect(bench.boot({ keyHeld: true })).toEqual(restoreMode('journal-open'))
  })

  test('software of which one bit fell after it was verified is not started', () => {
    const flash = restored()
    const at = executable.address + image.findLastIndex(byte => byte !== 0)
    const byte = flash.read(at, 1)[0]!
    flash.program(at, Uint8Array.of(byte & (byte - 1)))
    const flaw = 'its bytes are not those that were verified'
    expect(benchOf(flash).boot()).toEqual(regionInvalid(flaw))
  })

  test('a bricked chip has an open journal', () => {
    for (let seed = 0; seed < 20; seed++) {
      const contents = smallChip()
      brickChip(contents, { model: smallModel, name: 'bench', seed, sha256: nodeSha256 })
      const bench = benchOf(smallFlash({ contents }))
      expect(bench.boot()).toEqual(restoreMode('journal-open'))
    }
  })
})

describe('vectors that a Cortex-M could not begin with are not started', () => {
  test.each<[string, string]>([
    ['a stack that begins below RAM', '00000020 09110010'],
    ['a stack above RAM', '04400020 09110010'],
    ['a stack off its alignment', '02400020 09110010'],
    ['a handler without the Thumb bit', '00400020 08110010'],
    ['a handler before the region', '00400020 010f0010'],
    ['a handler behind the region', '00400020 01700010'],
    ['an erased table', 'ffffffff ffffffff'],
  ])('%s', (_what, vectors) => {
    const bytes = image.slice()
    bytes.set(
      Uint8Array.from(vectors.match(/[0-9a-f]{2}/g) ?? [], hex => Number(`0x${hex}`)),
      0x100,
    )
    expect(benchOf(restored(bytes)).boot()).toEqual(regionInvalid(NOWHERE))
  })

  test('software that ends before its vectors', () => {
    expect(benchOf(restored(image.subarray(0, 200))).boot()).toEqual(regionInvalid(NOWHERE))
  })
})

describe('boot after a rewrite in place', () => {
  const whole = { length: image.length, sha256: nodeSha256([image]) }
  const file = { length: 77, sha256: nodeSha256([Uint8Array.of(1)]) }
  const rewrite = { kind: 'rewrite', ...file, step: 3, backup: null, backupBefore: 0 } as const
  const watchdog = { by: 'watchdog' } as const

  /** The software lies there whole; only the journal says what it is worth. */
  function marked(mark: JournalMark): Bench {
    const flash = restored()
    benchOf(flash).journal.append(mark)
    return benchOf(flash)
  }

  test.each<[string, JournalMark, Partial<BootCause>, BootDecision]>([
    ['rewriting', rewrite, {}, restoreMode('needs-file')],
    ['rewriting, key held', rewrite, { keyHeld: true }, restoreMode('needs-file')],
    ['all written', { kind: 'rewritten', ...whole }, {}, { kind: 'trial' }],
    [
      'all written, key held',
      { kind: 'rewritten', ...whole },
      { keyHeld: true },
      restoreMode('key-held'),
    ],
    [
      'all written, restore mode asked for',
      { kind: 'rewritten', ...whole },
      { resetRequested: true },
      restoreMode('reset-requested'),
    ],
    [
      'all written, and other bytes than announced',
      { kind: 'rewritten', ...file },
      {},
      { ...failed, flaw: 'its bytes are not those that were verified' },
    ],
    ['judged to be wrong, though it reads right', { kind: 'failed', ...whole }, {}, failed],
    ['judged to be right', { kind: 'done', ...whole }, {}, { kind: 'software' }],
    ['judged to be right, long ago', { kind: 'done', ...whole }, watchdog, { kind: 'software' }],
  ])('%s [S0-22] [S0-37] [S0-38]', (_what, mark, cause, decision) => {
    expect(marked(mark).boot(cause)).toEqual(decision)
  })

  test('software that the watchdog stops in its trial has failed it [S0-23]', () => {
    const flaw = 'it stopped feeding the watchdog when it was started for the first time'
    expect(marked({ kind: 'rewritten', ...whole }).boot(watchdog)).toEqual({ ...failed, flaw })
  })

  test.each([
    ['sound', true, 'done'],
    ['not sound', false, 'failed'],
  ] as const)('software that is found %s is judged once [S0-22]', (_what, isSound, kind) => {
    const { journal } = marked({ kind: 'rewritten', ...whole })
    judge(journal, isSound)
    expect(journal.newest()).toMatchObject({ kind, ...whole })
    const { sequence } = journal.newest()!
    judge(journal, !isSound)
    expect(journal.newest()?.sequence).toBe(sequence)
  })

  test('a chip that does not take the judgement is judged at the next start', () => {
    const flash = restored()
    benchOf(flash).journal.append({ kind: 'rewritten', ...whole })
    flash.faults.add({ point: 'flash', kind: 'protected', at: flash.faults.passed('flash') + 1 })
    judge(benchOf(flash).journal, true)
    expect(benchOf(flash).boot()).toEqual({ kind: 'trial' })
  })

  test.each<[string, JournalMark]>([
    ['was being rewritten', rewrite],
    ['was rewritten and not judged', { kind: 'rewritten', ...whole }],
    ['failed', { kind: 'failed', ...whole }],
  ])('software that %s is restored by wire [S0-24] [S0-32]', (_what, mark) => {
    const bench = marked(mark)
    expect(uploadAll(bench, plausibleImage(7000, 3))).toMatchObject({ match: true })
    expect(bench.boot()).toEqual({ kind: 'software' })
    expect(bench.journal.newest()).toMatchObject({ kind: 'done', length: 7000 })
  })
})
