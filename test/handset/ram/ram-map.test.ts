import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CodedError } from '../../../src-main/base/coded-error'
import type { HandsetModel } from '../../../src-main/handset/model/model'
import { RamMap, type RamPlan } from '../../../src-main/handset/ram/ram-map'
import { modelNamed } from '../../../src-main/handset/service/models'

// Spec 2.0.1: kernel 16,384 and telephony 8,192 (exempt), applet runtime 32,768, browser 49,152,
// phonebook cache 16,384, free 8,192.
const example = modelNamed('spec-ram').ram
const [KERNEL, APPLET_RUNTIME, BROWSER, PHONEBOOK_CACHE] = [0, 2, 3, 4]

function shape(map: RamMap) {
  return map.pieces().map(({ name, address, bytes, limited }) => {
    return `${address.toString(16)} ${name} ${bytes}${limited ? ' limited' : ''}`
  })
}

function errorOf(action: () => unknown): CodedError {
  try {
    action()
  } catch (error) {
    if (error instanceof CodedError) return error
  }
  throw new Error('No CodedError was thrown')
}

const untouched = [
  '20000000 kernel 16384',
  '20004000 telephony 8192',
  '20006000 applet-runtime 32768',
  '2000e000 browser 49152',
  '2001a000 phonebook-cache 16384',
  '2001e000 free 8192',
]

describe('the worked example of the specification', () => {
  test('begins with its six parts', () => {
    const map = new RamMap(example)
    expect(shape(map)).toEqual(untouched)
    expect(map.state).toBe('normal')
  })

  test('12,288 bytes and 4,096 to work with limit the phonebook cache only', () => {
    const map = new RamMap(example)
    const plan = map.plan(12_288 + 4096)
    expect(plan).toEqual({
      area: { address: 0x2001_a000, bytes: 16_384 },
      limit: [PHONEBOOK_CACHE],
    })
    expect(map.state).toBe('limiting')
    expect(shape(map)[4]).toBe('2001a000 phonebook-cache 16384 limited')
    expect(map.secured).toBeUndefined()
    expect(map.secure(plan)).toEqual(plan.area)
    expect(map.state).toBe('secured')
    expect(shape(map)).toEqual([
      ...untouched.slice(0, 4),
      '2001a000 secured 16384',
      '2001e000 free 8192',
    ])
  })

  test('65,536 and 4,096 limit the phonebook cache and then the browser, which makes 73,728', () => {
    const map = new RamMap(example)
    const plan = map.plan(65_536 + 4096)
    expect(plan.limit).toEqual([PHONEBOOK_CACHE, BROWSER])
    expect(map.limitedTasks).toBe(0b11000)
    map.secure(plan)
    expect(shape(map)).toEqual([
      ...untouched.slice(0, 3),
      '2000e000 secured 69632',
      '2001f000 free 4096',
    ])
    map.release()
    expect(map.plan(73_728).limit).toEqual([PHONEBOOK_CACHE, BROWSER])
    map.release()
    expect(map.plan(73_729).limit).toEqual([PHONEBOOK_CACHE, BROWSER, APPLET_RUNTIME])
  })

  test('131,072 and 4,096 are impossible: there are 106,496 at most, and nothing is limited', () => {
    const map = new RamMap(example)
    const error = errorOf(() => map.plan(131_072 + 4096))
    expect(error.code).toBe('RAM_INSUFFICIENT')
    expect(error.data).toEqual({
      wantedBytes: 135_168,
      possibleBytes: 106_496,
      missingBytes: 28_672,
    })
    expect(map.state).toBe('normal')
    expect(shape(map)).toEqual(untouched)
    expect(map.limitedTasks).toBe(0)
    const plan = map.plan(106_496)
    expect(plan.limit).toEqual([PHONEBOOK_CACHE, BROWSER, APPLET_RUNTIME])
    expect(map.secure(plan)).toEqual({ address: 0x2000_6000, bytes: 106_496 })
  })

  test('what fits into free memory limits nobody', () => {
    const plan = new RamMap(example).plan(8192)
    expect(plan).toEqual({ area: { address: 0x2001_e000, bytes: 8192 }, limit: [] })
  })
})

describe('the transfer state', () => {
  test('is left by release: the limits are lifted and the area is given back', () => {
    const map = new RamMap(example)
    map.secure(map.plan(20_000))
    map.release()
    expect(map.state).toBe('normal')
    expect(shape(map)).toEqual(untouched)
  })

  test('is left by the abandoning of its own plan and of no other', () => {
    const map = new RamMap(example)
    const first = map.plan(20_000)
    map.abandon(first)
    expect(shape(map)).toEqual(untouched)
    const second = map.plan(20_000)
    map.abandon(first)
    expect(map.state).toBe('limiting')
    expect(() => map.secure(first)).toThrow('its tasks are limited')
    map.secure(second)
    map.abandon(second)
    expect(map.state).toBe('secured')
  })

  test('is entered once', () => {
    const map = new RamMap(example)
    const plan = map.plan(12_288)
    expect(errorOf(() => map.plan(1)).message).toContain('is being secured already')
    map.secure(plan)
    const error = errorOf(() => map.plan(1))
    expect([error.code, error.message]).toEqual([
      'RAM_SECURED',
      'An area of the RAM is secured already. Release it first.',
    ])
  })

  test('lets no limited task start and nobody allocate into the area until it ends', () => {
    const map = new RamMap(example)
    const plan = map.plan(12_288)
    expect(errorOf(() => map.checkStart(PHONEBOOK_CACHE)).code).toBe('RAM_SECURED')
    map.checkStart(KERNEL)
    map.secure(plan)
    expect(errorOf(() => map.checkStart(PHONEBOOK_CACHE)).message).toContain(
      'phonebook-cache cannot start',
    )
    const { address, bytes } = plan.area
    for (const range of [
      { address, bytes: 1 },
      { address: address + bytes - 1, bytes: 100 },
      { address: address - 100, bytes: 101 },
      { address: address - 100, bytes: bytes + 200 },
    ]) {
      expect(errorOf(() => map.checkAllocation(range)).code).toBe('RAM_SECURED')
    }
    map.checkAllocation({ address: address - 100, bytes: 100 })
    map.checkAllocation({ address: address + bytes, bytes: 100 })
    map.release()
    map.checkStart(PHONEBOOK_CACHE)
    map.checkAllocation(plan.area)
  })
})

test('the k1 ends with the page in which boot code and software meet, and keeps it', () => {
  const k1 = modelNamed('k1').ram
  const map = new RamMap(k1)
  expect(shape(map).slice(-2)).toEqual(['20038000 free 36864', '20041000 handover 4096'])
  const error = errorOf(() => map.plan(k1.bytes))
  expect(error.data['possibleBytes']).toBe(0x2004_1000 - 0x2000_c000)
})

const anyRam = fc.record({
  first: fc.integer({ min: 0, max: 40 }),
  tasks: fc.array(
    fc.record({
      gap: fc.constantFrom(0, 0, 0, 8, 24, 160),
      bytes: fc.integer({ min: 1, max: 300 }),
      ranked: fc.constantFrom(true, true, false),
    }),
    { maxLength: 8 },
  ),
  tail: fc.constantFrom(0, 0, 24, 100),
  wanted: fc.integer({ min: 1, max: 1500 }),
})

describe('whatever the tasks', () => {
  test('the area is held by no running task, and every byte is listed once', () => {
    fc.assert(
      fc.property(anyRam, sample => {
        const ram = ramOf(sample)
        const map = new RamMap(ram)
        expectEveryByteOnce(map, ram)
        const plan = planOf(map, sample.wanted)
        fc.pre(plan !== undefined)
        expectEveryByteOnce(map, ram)
        const area = map.secure(plan)
        expectEveryByteOnce(map, ram)
        expect([area.address % 16, area.bytes]).toEqual([0, Math.ceil(sample.wanted / 16) * 16])
        const end = area.address + area.bytes
        for (const { address, bytes } of ram.tasks.filter((_, index) => !map.isLimited(index))) {
          expect(address >= end || address + bytes <= area.address).toBe(true)
        }
      }),
    )
  })

  test('tasks are limited by their rank, and one fewer would not have been enough', () => {
    fc.assert(
      fc.property(anyRam, sample => {
        const ram = ramOf(sample)
        const plan = planOf(new RamMap(ram), sample.wanted)
        fc.pre(plan !== undefined && plan.limit.length > 0)
        const ranked = ram.tasks.flatMap((task, index) => (task.limitRank === null ? [] : [index]))
        expect(plan.limit).toEqual(ranked.slice(0, plan.limit.length))
        const allowed = plan.limit.slice(0, -1)
        const stingy = ram.tasks.map((task, index) => {
          return allowed.includes(index) ? task : { ...task, limitRank: null }
        })
        expect(planOf(new RamMap({ ...ram, tasks: stingy }), sample.wanted)).toBeUndefined()
      }),
    )
  })

  test('what is impossible changes nothing', () => {
    fc.assert(
      fc.property(anyRam, sample => {
        const map = new RamMap(ramOf(sample))
        const before = map.pieces()
        fc.pre(planOf(map, sample.wanted) === undefined)
        expect([map.state, map.pieces()]).toEqual(['normal', before])
      }),
    )
  })
})

interface SampleRam {
  readonly first: number
  readonly tasks: readonly { gap: number; bytes: number; ranked: boolean }[]
  readonly tail: number
}

/** Ranks rise with the addresses. */
function ramOf({ first, tasks: parts, tail }: SampleRam): HandsetModel['ram'] {
  const address = 0x2000_0000
  let end = address + first
  const tasks = parts.map(({ gap, bytes, ranked }, index) => {
    const from = end + gap
    end = from + bytes
    return { name: `task-${index}`, address: from, bytes, limitRank: ranked ? index + 1 : null }
  })
  return { address, bytes: Math.max(1, end + tail - address), tasks, handoverAddress: null }
}

function planOf(map: RamMap, bytes: number): RamPlan | undefined {
  try {
    return map.plan(bytes)
  } catch (error) {
    if (error instanceof CodedError && error.code === 'RAM_INSUFFICIENT') return undefined
    throw error
  }
}

function expectEveryByteOnce(map: RamMap, { address, bytes }: HandsetModel['ram']): void {
  let at = address
  for (const piece of map.pieces()) {
    expect(piece.address).toBe(at)
    expect(piece.bytes).toBeGreaterThan(0)
    at += piece.bytes
  }
  expect(at).toBe(address + bytes)
}
