import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { seededRandom, type Random } from '../../../src-main/base/random'
import type { SliceOutcome } from '../../../src-main/handset/cpu/cpu-port'
import { SKIP } from './programs'
import {
  CODE,
  FLASH,
  HANDLER,
  RAM,
  STACK,
  SampleCpu,
  VECTORS,
  place,
  placeWords,
} from './sample-cpu'

const CONSOLE = ['debug', 'info', 'log', 'warn', 'error'] as const
const IMAGES = 2000
const IMAGE_BYTES = 0x800
const SLICE_NANOSECONDS = 50_000
/** Where pointers of random programs lead: memory, edges, registers and nothing. */
const PLACES = [
  RAM,
  STACK,
  RAM + 0x4_1ff8,
  FLASH,
  CODE,
  FLASH + 0x1f_fff8,
  0x4003_4000,
  0x4003_c000,
  0x4001_4000,
  0x4005_4000,
  0x4005_8000,
  0xd000_0000,
  0xe000_e000,
  0xe000_e100,
  0xe000_ed00,
  0,
  0xffff_fff0,
]

/** Random words with pointers among them; mostly with a handler that goes on after a fault. */
function randomImage(random: Random, cpu: SampleCpu): void {
  const { flash } = cpu.memory
  flash.set(random.bytes(IMAGE_BYTES), VECTORS - FLASH)
  for (let count = 0; count < 64; count++) {
    const pointer = (PLACES[random.below(PLACES.length)] ?? 0) + random.below(256)
    placeWords(cpu.memory, VECTORS + 4 * random.below(IMAGE_BYTES / 4), [pointer])
  }
  place(cpu.memory, HANDLER, SKIP)
  const vectors = Array.from({ length: 48 }, () => CODE + random.below(IMAGE_BYTES - 0x100))
  const handler = random.below(4) > 0 ? HANDLER | 1 : 0xffff_ffff
  placeWords(cpu.memory, VECTORS, [STACK, CODE | 1, HANDLER | 1, handler])
  placeWords(cpu.memory, VECTORS + 16, vectors)
}

describe('random bytes as a program', () => {
  const printers = () => CONSOLE.map(name => vi.spyOn(console, name).mockImplementation(() => {}))
  let spies: ReturnType<typeof printers>
  beforeEach(() => void (spies = printers()))
  afterEach(() => vi.restoreAllMocks())

  test(`never throw, hang, print or change the flash: ${IMAGES} images`, async () => {
    const random = seededRandom(20260)
    const cpu = new SampleCpu({ code: [] })
    const outcomes: SliceOutcome[] = []
    for (let image = 0; image < IMAGES; image++) {
      randomImage(random, cpu)
      const before = Buffer.from(
        cpu.memory.flash.subarray(VECTORS - FLASH).subarray(0, IMAGE_BYTES),
      )
      cpu.start({ watchdogMilliseconds: 1 + random.below(2) })
      for (let slice = 0; slice < 2; slice++) {
        const received = random.bytes(random.below(64))
        const pins = random.below(2 ** 22)
        outcomes.push(await cpu.run({ nanoseconds: SLICE_NANOSECONDS, received, pins }))
      }
      const after = cpu.memory.flash.subarray(VECTORS - FLASH).subarray(0, IMAGE_BYTES)
      expect(before.equals(after)).toBe(true)
    }
    for (const { nanoseconds, instructions, faults } of outcomes) {
      expect(nanoseconds).toBeLessThanOrEqual(SLICE_NANOSECONDS)
      expect(instructions).toBeLessThanOrEqual(200_000)
      expect(faults.length).toBeLessThanOrEqual(8)
    }
    expect(cpu.memory.flash.subarray(0, VECTORS - FLASH).every(cell => cell === 0xff)).toBe(true)
    expect(cpu.memory.flash.subarray(0x1_0900).every(cell => cell === 0xff)).toBe(true)
    for (const spy of spies) expect(spy).not.toHaveBeenCalled()
    // The images are worth something only if they run, and end in different ways.
    expect(outcomes.filter(({ instructions }) => instructions > 500).length).toBeGreaterThan(500)
    const kinds = new Set(outcomes.flatMap(({ faults }) => faults.map(fault => fault.kind)))
    expect(kinds.size).toBeGreaterThanOrEqual(6)
  })

  test('run in the same way each time', async () => {
    const runs: SliceOutcome[][] = []
    for (let round = 0; round < 2; round++) {
      const random = seededRandom(7)
      const cpu = new SampleCpu({ code: [] })
      const outcomes: SliceOutcome[] = []
      for (let image = 0; image < 50; image++) {
        randomImage(random, cpu)
        outcomes.push(await cpu.start().run({ nanoseconds: SLICE_NANOSECONDS }))
      }
      runs.push(outcomes)
    }
    expect(runs[0]).toEqual(runs[1])
  })
})
