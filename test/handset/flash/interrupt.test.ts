import { describe, expect, test } from 'vitest'
import { toHex } from '../../../src-main/base/bytes'
import { PowerCut } from '../../../src-main/handset/flash/flash-port'
import type { NorFlash } from '../../../src-main/handset/flash/nor-flash'
import {
  BEFORE,
  ERASED,
  hexBytes,
  operate,
  PAGE,
  powerCycle,
  SECTOR,
  sectorHex,
  timing,
  tinyFlash,
} from './sample-flash'

/** Sectors that stay as fast as new, so that the moments are round. */
const steady = { ...timing, eraseMillisecondsMax: 50, programMillisecondsMax: 1, endurance: 10_000 }

/** 50 ms of erase, 1 ms of program, 50 ms of erase of the next sector. */
function busyFlash(): NorFlash {
  const flash = tinyFlash([], { timing: steady })
  flash.erase(SECTOR)
  flash.program(SECTOR + 8, PAGE)
  flash.erase(32)
  return flash
}

function cutAt(milliseconds: number, seed = 1): NorFlash {
  const flash = busyFlash()
  flash.interrupt(milliseconds, seed)
  return flash
}

const PAGE_BEHIND = 'ffffffffffffffff 5aa53cc300ff0ff0'
const UNTOUCHED = '55'.repeat(16)

function thirdSector(flash: NorFlash): string {
  return toHex(flash.peek(32, 16))
}

/** Whether no bit of the one is 1 where it is 0 in the other. */
function onlyFell(now: string, before: string): boolean {
  const old = hexBytes(before)
  return hexBytes(now).every((byte, at) => (byte & ~old[at]!) === 0)
}

describe('the power is cut by hand while a batch takes its time', () => {
  test('at any millisecond: what was over stays, what had not begun never was', () => {
    for (let elapsed = 0; elapsed <= 110; elapsed++) {
      const flash = cutAt(elapsed)
      const [second, third] = [sectorHex(flash), thirdSector(flash)]
      expect([elapsed, second === BEFORE]).toEqual([elapsed, elapsed === 0])
      expect([elapsed, onlyFell(second, BEFORE)]).toEqual([elapsed, elapsed <= 40])
      expect([elapsed, second === ERASED]).toEqual([elapsed, elapsed === 50])
      expect([elapsed, second === PAGE_BEHIND]).toEqual([elapsed, elapsed > 50])
      expect([elapsed, third === UNTOUCHED]).toEqual([elapsed, elapsed <= 51])
      expect([elapsed, onlyFell(third, UNTOUCHED)]).toEqual([elapsed, elapsed <= 91])
      expect([elapsed, third === 'ff'.repeat(16)]).toEqual([elapsed, elapsed >= 101])
      expect([flash.wear(1), flash.wear(2)]).toEqual([elapsed > 0, elapsed > 51].map(Number))
      expect(flash.powered).toBe(false)
      expect(flash.peek(0, 16)).toEqual(new Uint8Array(16).fill(0x55))
      expect(flash.peek(48, 16)).toEqual(new Uint8Array(16).fill(0x55))
    }
  })

  test.each([
    [5, 'ffffffffffffffff 01234567898a0000', 5],
    [10, 'ffffffffffffffff 0123454600000000', 5],
    [20, 'ffffffffffffffde 0000000000000000', 8],
    [39.9, 'de00000000000000 0000000000000000', 8],
    [40, '0000000000000000 0000000000000000', 7],
    [45, 'f0f6bb40406a60ce 65f2a7b5cd61221f', 11],
    [49, 'fbf6fffffffbeffe fdffafffddefbfff', 15],
    [49.99, 'ffffffffffffffff ffffffffffffffff', 5],
    [50.1, 'ffffffffffffffff 7bb5ffffffffffff', 8],
    [50.5, 'ffffffffffffffff 5aa53cc3baffffff', 8],
    [50.9, 'ffffffffffffffff 5aa53cc300ff3ff1', 8],
  ])('after %d ms the sector holds %s, %d cells of it weak', (elapsed, bytes, weak) => {
    const flash = cutAt(elapsed)
    expect(sectorHex(flash)).toBe(bytes)
    expect(flash.weakCells(1)).toBe(weak)
  })

  test('the same seed tears in the same way, another one in another', () => {
    expect(cutAt(45, 7).dump()).toEqual(cutAt(45, 7).dump())
    expect(cutAt(45, 7).dump()).not.toEqual(cutAt(45, 8).dump())
    const [a, b] = [busyFlash(), busyFlash()]
    a.interrupt(45)
    b.interrupt(45)
    expect(a.dump()).toEqual(b.dump())
  })

  test('cells that were between 0 and 1 decay later, and an erase makes them sound', () => {
    const flash = cutAt(45)
    const atFirst = sectorHex(flash)
    flash.powerUp()
    expect(sectorHex(flash)).toBe(atFirst)
    const seen = new Set(
      Array.from({ length: 10 }, () => {
        powerCycle(flash)
        return sectorHex(flash)
      }),
    )
    expect(seen.size).toBeGreaterThan(5)
    flash.erase(SECTOR)
    expect(flash.weakCellsTotal).toBe(0)
  })
})

describe('the power is cut by hand', () => {
  test('with nothing under way: everything is off and nothing else happens', () => {
    const flash = busyFlash()
    flash.settle()
    const before = flash.dump()
    flash.interrupt(0)
    expect(flash.powered).toBe(false)
    expect(() => flash.read(0, 1)).toThrow(PowerCut)
    flash.interrupt(20)
    flash.powerUp()
    expect(flash.dump()).toEqual(before)
    expect([flash.operations, flash.wear(1), flash.weakCellsTotal]).toEqual([3, 1, 0])
  })

  test('after the time of everything: all of it stays', () => {
    const flash = busyFlash()
    const before = flash.dump()
    flash.interrupt(flash.busyMilliseconds)
    expect(flash.dump()).toEqual(before)
  })

  test('the window begins where the last one was settled', () => {
    const flash = busyFlash()
    flash.settle()
    flash.erase(48)
    flash.interrupt(0)
    expect(sectorHex(flash)).toBe(PAGE_BEHIND)
    expect(flash.peek(48, 16)).toEqual(new Uint8Array(16).fill(0x55))
  })

  test('operations on the same cells are undone in turn', () => {
    const flash = tinyFlash()
    flash.program(SECTOR, Uint8Array.of(0x0f))
    flash.program(SECTOR, Uint8Array.of(0x0e))
    flash.erase(SECTOR)
    flash.program(SECTOR, Uint8Array.of(0xf0))
    flash.interrupt(1)
    expect(sectorHex(flash)).toBe('0fffffffffffffff 0123456789abcdef')
    expect(flash.wear(1)).toBe(0)
  })

  test('a flaw that an undone erase had ended is there again', () => {
    const flash = tinyFlash(['flash:weak@1,new=0'])
    operate(flash, 'program')
    flash.powerUp()
    flash.erase(SECTOR)
    expect(flash.weakCellsTotal).toBe(0)
    flash.interrupt(0)
    expect(flash.weakCellsTotal).toBe(32)
  })

  test('an operation that the chip did not do is not torn either', () => {
    const flash = tinyFlash(['flash:silent@1'])
    flash.erase(SECTOR)
    flash.interrupt(25)
    expect(sectorHex(flash)).toBe(BEFORE)
    expect([flash.weakCellsTotal, flash.wear(1)]).toEqual([0, 0])
  })

  test('an erase of erased cells has its middle too: it brings them to 0 first', () => {
    const flash = tinyFlash([], { timing: steady })
    flash.erase(SECTOR)
    flash.settle()
    flash.erase(SECTOR)
    flash.interrupt(20, 1)
    expect(sectorHex(flash)).toBe('ffffffffffffffde 0000000000000000')
    expect(flash.wear(1)).toBe(2)
  })

  test('an erase of erased cells that the chip did not do leaves them erased', () => {
    const flash = tinyFlash(['flash:silent@2'], { timing: steady })
    flash.erase(SECTOR)
    flash.settle()
    flash.erase(SECTOR)
    flash.interrupt(20, 1)
    expect(sectorHex(flash)).toBe(ERASED)
  })

  test('a program of what is there already has no middle', () => {
    const flash = tinyFlash([], { timing: steady })
    flash.program(SECTOR + 8, hexBytes('0123456789abcdef'))
    flash.interrupt(0.5, 1)
    expect([sectorHex(flash), flash.weakCellsTotal]).toEqual([BEFORE, 0])
  })

  test('a window keeps the newest operations and lets the oldest be over', () => {
    const flash = tinyFlash([], { timing: steady })
    for (let count = 0; count < 5000; count++) flash.erase(0)
    flash.erase(SECTOR)
    flash.interrupt(0)
    expect(sectorHex(flash)).toBe(BEFORE)
    expect(flash.wear(0)).toBeGreaterThan(1000)
    expect(flash.wear(0)).toBeLessThan(5000)
  })

  test('a window that let operations go still knows when the newest one began', () => {
    const flash = tinyFlash([], { timing: steady })
    for (let count = 0; count < 5000; count++) flash.erase(0)
    flash.erase(SECTOR)
    flash.interrupt(flash.busyMilliseconds - 30, 1)
    expect(sectorHex(flash)).toBe('ffffffffffffffde 0000000000000000')
  })

  test('an undone erase is no erased sector', () => {
    const flash = tinyFlash()
    flash.erase(SECTOR)
    expect(flash.erasedSectors()).toEqual([false, true, false, false])
    flash.interrupt(0)
    expect(flash.erasedSectors()).toEqual([false, false, false, false])
  })

  test('a clone has nothing under way', () => {
    const copy = busyFlash().clone()
    const before = copy.dump()
    copy.interrupt(0)
    expect(copy.dump()).toEqual(before)
  })
})
