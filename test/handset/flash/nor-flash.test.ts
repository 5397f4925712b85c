import { describe, expect, test } from 'vitest'
import { FaultPlan, parseFault } from '../../../src-main/base/fault-plan'
import { seededRandom } from '../../../src-main/base/random'
import { FlashFault, PowerCut } from '../../../src-main/handset/flash/flash-port'
import { flashWindow } from '../../../src-main/handset/flash/flash-window'
import { NorFlash } from '../../../src-main/handset/flash/nor-flash'

const geometry = { bytes: 16_384, sectorBytes: 4096, pageBytes: 256 }
const timing = { profile: 'W25Q16', eraseMilliseconds: 45, programMilliseconds: 0.7 }

function flashWith(faults: readonly string[] = [], seed = 1): NorFlash {
  const plan = new FaultPlan(faults.map(parseFault))
  return new NorFlash({ geometry, timing, faults: plan, random: seededRandom(seed) })
}

const bytes = (...values: number[]) => Uint8Array.from(values)

describe('a NOR flash', () => {
  test('is erased to ones', () => {
    const flash = flashWith()
    expect(flash.read(0, 4)).toEqual(bytes(0xff, 0xff, 0xff, 0xff))
    expect(flash.erasedSectors()).toEqual([true, true, true, true])
  })

  test('clears bits by program, more of them by a second program', () => {
    const flash = flashWith()
    flash.program(4096, bytes(0xf0, 0x3c))
    flash.program(4096, bytes(0x50, 0x3c))
    expect(flash.read(4095, 4)).toEqual(bytes(0xff, 0x50, 0x3c, 0xff))
    expect(flash.erasedSectors()).toEqual([true, false, true, true])
  })

  test('raises all bits of one sector by erase and counts its wear', () => {
    const flash = flashWith()
    flash.program(4096, bytes(0))
    flash.program(8191, bytes(0))
    flash.program(8192, bytes(0))
    flash.erase(4096)
    expect(flash.read(4096, 4097)).toEqual(Uint8Array.from([...Array(4096).fill(0xff), 0]))
    expect([0, 1, 2].map(sector => flash.wear(sector))).toEqual([0, 1, 0])
  })

  test('counts every operation and adds up how long they take', () => {
    const flash = flashWith()
    flash.program(0, bytes(1))
    flash.program(1, bytes(1))
    flash.erase(0)
    expect(flash).toMatchObject({ operations: 3, programs: 2, erases: 1 })
    expect(flash.busyMilliseconds).toBeCloseTo(46.4)
  })

  test('is loaded and dumped whole', () => {
    const contents = seededRandom(5).bytes(geometry.bytes)
    const flash = new NorFlash({ geometry, timing, contents })
    expect(flash.dump()).toEqual(contents)
    expect(() => new NorFlash({ geometry, timing, contents: bytes(1) })).toThrow('given whole')
  })

  test('does not change what it was loaded from', () => {
    const contents = new Uint8Array(geometry.bytes).fill(0xff)
    new NorFlash({ geometry, timing, contents }).program(0, bytes(0))
    expect(contents[0]).toBe(0xff)
  })
})

describe('what a flash cannot do is a fault, and nothing happens', () => {
  test.each<[string, (flash: NorFlash) => unknown]>([
    ['program would raise bits at 0x00000041', flash => flash.program(0x40, bytes(0x0e, 0x03))],
    ['program across a page boundary at 0x000000ff', flash => flash.program(255, bytes(0, 0))],
    ['program of no bytes', flash => flash.program(0, bytes())],
    ['program of 1 bytes outside the flash', flash => flash.program(16_384, bytes(0))],
    ['program of 1 bytes outside the flash', flash => flash.program(-1, bytes(0))],
    ['program of 1 bytes outside the flash', flash => flash.program(0.5, bytes(0))],
    ['erase from inside a sector at 0x00000100', flash => flash.erase(256)],
    ['erase of 4096 bytes outside the flash', flash => flash.erase(16_384)],
    ['read of 2 bytes outside the flash', flash => flash.read(16_383, 2)],
  ])('%s', (message, operation) => {
    const flash = flashWith()
    flash.program(0x40, bytes(0x0e, 0x02))
    const before = flash.dump()
    expect(() => operation(flash)).toThrow(FlashFault)
    expect(() => operation(flash)).toThrow(message)
    expect(flash.dump()).toEqual(before)
    expect(flash.operations).toBe(1)
  })
})

describe('a clone', () => {
  test('holds the same and goes its own way', () => {
    const flash = flashWith()
    flash.program(0, bytes(0x0f))
    const copy = flash.clone()
    copy.program(0, bytes(0x01))
    flash.program(1, bytes(0x02))
    expect(flash.read(0, 2)).toEqual(bytes(0x0f, 0x02))
    expect(copy.read(0, 2)).toEqual(bytes(0x01, 0xff))
    expect([flash.operations, copy.operations]).toEqual([2, 2])
  })

  test('has its own faults', () => {
    const copy = flashWith().clone({ faults: new FaultPlan([parseFault('flash:power-cut@1')]) })
    expect(() => copy.erase(0)).toThrow(PowerCut)
  })
})

describe('a power cut', () => {
  test('before an operation leaves everything as it was', () => {
    const flash = flashWith(['flash:power-cut@2'])
    flash.program(0, bytes(0x0f))
    expect(() => flash.program(0, bytes(0x00))).toThrow('flash operation 2')
    flash.powerUp()
    expect(flash.read(0, 1)).toEqual(bytes(0x0f))
  })

  test('ends every further operation, reads included, until the power is back', () => {
    const flash = flashWith(['flash:power-cut@1'])
    expect(() => flash.erase(0)).toThrow(PowerCut)
    expect(flash.powered).toBe(false)
    expect(() => flash.read(0, 1)).toThrow(PowerCut)
    expect(() => flash.program(0, bytes(0))).toThrow(PowerCut)
    expect(() => flash.erase(0)).toThrow(PowerCut)
    flash.powerUp()
    flash.program(0, bytes(0))
    expect(flash.read(0, 1)).toEqual(bytes(0))
  })

  test('a fault that is no fault of a flash is a defect', () => {
    expect(() => flashWith(['flash:melt@1']).erase(0)).toThrow('flash:melt@1')
  })
})

describe('a torn program', () => {
  const wanted = seededRandom(99).bytes(256)

  function tear(seed: number): Uint8Array {
    const flash = flashWith(['flash:torn@2'], seed)
    flash.program(
      0,
      Uint8Array.from(wanted, byte => byte | 0x55),
    )
    expect(() => flash.program(0, wanted)).toThrow(PowerCut)
    flash.powerUp()
    return flash.read(0, 256)
  }

  test('clears some of the bits that had to fall, and no other', () => {
    for (let seed = 0; seed < 50; seed++) {
      const torn = tear(seed)
      for (const [at, byte] of torn.entries()) {
        const before = wanted[at]! | 0x55
        expect(byte & ~before).toBe(0)
        expect(wanted[at]! & ~byte).toBe(0)
      }
    }
  })

  test('comes in many states, the same for the same seed', () => {
    const states = Array.from({ length: 50 }, (_, seed) => tear(seed).join())
    expect(new Set(states).size).toBeGreaterThan(40)
    expect(tear(3)).toEqual(tear(3))
  })
})

describe('a torn erase', () => {
  const contents = seededRandom(4).bytes(geometry.bytes)

  function tear(seed: number): Uint8Array {
    const faults = new FaultPlan([parseFault('flash:torn@1')])
    const flash = new NorFlash({ geometry, timing, contents, faults, random: seededRandom(seed) })
    expect(() => flash.erase(4096)).toThrow(PowerCut)
    flash.powerUp()
    expect(flash.read(0, 4096)).toEqual(contents.subarray(0, 4096))
    expect(flash.read(8192, 8192)).toEqual(contents.subarray(8192))
    return flash.read(4096, 4096)
  }

  test('is seen in both phases: bits still falling, and bits already rising', () => {
    const before = contents.subarray(4096, 8192)
    const torn = Array.from({ length: 60 }, (_, seed) => tear(seed))
    const falls = torn.filter(state => state.every((byte, at) => (byte & ~before[at]!) === 0))
    const ones = torn.filter(state => state[0] === 0xff && state[4095] !== 0xff)
    expect(falls.length).toBeGreaterThan(10)
    expect(ones.length).toBeGreaterThan(10)
    expect(falls.length + ones.length).toBeLessThan(60)
  })

  test('comes in more than 16 states, the same for the same seed', () => {
    const states = Array.from({ length: 60 }, (_, seed) => tear(seed).join())
    expect(new Set(states).size).toBeGreaterThan(16)
    expect(tear(3)).toEqual(tear(3))
  })
})

describe('a window', () => {
  test('reaches its own range by addresses from 0, and nothing else', () => {
    const flash = flashWith()
    const window = flashWindow(flash, { address: 4096, bytes: 4096 })
    window.program(0, bytes(1))
    expect(window.geometry.bytes).toBe(4096)
    expect(window.read(0, 1)).toEqual(bytes(1))
    expect(flash.read(4096, 1)).toEqual(bytes(1))
    const before = flash.dump()
    for (const outside of [
      () => window.program(4096, bytes(0)),
      () => window.program(-1, bytes(0)),
      () => window.program(4095, bytes(0, 0)),
      () => window.erase(-4096),
      () => window.erase(4096),
      () => window.read(0, 4097),
      () => window.read(Number.NaN, 1),
    ]) {
      expect(outside).toThrow(FlashFault)
    }
    expect(flash.dump()).toEqual(before)
  })
})
