import { describe, expect, test } from 'vitest'
import { FaultPlan, parseFault } from '../../../src-main/base/fault-plan'
import { seededRandom } from '../../../src-main/base/random'
import { PowerCut } from '../../../src-main/handset/flash/flash-port'
import { NorFlash } from '../../../src-main/handset/flash/nor-flash'
import { ERASED, operate, PAGE, SECTOR, sectorHex, timing, tinyFlash } from './sample-flash'

function sharedFlash(lines: readonly string[] = []): NorFlash {
  return tinyFlash(lines, { share: bytes => new Uint8Array(new SharedArrayBuffer(bytes)) })
}

describe('a clone', () => {
  test('holds the same and goes its own way', () => {
    const flash = tinyFlash()
    operate(flash, 'program')
    const copy = flash.clone()
    copy.erase(SECTOR)
    flash.program(SECTOR, Uint8Array.of(0x50))
    expect(sectorHex(flash)).toBe('50a53cc300ff0ff0 0123456789abcdef')
    expect(sectorHex(copy)).toBe(ERASED)
    expect([flash.operations, copy.operations]).toEqual([2, 2])
    expect([flash.wear(1), copy.wear(1)]).toEqual([0, 1])
    expect(copy.busyMilliseconds).toBe(51)
  })

  test('of a clone of a clone stays what it was', () => {
    const flash = tinyFlash()
    const first = flash.clone()
    operate(flash, 'erase')
    const second = flash.clone()
    operate(second, 'program')
    operate(first, 'program')
    expect([flash, first, second].map(sectorHex)).toEqual([
      ERASED,
      '5aa53cc300ff0ff0 0123456789abcdef',
      '5aa53cc300ff0ff0 ffffffffffffffff',
    ])
  })

  test('has its own faults, and breaks as its original would', () => {
    const flash = tinyFlash([], { seed: 5 })
    const plan = () => new FaultPlan([parseFault('flash:torn@1')])
    const [a, b] = [flash.clone({ faults: plan() }), flash.clone({ faults: plan() })]
    const other = flash.clone({ faults: plan(), random: seededRandom(6) })
    expect(() => a.erase(SECTOR)).toThrow(PowerCut)
    const original = tinyFlash(['flash:torn@1'], { seed: 5 })
    operate(original, 'erase')
    expect(a.dump()).toEqual(original.dump())
    for (const each of [b, other]) operate(each, 'erase')
    expect(b.dump()).toEqual(a.dump())
    expect(other.dump()).not.toEqual(a.dump())
    expect(operate(flash, 'erase')).toBe('done')
  })

  test('of a chip without power has none', () => {
    const flash = tinyFlash(['flash:power-cut@1'])
    operate(flash, 'erase')
    expect(flash.clone().powered).toBe(false)
  })

  test('copies nothing until something is changed', () => {
    const bytes = 16 * 1024 * 1024
    const flash = new NorFlash({
      geometry: { bytes, sectorBytes: 4096, pageBytes: 256 },
      timing,
      contents: new Uint8Array(bytes),
    })
    const before = process.memoryUsage().arrayBuffers
    const clones = Array.from({ length: 100 }, () => flash.clone())
    const grown = process.memoryUsage().arrayBuffers - before
    expect(clones.length).toBe(100)
    // Counts and states of 4096 sectors each; their bytes would be 16 MiB each.
    expect(grown).toBeLessThan(100 * 64 * 1024)
  })
})

describe('a shared chip', () => {
  test('lies in the memory that was given, whole and always current', () => {
    let memory = new Uint8Array(0)
    const flash = tinyFlash([], { share: bytes => (memory = new Uint8Array(bytes)) })
    expect(flash.cells).toBe(memory)
    expect(memory).toEqual(flash.dump())
    flash.program(SECTOR, PAGE)
    expect(memory.subarray(SECTOR, SECTOR + 8)).toEqual(PAGE)
    flash.erase(SECTOR)
    expect(memory.subarray(SECTOR, 32)).toEqual(new Uint8Array(16).fill(0xff))
    expect(memory.subarray(0, SECTOR)).toEqual(new Uint8Array(16).fill(0x55))
  })

  test('shows what a cut and weak cells leave', () => {
    for (const line of ['torn@1', 'weak@1,new=1,p=100', 'flip@1', 'error@1']) {
      const flash = sharedFlash([`flash:${line}`])
      operate(flash, 'erase')
      for (let count = 0; count < 3; count++) {
        expect(flash.cells).toEqual(flash.dump())
        flash.interrupt(0)
        flash.powerUp()
      }
    }
  })

  test('is undone and torn in place', () => {
    const flash = sharedFlash()
    flash.erase(SECTOR)
    flash.erase(32)
    flash.interrupt(20, 1)
    expect(flash.cells?.subarray(32, 48)).toEqual(new Uint8Array(16).fill(0x55))
    expect(sectorHex(flash)).toBe('ffffffffffffffde 0000000000000000')
  })

  test('breaks like one of its own', () => {
    for (const line of ['torn@1', 'silent@1', 'disturb@1,seed=3', 'worn@1', 'flip@1']) {
      const [shared, own] = [sharedFlash([`flash:${line}`]), tinyFlash([`flash:${line}`])]
      expect(operate(shared, 'program')).toBe(operate(own, 'program'))
      expect(shared.dump()).toEqual(own.dump())
    }
  })

  test('is erased where nothing is given', () => {
    const share = (bytes: number) => new Uint8Array(bytes)
    const geometry = { bytes: 64, sectorBytes: 16, pageBytes: 8 }
    const flash = new NorFlash({ geometry, timing, share })
    expect(flash.cells).toEqual(new Uint8Array(64).fill(0xff))
  })

  test('gives clones that share nothing with it', () => {
    const flash = sharedFlash()
    const copy = flash.clone()
    expect(copy.cells).toBeUndefined()
    const before = copy.dump()
    flash.erase(SECTOR)
    flash.cells?.fill(0)
    expect(copy.dump()).toEqual(before)
    copy.erase(0)
    expect(flash.dump()).toEqual(new Uint8Array(64))
    const next = copy.clone()
    next.erase(32)
    expect(copy.peek(32, 16)).toEqual(new Uint8Array(16).fill(0x55))
  })

  test('a chip of its own shows no cells', () => {
    expect(tinyFlash().cells).toBeUndefined()
  })
})
