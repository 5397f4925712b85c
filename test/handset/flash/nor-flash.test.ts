import { describe, expect, test } from 'vitest'
import { FaultPlan, parseFault } from '../../../src-main/base/fault-plan'
import { seededRandom } from '../../../src-main/base/random'
import {
  FlashFailure,
  FlashFault,
  PowerCut,
  type FlashGeometry,
} from '../../../src-main/handset/flash/flash-port'
import { flashWindow } from '../../../src-main/handset/flash/flash-window'
import { NorFlash } from '../../../src-main/handset/flash/nor-flash'
import type { FlashTiming } from '../../../src-main/handset/model/model'

const geometry = { bytes: 16_384, sectorBytes: 4096, pageBytes: 256 }
const timing: FlashTiming = {
  profile: 'W25Q16',
  eraseMilliseconds: 45,
  eraseMillisecondsMax: 400,
  programBytes: 256,
  programMilliseconds: 0.7,
  programMillisecondsMax: 3,
  endurance: 100_000,
}

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

  test('programs word by word on a part that takes its time for each word', () => {
    const words = { ...timing, programBytes: 2, programMilliseconds: 0.002 }
    const flash = new NorFlash({ geometry, timing: words })
    flash.program(0, new Uint8Array(256))
    flash.program(256, new Uint8Array(3))
    expect(flash.busyMilliseconds).toBeCloseTo(130 * 0.002)
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

describe('a sector wears', () => {
  const worn = { ...timing, endurance: 100 }

  test('and gets slower, from the typical time to the maximum', () => {
    const flash = new NorFlash({ geometry, timing: worn })
    const times = Array.from({ length: 100 }, () => {
      const before = flash.busyMilliseconds
      flash.erase(0)
      return flash.busyMilliseconds - before
    })
    expect(times[0]).toBe(45)
    expect(times[50]).toBeCloseTo(45 + 355 / 2)
    expect(times[99]).toBeCloseTo(45 + 355 * 0.99)
    expect(flash.wear(0)).toBe(100)
    const before = flash.busyMilliseconds
    flash.program(4096, bytes(0))
    expect(flash.busyMilliseconds - before).toBeCloseTo(0.7)
  })

  test('and fails at its endurance, with a word or without, the others go on', () => {
    const flash = new NorFlash({ geometry, timing: worn })
    for (let count = 0; count < 100; count++) flash.erase(0)
    const ends = Array.from({ length: 40 }, () => {
      try {
        flash.erase(0)
        return 'silent'
      } catch (error) {
        return error instanceof FlashFailure ? error.status : 'else'
      }
    })
    expect(new Set(ends)).toEqual(new Set(['silent', 'erase-failed']))
    expect(() => flash.erase(4096)).not.toThrow()
  })

  test('at once where a fault says so: slow now, failing from then on', () => {
    const flash = flashWith(['flash:worn@2'])
    flash.erase(0)
    flash.erase(4096)
    expect(flash.busyMilliseconds).toBeCloseTo(445)
    expect([flash.wear(0), flash.wear(1)]).toEqual([1, 100_000])
    expect(flash.erasedSectors()[1]).toBe(true)
    const programs = Array.from({ length: 40 }, (_, at) => {
      try {
        flash.program(4096 + at, bytes(0))
        return flash.read(4096 + at, 1)[0] === 0xff ? 'silent' : 'done'
      } catch (error) {
        return error instanceof FlashFailure ? error.status : 'else'
      }
    })
    expect(new Set(programs)).toEqual(new Set(['silent', 'program-failed']))
  })
})

describe('while the flash is busy', () => {
  const partitions = { ...geometry, partitionBytes: 8192 }

  function busyFlash(where: FlashGeometry): NorFlash {
    const flash = new NorFlash({ geometry: where, timing })
    flash.erase(4096)
    flash.markBusy()
    return flash
  }

  test('its partition cannot be read, the others can', () => {
    const flash = busyFlash(partitions)
    expect(flash.busyRange).toEqual({ address: 0, bytes: 8192 })
    expect(() => flash.read(8191, 1)).toThrow('read of a busy partition at 0x00001fff')
    expect(() => flash.read(8190, 10)).toThrow(FlashFault)
    expect(flash.read(8192, 1)).toEqual(bytes(0xff))
    expect(flash.peek(0, 1)).toEqual(bytes(0xff))
  })

  test('nothing can be read where the whole chip is one partition', () => {
    const flash = busyFlash(geometry)
    expect(flash.busyRange).toEqual({ address: 0, bytes: 16_384 })
    expect(() => flash.read(16_383, 1)).toThrow(FlashFault)
  })

  test('it takes no other operation, and none is counted', () => {
    const flash = busyFlash(partitions)
    expect(() => flash.program(8192, bytes(0))).toThrow('program while the flash is busy')
    expect(() => flash.erase(8192)).toThrow('erase while the flash is busy')
    expect(flash.operations).toBe(1)
  })

  test('until the time is over or the power fails', () => {
    const settled = busyFlash(geometry)
    settled.settle()
    expect(settled.busyRange).toBeUndefined()
    expect(settled.read(0, 1)).toEqual(bytes(0xff))
    const cut = busyFlash(geometry)
    cut.interrupt(10)
    cut.powerUp()
    expect(cut.busyRange).toBeUndefined()
  })

  test('partitions from the first to the last that is touched are busy', () => {
    const flash = new NorFlash({ geometry: { ...geometry, partitionBytes: 4096 }, timing })
    flash.program(4100, bytes(0))
    flash.erase(8192)
    flash.markBusy()
    expect(flash.busyRange).toEqual({ address: 4096, bytes: 8192 })
  })

  test('a flash at rest is not made busy', () => {
    const flash = new NorFlash({ geometry, timing })
    flash.markBusy()
    expect(flash.busyRange).toBeUndefined()
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
  test('reports a failure with the address that was asked for', () => {
    const window = flashWindow(flashWith(['flash:protected@1']), { address: 4096, bytes: 4096 })
    expect(() => window.program(8, bytes(0))).toThrow(new FlashFailure('protected', 8))
  })

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
