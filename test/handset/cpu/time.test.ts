import { describe, expect, test } from 'vitest'
import {
  ALARM,
  ALARM_HANDLER,
  FEED,
  PENDING,
  PENDING_HANDLER,
  REQUEST,
  REQUEST_AIRCR,
  SLEEP,
  SYSTICK,
  SYSTICK_SLEEP,
  WATCHDOG_OFF,
} from './programs'
import { CODE, HANDLER, RAM, SampleCpu, milliseconds, place } from './sample-cpu'

const TIMER_EXCEPTION = 16
const microseconds = (count: number) => count * 1000

describe('time of a CPU', () => {
  test('passes with the cycles of its instructions at 48 MHz', async () => {
    // adds r0, #1 and b: one cycle and two.
    const cpu = new SampleCpu({ code: [0x3001, 0xe7fd] }).start()
    const { instructions, nanoseconds, wakeNanoseconds } = await cpu.run({ nanoseconds: 1_000_000 })
    expect({ instructions, nanoseconds, wakeNanoseconds }).toEqual({
      instructions: (2 * 48_000) / 3,
      nanoseconds: 1_000_000,
      wakeNanoseconds: 0,
    })
  })

  test('is not lost or gained by slices of any length', async () => {
    const cpu = new SampleCpu({ code: [0x3001, 0xe7fd] }).start()
    let instructions = 0
    for (let slice = 1; slice <= 1000; slice++) {
      const outcome = await cpu.run({ nanoseconds: 2 * slice - 1 })
      expect(outcome.nanoseconds).toBe(2 * slice - 1)
      instructions += outcome.instructions
    }
    expect(instructions).toBe((2 * 48_000) / 3)
  })

  test('jumps to the alarm while it sleeps, to the nanosecond', async () => {
    const cpu = new SampleCpu({ code: SLEEP }).start()
    const asleep = await cpu.run({ nanoseconds: 400_007 })
    expect(asleep).toMatchObject({ nanoseconds: 400_007, wakeNanoseconds: 599_993 })
    const before = await cpu.run({ nanoseconds: 599_992 })
    expect(before).toMatchObject({ nanoseconds: 599_992, wakeNanoseconds: 1, instructions: 0 })
    const woken = await cpu.run({ nanoseconds: 1 })
    expect(woken).toMatchObject({ nanoseconds: 1, wakeNanoseconds: 0, instructions: 0 })
    await cpu.run({ nanoseconds: 500 })
    expect(cpu.word(RAM)).toBe(1000)
  })

  test('costs nothing to sleep through', async () => {
    const cpu = new SampleCpu({ code: SLEEP }).start()
    const { instructions } = await cpu.run({ nanoseconds: microseconds(999) })
    expect(instructions).toBe(9)
  })

  test('reaches an alarm while it runs, never before its microsecond', async () => {
    const cpu = new SampleCpu({ code: ALARM, vectors: { [TIMER_EXCEPTION]: HANDLER | 1 } })
    place(cpu.memory, HANDLER, ALARM_HANDLER)
    cpu.start()
    await cpu.run({ nanoseconds: microseconds(4) + 999 })
    expect([cpu.word(RAM), cpu.word(RAM + 4)]).toEqual([0, 0])
    await cpu.run({ nanoseconds: microseconds(1) })
    expect([cpu.word(RAM), cpu.word(RAM + 4)]).toEqual([5, 1])
  })

  test('goes on where an interrupt is pending, although it is masked', async () => {
    const cpu = new SampleCpu({ code: PENDING, vectors: { [TIMER_EXCEPTION]: HANDLER | 1 } })
    place(cpu.memory, HANDLER, PENDING_HANDLER)
    const { wakeNanoseconds, faults } = await cpu.start().run()
    expect({ wakeNanoseconds, faults }).toEqual({ wakeNanoseconds: 0, faults: [] })
    // The handler ran after the mask was lifted, when the first word had been written.
    expect([cpu.word(RAM), cpu.word(RAM + 4)]).toEqual([1, 1])
  })

  test('goes on at SysTick, of which rp2040js tells nobody', async () => {
    const cpu = new SampleCpu({ code: SYSTICK_SLEEP }).start()
    // 2^24 - 1 cycles are 349.525 ms.
    await cpu.run({ nanoseconds: milliseconds(349) })
    expect(cpu.word(RAM)).toBe(0)
    await cpu.run({ nanoseconds: milliseconds(1) })
    expect(cpu.word(RAM)).toBe(7)
  })

  test('goes on with a timer that is due at every cycle', async () => {
    const cpu = new SampleCpu({ code: SYSTICK }).start()
    const { nanoseconds, instructions } = await cpu.run({ nanoseconds: microseconds(100) })
    expect(nanoseconds).toBe(microseconds(100))
    expect(instructions).toBeGreaterThan(1000)
  })

  test('sleeps without end where no timer will ever wake it', async () => {
    const cpu = new SampleCpu({ code: WATCHDOG_OFF }).start()
    const outcome = await cpu.run({ nanoseconds: milliseconds(10_000) })
    expect(outcome).toMatchObject({ nanoseconds: milliseconds(10_000), wakeNanoseconds: null })
  })

  test('ends a slice after so many instructions, whatever was ordered', async () => {
    const cpu = new SampleCpu({ code: [0xe7fe] }).start()
    const outcome = await cpu.run({ nanoseconds: milliseconds(1000) })
    expect(outcome.instructions).toBe(200_000)
    expect(outcome.nanoseconds).toBe(Math.floor((200_000 * 2 * 1000) / 48))
  })
})

describe('the watchdog', () => {
  test('bites software that does not feed it, at its time', async () => {
    const cpu = new SampleCpu({ code: [0xe7fe] }).start({ watchdogMilliseconds: 3 })
    const first = await cpu.run({ nanoseconds: milliseconds(2) })
    const second = await cpu.run({ nanoseconds: milliseconds(2) })
    expect(first.stop).toBeUndefined()
    expect(second).toMatchObject({ stop: 'watchdog', wakeNanoseconds: null })
    expect(second.nanoseconds).toBe(milliseconds(1))
    const after = await cpu.run()
    expect(after).toMatchObject({ stop: 'watchdog', nanoseconds: 0, instructions: 0 })
  })

  test('is content when it is fed, and bites once it is fed no more', async () => {
    const cpu = new SampleCpu({ code: FEED }).start({ watchdogMilliseconds: 3 })
    for (let slice = 0; slice < 10; slice++) {
      const outcome = await cpu.run({ nanoseconds: milliseconds(2) })
      expect(outcome).toMatchObject({ stop: undefined, nanoseconds: milliseconds(2) })
    }
    place(cpu.memory, CODE, [0xbf30, 0xbf30, 0xbf30, 0xbf30])
    const outcome = await cpu.run({ nanoseconds: milliseconds(20) })
    expect(outcome.stop).toBe('watchdog')
    expect(outcome.nanoseconds / 1e6).toBeCloseTo(10, 3)
  })

  test.each([
    ['the watchdog', REQUEST, 0x5254_5352],
    ['the processor', REQUEST_AIRCR, 0],
  ])('a reset that software asks of %s is one', async (_of, code, request) => {
    const cpu = new SampleCpu({ code }).start({ scratch: [1, 2, 0, 0xffff_ffff] })
    const outcome = await cpu.run()
    expect(outcome.stop).toBe('reset-requested')
    expect(outcome.nanoseconds).toBeLessThan(1000)
    expect(outcome.scratch).toEqual([1, 2, request, 0xffff_ffff, 0, 0, 0, 0])
  })

  test('stays off when software switches it off', async () => {
    const cpu = new SampleCpu({ code: WATCHDOG_OFF }).start({ scratch: [41] })
    const outcome = await cpu.run({ nanoseconds: milliseconds(60_000) })
    expect(outcome.stop).toBeUndefined()
    expect(outcome.scratch).toEqual([41, 0, 0, 0, 0, 0, 0, 42])
  })

  test('a start begins anew after a bite', async () => {
    const cpu = new SampleCpu({ code: [0xe7fe] }).start({ watchdogMilliseconds: 1 })
    expect((await cpu.run({ nanoseconds: milliseconds(2) })).stop).toBe('watchdog')
    cpu.start({ watchdogMilliseconds: 1 })
    expect((await cpu.run({ nanoseconds: 900_000 })).stop).toBeUndefined()
  })
})
