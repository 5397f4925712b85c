import { describe, expect, test } from 'vitest'
import type { NorFlash } from '../../../src-main/handset/flash/nor-flash'
import {
  BEFORE,
  ERASED,
  operate,
  powerCycle,
  PROGRAMMED,
  SECTOR,
  sectorHex,
  tinyFlash,
} from './sample-flash'

/** A chip whose second sector was left weak, at the power-up that shows it as the cut left it. */
function weakFlash(line: string, operation: 'program' | 'erase' = 'program'): NorFlash {
  const flash = tinyFlash([`flash:${line}`])
  expect(operate(flash, operation)).toBe('cut')
  flash.powerUp()
  return flash
}

function statesOf(flash: NorFlash, powerUps: number): string[] {
  return Array.from({ length: powerUps }, () => {
    powerCycle(flash)
    return sectorHex(flash)
  })
}

describe('weak cells', () => {
  test('are those bits that were to change', () => {
    const flash = weakFlash('weak@1,new=1')
    expect(flash.weakCells(1)).toBe(32)
    expect([0, 2, 3].map(sector => flash.weakCells(sector))).toEqual([0, 0, 0])
    expect(flash.weakCellsTotal).toBe(32)
  })

  test('read right at first and otherwise after later power-ups, each time anew', () => {
    const flash = weakFlash('weak@1,new=1,seed=1')
    expect(sectorHex(flash)).toBe(PROGRAMMED)
    expect(statesOf(flash, 3)).toEqual([
      '7fa57ff7beff1ffe 0123456789abcdef',
      'faa7bfd33dff0ff0 0123456789abcdef',
      '5eaf7cdffbff2ffc 0123456789abcdef',
    ])
  })

  test('decay in the same way for the same line, and keep still while the power is on', () => {
    const [a, b] = [weakFlash('weak@1,seed=4'), weakFlash('weak@1,seed=4')]
    expect(statesOf(a, 5)).toEqual(statesOf(b, 5))
    const before = a.dump()
    a.powerUp()
    expect(a.dump()).toEqual(before)
  })

  test('flip at the rate that the line gives', () => {
    const flipsAt = (percent: number) => {
      let flips = 0
      for (let seed = 0; seed < 100; seed++) {
        const flash = weakFlash(`weak@1,new=1,p=${percent},seed=${seed}`)
        const before = flash.dump()
        powerCycle(flash)
        flips += bitsOf(flash.dump().map((byte, at) => byte ^ before[at]!))
      }
      return flips / 3200
    }
    expect(flipsAt(0)).toBe(0)
    expect(flipsAt(100)).toBe(1)
    expect(Math.abs(flipsAt(50) - 0.5)).toBeLessThan(0.05)
    expect(Math.abs(flipsAt(10) - 0.1)).toBeLessThan(0.03)
  })

  test('of an erase are the bits that had to rise', () => {
    const flash = weakFlash('weak@1,new=1,p=100', 'erase')
    expect(flash.weakCells(1)).toBe(32)
    expect(statesOf(flash, 2)).toEqual([BEFORE, ERASED])
  })

  test('stay weak when they are programmed again, and are sound after an erase', () => {
    const flash = weakFlash('weak@1,new=0,p=100')
    expect(operate(flash, 'program')).toBe('done')
    expect(flash.weakCells(1)).toBe(32)
    expect(statesOf(flash, 1)).toEqual([BEFORE])
    flash.erase(SECTOR)
    expect(flash.weakCellsTotal).toBe(0)
    expect(statesOf(flash, 4)).toEqual([ERASED, ERASED, ERASED, ERASED])
  })

  test('that are torn again are weak once', () => {
    const flash = tinyFlash(['flash:weak@1,new=0', 'flash:weak@2,new=0,p=100'])
    operate(flash, 'program')
    flash.powerUp()
    operate(flash, 'program')
    flash.powerUp()
    expect(flash.weakCells(1)).toBe(32)
    powerCycle(flash)
    expect(sectorHex(flash)).toBe(PROGRAMMED)
  })

  test('of a clone decay as those of its original, each chip for itself', () => {
    const flash = weakFlash('weak@1,new=1,seed=9')
    const copy = flash.clone()
    expect(copy.weakCellsTotal).toBe(32)
    const states = statesOf(flash, 3)
    expect(sectorHex(copy)).toBe(PROGRAMMED)
    expect(statesOf(copy, 3)).toEqual(states)
    copy.erase(SECTOR)
    expect([copy.weakCellsTotal, flash.weakCellsTotal]).toEqual([0, 32])
  })
})

function bitsOf(bytes: Uint8Array): number {
  const digits = Array.from(bytes, byte => byte.toString(2)).join('')
  return digits.replaceAll('0', '').length
}
