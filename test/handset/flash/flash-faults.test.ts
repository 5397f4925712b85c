import { describe, expect, test } from 'vitest'
import { CodedError } from '../../../src-main/base/coded-error'
import { formatFault } from '../../../src-main/base/fault-plan'
import {
  FLASH_FAULTS,
  parametersOf,
  parseFlashFault,
} from '../../../src-main/handset/flash/flash-faults'
import {
  BEFORE,
  ERASED,
  operate,
  PAGE,
  PROGRAMMED,
  SECTOR,
  sectorHex,
  tinyFlash,
  type Operation,
} from './sample-flash'

type Planted = readonly [line: string, operation: Operation, end: string, after: string]

/** Before: `ffffffffffffffff 0123456789abcdef`. A program writes `5aa53cc300ff0ff0` before it. */
const planted: readonly Planted[] = [
  ['power-cut@1', 'program', 'cut', 'ffffffffffffffff 0123456789abcdef'],
  ['power-cut@1', 'erase', 'cut', 'ffffffffffffffff 0123456789abcdef'],
  ['torn@1', 'program', 'cut', 'ffff3fd7ffffffff 0123456789abcdef'],
  ['torn@1,seed=3', 'program', 'cut', 'ffffffff95ffffff 0123456789abcdef'],
  ['torn@1', 'erase', 'cut', '0000000000000000 0000000000000000'],
  ['torn@1,seed=3', 'erase', 'cut', '0000000000000000 000000000000cdef'],
  ['torn-word@1,seed=1', 'program', 'cut', 'ffffffffffffaff5 0123456789abcdef'],
  ['torn-word@1,word=0,seed=1', 'program', 'cut', '7bb5ffffffffffff 0123456789abcdef'],
  ['torn-word@1,word=2,seed=1', 'program', 'cut', 'ffffffffbaffffff 0123456789abcdef'],
  ['torn-word@1,word=3,seed=1', 'program', 'cut', 'ffffffffffff3ff1 0123456789abcdef'],
  ['torn-buffer@1,seed=1', 'program', 'cut', '5aa53cc300ffaff5 0123456789abcdef'],
  ['torn-buffer@1,words=0,seed=1', 'program', 'cut', '7bb5ffffffffffff 0123456789abcdef'],
  ['torn-buffer@1,words=1,seed=1', 'program', 'cut', '5aa5ffffffffffff 0123456789abcdef'],
  ['torn-buffer@1,words=3,seed=1', 'program', 'cut', '5aa53cc300ff3ff1 0123456789abcdef'],
  ['torn-buffer@1,words=4,seed=1', 'program', 'cut', '5aa53cc300ff0ff0 0123456789abcdef'],
  ['torn-buffer-any@1,seed=1', 'program', 'cut', '5aa53fe300ff9ff5 0123456789abcdef'],
  ['torn-buffer-any@1,seed=2', 'program', 'cut', '5fb53cc300ff0ff0 0123456789abcdef'],
  ['torn-erase@1', 'erase', 'cut', '0000000000000000 0000000000000000'],
  ['torn-erase@1,seed=2', 'erase', 'cut', 'ffffffffffffff2c 41c05062090ac6d8'],
  ['torn-erase-zeroing@1,seed=1', 'erase', 'cut', '0000000000000000 0000456789abcdef'],
  ['torn-erase-zeroing@1,shape=0,seed=1', 'erase', 'cut', '6e1c8145a8c85e7a 0020000400218844'],
  ['torn-erase-zeroing@1,shape=1,bytes=5', 'erase', 'cut', 'ffffffffffffffff 0123450000000000'],
  ['torn-erase-zeroing@1,shape=2,bytes=10', 'erase', 'cut', '0000000000000000 0000456789abcdef'],
  ['torn-erase-rising@1,shape=0,seed=1', 'erase', 'cut', '6e1c8145a8c85e7a 74649a1400258a44'],
  ['torn-erase-rising@1,shape=1,bytes=9', 'erase', 'cut', 'ffffffffffffffff ff00000000000000'],
  [
    'torn-erase-rising@1,shape=2,bytes=3,seed=1',
    'erase',
    'cut',
    'ffffffffffffffff ffffffffff00258a',
  ],
  [
    'torn-erase-rising@1,shape=2,bytes=0,seed=1',
    'erase',
    'cut',
    'ffffffffffffffff ffffffffffffff8a',
  ],
  ['weak@1,new=0', 'program', 'cut', 'ffffffffffffffff 0123456789abcdef'],
  ['weak@1,new=1', 'program', 'cut', '5aa53cc300ff0ff0 0123456789abcdef'],
  ['weak@1,new=0', 'erase', 'cut', 'ffffffffffffffff 0123456789abcdef'],
  ['weak@1,new=1', 'erase', 'cut', 'ffffffffffffffff ffffffffffffffff'],
  ['disturb@1,bits=0,seed=7', 'program', 'cut', '7bb53cc3ffffffff 0123456789abcdef'],
  ['disturb@1,bits=4,seed=7', 'program', 'cut', '7bb53cc3ffffffff 012b4567bdabcdef'],
  ['disturb@1,seed=8', 'program', 'cut', '5eedfdcb16ffbff5 9123c56f89abcdef'],
  ['weak-erase@1', 'erase', 'cut', 'ffffffffffffffff ffffffffffffffff'],
  ['silent@1', 'program', 'done', 'ffffffffffffffff 0123456789abcdef'],
  ['silent@1', 'erase', 'done', 'ffffffffffffffff 0123456789abcdef'],
  ['error@1,seed=1', 'program', 'program-failed', 'dbe77efb57ffaff5 0123456789abcdef'],
  ['error@1,seed=1', 'erase', 'erase-failed', 'ffffffffffffffff ffffffffffffff00'],
  ['protected@1', 'program', 'protected', 'ffffffffffffffff 0123456789abcdef'],
  ['protected@1', 'erase', 'protected', 'ffffffffffffffff 0123456789abcdef'],
  ['timed-out@1,seed=1', 'program', 'timed-out', 'dbe77efb57ffaff5 0123456789abcdef'],
  ['timed-out@1,seed=1', 'erase', 'timed-out', 'ffffffffffffffff ffffffffffffff00'],
  ['flip@1,seed=1', 'program', 'done', '5aa53cc300ff0ff0 0123456789ab4def'],
  ['flip@1,bit=0', 'program', 'done', '5ba53cc300ff0ff0 0123456789abcdef'],
  ['flip@1,seed=1', 'erase', 'done', 'ffffffffffffffff ffffffffff7fffff'],
  ['flip@1,bit=127', 'erase', 'done', 'ffffffffffffffff ffffffffffffff7f'],
  ['worn@1', 'program', 'done', '5aa53cc300ff0ff0 0123456789abcdef'],
  ['worn@1', 'erase', 'done', 'ffffffffffffffff ffffffffffffffff'],
]

describe('a planted fault leaves its bytes, and the same ones when it is replayed', () => {
  test.each(planted)('flash:%s in a %s ends as %s: %s', (line, operation, end, after) => {
    const flash = tinyFlash([`flash:${line}`])
    expect(sectorHex(flash)).toBe(BEFORE)
    expect(operate(flash, operation)).toBe(end)
    expect(sectorHex(flash)).toBe(after)
    expect(flash.powered).toBe(end !== 'cut')
    expect(flash.faults.pending()).toEqual([])

    const again = formatFault(parseFlashFault(`flash:${line}`))
    const replayed = tinyFlash([again])
    operate(replayed, operation)
    expect(replayed.dump()).toEqual(flash.dump())
    expect(replayed.weakCells(1)).toBe(flash.weakCells(1))
  })

  test('every kind is planted, in every operation that it strikes', () => {
    const shown = planted.map(([line, operation]) => `${line.split('@')[0]} ${operation}`)
    const kinds = FLASH_FAULTS.flatMap(({ kind, strikes }) => {
      const operations = strikes === 'any' ? ['program', 'erase'] : [strikes]
      return operations.map(operation => `${kind} ${operation}`)
    })
    expect([...new Set(shown)].toSorted()).toEqual(kinds.toSorted())
  })

  test('kinds that cut the power are those that the catalogue says', () => {
    for (const [line, , end] of planted) {
      const kind = FLASH_FAULTS.find(each => each.kind === line.split('@')[0])
      expect([line, kind?.cutsPower]).toEqual([line, end === 'cut'])
    }
  })
})

test.each([
  ['silent', 1, 50],
  ['error', 1, 50],
  ['protected', 0, 0],
  ['timed-out', 5, 450],
  ['flip', 1, 50],
  ['worn', 5, 450],
])('%s takes %d ms of a program and %d ms of an erase', (kind, program, erase) => {
  const times = (['program', 'erase'] as const).map(operation => {
    const flash = tinyFlash([`flash:${kind}@1`])
    operate(flash, operation)
    return flash.busyMilliseconds
  })
  expect(times).toEqual([program, erase])
})

describe('what a line leaves open', () => {
  test('follows from the chip and the number of the operation, not from what was before', () => {
    const early = tinyFlash(['flash:torn@4'])
    for (let count = 0; count < 3; count++) early.erase(0)
    operate(early, 'program')
    const late = tinyFlash(['flash:torn@4'])
    late.program(48, Uint8Array.of(0))
    late.erase(48)
    late.erase(32)
    operate(late, 'program')
    expect(sectorHex(late)).toBe(sectorHex(early))
  })

  test('differs from chip to chip and from operation to operation', () => {
    const states = new Set<string>()
    for (let seed = 0; seed < 30; seed++) {
      const flash = tinyFlash([`flash:torn@${1 + (seed % 3)}`], { seed: Math.floor(seed / 3) })
      for (let before = 0; before < seed % 3; before++) flash.erase(0)
      operate(flash, 'erase')
      states.add(sectorHex(flash))
    }
    expect(states.size).toBeGreaterThan(15)
  })

  test('is the same anywhere with a seed', () => {
    const line = 'torn-erase@9,seed=2'
    const flash = tinyFlash([`flash:${line}`], { seed: 77 })
    for (let before = 0; before < 8; before++) flash.erase(0)
    operate(flash, 'erase')
    expect(sectorHex(flash)).toBe('ffffffffffffff2c 41c05062090ac6d8')
  })

  test('a fault waits for an operation that it can strike', () => {
    const flash = tinyFlash(['flash:torn-erase@1,seed=2'])
    expect(operate(flash, 'program')).toBe('done')
    expect(sectorHex(flash)).toBe(PROGRAMMED)
    expect(() => flash.erase(SECTOR)).toThrow('The power is off at flash operation 2')
  })
})

describe('after', () => {
  test('a silent erase the next program fails loudly in the chip, not in the code', () => {
    const flash = tinyFlash(['flash:silent@2'])
    operate(flash, 'program')
    expect(operate(flash, 'erase')).toBe('done')
    expect(() => flash.program(SECTOR, Uint8Array.of(0xff, 0xff))).toThrow(
      'The flash reports program-failed at 0x00000010',
    )
    expect(sectorHex(flash)).toBe(PROGRAMMED)
    expect(operate(flash, 'erase')).toBe('done')
    expect(sectorHex(flash)).toBe(ERASED)
  })

  test('a power cycle code has to look: raising bits is its own fault again', () => {
    const flash = tinyFlash(['flash:silent@1'])
    operate(flash, 'erase')
    flash.interrupt(1000)
    flash.powerUp()
    expect(() => flash.program(SECTOR + 8, PAGE)).toThrow('program would raise bits at 0x00000018')
  })

  test('an error nothing is left over: an erase makes the sector sound', () => {
    for (const kind of ['error', 'protected', 'timed-out', 'silent', 'flip']) {
      const flash = tinyFlash([`flash:${kind}@1`])
      operate(flash, 'erase')
      expect(operate(flash, 'erase')).toBe('done')
      expect(operate(flash, 'program')).toBe('done')
      expect(sectorHex(flash)).toBe('5aa53cc300ff0ff0 ffffffffffffffff')
    }
  })

  test('an erase cut so late that it reads as done, the next program misses bits and no later one', () => {
    const flash = tinyFlash(['flash:weak-erase@1,ppm=200000,seed=5'])
    expect(operate(flash, 'erase')).toBe('cut')
    flash.powerUp()
    expect(sectorHex(flash)).toBe(ERASED)
    expect(operate(flash, 'program')).toBe('done')
    expect(sectorHex(flash)).toBe('5afd3de310ff4ff1 ffffffffffffffff')
    expect(operate(flash, 'program')).toBe('done')
    expect(sectorHex(flash)).toBe('5aa53cc300ff0ff0 ffffffffffffffff')
  })

  test('another erase that was done the sector takes every bit', () => {
    const flash = tinyFlash(['flash:weak-erase@1,ppm=1000000'])
    operate(flash, 'erase')
    flash.powerUp()
    flash.erase(SECTOR)
    operate(flash, 'program')
    expect(sectorHex(flash)).toBe('5aa53cc300ff0ff0 ffffffffffffffff')
  })
})

describe('a line of a flash fault', () => {
  test('is read, written and read again', () => {
    const fault = parseFlashFault('flash:disturb@12,seed=7,bits=4')
    expect(fault).toEqual({
      point: 'flash',
      kind: 'disturb',
      at: 12,
      parameters: { bits: 4, seed: 7 },
    })
    expect(formatFault(fault)).toBe('flash:disturb@12,bits=4,seed=7')
  })

  test('takes every parameter of its kind from end to end', () => {
    for (const each of FLASH_FAULTS) {
      for (const { name, min, max } of parametersOf(each)) {
        for (const number of [min, max]) {
          const line = `flash:${each.kind}@1,${name}=${number}`
          expect(formatFault(parseFlashFault(line))).toBe(line)
        }
        expect(() => parseFlashFault(`flash:${each.kind}@1,${name}=${max + 1}`)).toThrow(CodedError)
      }
    }
  })

  test.each([
    ['flash:melt@1', 'A flash has no fault flash:melt@1. There are: flash:power-cut, flash:torn,'],
    ['link:drop@1', 'A flash has no fault link:drop@1. There are: flash:power-cut,'],
    ['flash:torn', '"flash:torn" is no fault: write POINT:KIND@NUMBER'],
    [
      'flash:disturb@1,bits=5',
      'A fault flash:disturb has no bits=5. It takes bits of 0 to 4, seed of 0 to 4294967295.',
    ],
    [
      'flash:weak-erase@1,ppm=0',
      'A fault flash:weak-erase has no ppm=0. It takes ppm of 1 to 1000000, seed of 0 to 4294967295.',
    ],
    ['flash:torn@1,bits=1', 'A fault flash:torn has no bits=1. It takes seed of 0 to 4294967295.'],
  ])('%s is refused with what there is', (line, message) => {
    expect(() => parseFlashFault(line)).toThrow(expect.objectContaining({ code: 'BAD_FAULT' }))
    expect(() => parseFlashFault(line)).toThrow(message)
  })
})
