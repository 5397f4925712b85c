import { describe, expect, test } from 'vitest'
import { asciiBytes } from '../../../src-main/base/bytes'
import { EXECUTED_CODE, EXECUTED_DATA } from '../../../src-main/handset/cpu/cpu-port'
import { ECHO, ECHO_ASLEEP, FLOOD, PINS, PIXEL, TOUCH } from './programs'
import { CODE, FLASH, RAM, SampleCpu, VECTORS, milliseconds, placeWords } from './sample-cpu'

describe('the UART', () => {
  test('carries bytes both ways in order', async () => {
    const cpu = new SampleCpu({ code: ECHO }).start()
    const first = await cpu.run({ received: asciiBytes('kintsugi') })
    expect(first).toMatchObject({ sent: asciiBytes('kintsugi'), waitingBytes: 0 })
    const second = await cpu.run({ received: new Uint8Array([0, 255, 10]) })
    expect(second.sent).toEqual(new Uint8Array([0, 255, 10]))
  })

  test('takes what its FIFO has room for; the rest waits', async () => {
    const cpu = new SampleCpu({ code: [0xe7fe] }).start()
    expect((await cpu.run({ received: new Uint8Array(100) })).waitingBytes).toBe(68)
    expect((await cpu.run({ received: new Uint8Array(10) })).waitingBytes).toBe(78)
  })

  test('gets what waits as soon as software reads', async () => {
    const bytes = Uint8Array.from({ length: 5000 }, (_, index) => index % 251)
    const cpu = new SampleCpu({ code: ECHO }).start()
    const { sent, waitingBytes } = await cpu.run({ nanoseconds: milliseconds(2), received: bytes })
    expect({ sent, waitingBytes }).toEqual({ sent: bytes, waitingBytes: 0 })
  })

  test('wakes a CPU that sleeps, also in a slice without time', async () => {
    const cpu = new SampleCpu({ code: ECHO_ASLEEP }).start()
    const asleep = await cpu.run()
    expect(asleep.wakeNanoseconds).toBe(milliseconds(3999))
    const given = await cpu.run({ nanoseconds: 0, received: asciiBytes('ab') })
    expect(given).toMatchObject({ wakeNanoseconds: 0, instructions: 0 })
    const woken = await cpu.run()
    expect(woken.sent).toEqual(asciiBytes('ab'))
    expect(woken.wakeNanoseconds).toBe(milliseconds(3998))
  })

  test('ends the slice of software that sends without end', async () => {
    const cpu = new SampleCpu({ code: FLOOD }).start()
    const { sent, nanoseconds } = await cpu.run({ nanoseconds: milliseconds(1000) })
    expect(sent).toHaveLength(65_536)
    expect(nanoseconds).toBeLessThan(milliseconds(20))
  })

  test('forgets what waits at a start', async () => {
    const cpu = new SampleCpu({ code: ECHO }).start()
    await cpu.run({ nanoseconds: 0, received: asciiBytes('old') })
    cpu.start()
    expect((await cpu.run()).sent).toHaveLength(0)
  })
})

describe('the pins', () => {
  test('wake a CPU that sleeps, at changes only', async () => {
    const cpu = new SampleCpu({ code: PINS }).start()
    const counted = () => [cpu.word(RAM), cpu.word(RAM + 4)]
    await cpu.run()
    expect(counted()).toEqual([0, 0])
    await cpu.run({ pins: 1 << 5 })
    expect(counted()).toEqual([1 << 5, 1])
    await cpu.run({ pins: 1 << 5 })
    expect(counted()).toEqual([1 << 5, 1])
    // Nobody has enabled the input of pin 6.
    await cpu.run({ pins: 1 << 6 })
    expect(counted()).toEqual([0, 2])
  })

  test('are what they are from the start on', async () => {
    const cpu = new SampleCpu({ code: PINS }).start()
    await cpu.run({ pins: 1 << 5 })
    expect(cpu.word(RAM + 4)).toBe(0)
    await cpu.run()
    await cpu.run({ pins: 1 << 5 })
    expect([cpu.word(RAM), cpu.word(RAM + 4)]).toEqual([1 << 5, 2])
  })
})

describe('the memory', () => {
  test('shows what was executed and what was read', async () => {
    const cpu = new SampleCpu({ code: TOUCH }).start()
    await cpu.run()
    const cellsOf = (address: number, count: number) => {
      const first = (address - FLASH) / 4
      return Array.from(cpu.memory.execution.slice(first, first + count))
    }
    const code = Array.from({ length: 6 }, () => EXECUTED_CODE)
    expect(cellsOf(CODE, 9)).toEqual([...code, EXECUTED_DATA, EXECUTED_DATA, 0])
    expect(cellsOf(FLASH + 0x400, 4)).toEqual([EXECUTED_DATA, EXECUTED_DATA, EXECUTED_DATA, 0])
    expect(cellsOf(VECTORS, 3)).toEqual([EXECUTED_DATA, EXECUTED_DATA, 0])
    expect(cpu.memory.execution.filter(cell => cell !== 0)).toHaveLength(13)
  })

  test('counts stores into each KiB of the RAM', async () => {
    const cpu = new SampleCpu({ code: TOUCH }).start()
    await cpu.run()
    expect(Array.from(cpu.memory.ramWrites.slice(0, 4))).toEqual([3, 0, 1, 0])
  })

  test('holds what software stored, in all widths', async () => {
    const cpu = new SampleCpu({ code: TOUCH })
    placeWords(cpu.memory, FLASH + 0x400, [0x0000_00aa, 0x0000_bbcc, 0x1234_5678])
    await cpu.start().run()
    expect(Array.from(cpu.memory.ram.slice(0, 4))).toEqual([0x78, 0x56, 0xcc, 0xaa])
    expect(Array.from(cpu.memory.ram.slice(0x800, 0x804))).toEqual([0x78, 0x56, 0x34, 0x12])
  })

  test('is executed as it is at the moment', async () => {
    const cpu = new SampleCpu({ code: [0xe7fe] }).start()
    expect((await cpu.run()).faults).toEqual([])
    cpu.memory.flash.fill(0, CODE - FLASH, CODE - FLASH + 2)
    const { faults } = await cpu.run()
    expect(faults[0]).toMatchObject({ kind: 'undefined-instruction', pc: CODE + 2 })
  })

  test('shows pixels that software sends', async () => {
    const cpu = new SampleCpu({ code: PIXEL }).start()
    expect((await cpu.run()).display).toEqual({ on: true, revision: 1 })
    expect(Array.from(cpu.memory.pixels.slice(0, 4))).toEqual([0xf8, 0x1f, 0, 0])
    cpu.start()
    expect((await cpu.run({ nanoseconds: 0 })).display).toEqual({ on: false, revision: 1 })
  })
})
