import { describe, expect, test } from 'vitest'
import type { Clock } from '../../../src-main/base/clock'
import type {
  CpuSocket,
  CpuStart,
  SliceOrder,
  SliceOutcome,
} from '../../../src-main/handset/cpu/cpu-port'
import {
  SoftwareSession,
  type SoftwareSessionParts,
} from '../../../src-main/handset/session/software-session'
import { VirtualClock } from '../../../src-main/observe/virtual-clock'

const MS = 1_000_000

/** A CPU that does what the test says and writes down what it was ordered. */
class ScriptedCpu implements CpuSocket {
  readonly orders: SliceOrder[] = []
  /** What the next slices answer; the last one stays. */
  answers: Partial<SliceOutcome>[] = [{}]

  start(): void {}

  async run(order: SliceOrder): Promise<SliceOutcome> {
    this.orders.push(order)
    const [answer = {}, ...more] = this.answers
    if (more.length > 0) this.answers = more
    return {
      nanoseconds: order.nanoseconds,
      instructions: 0,
      sent: new Uint8Array(0),
      waitingBytes: 0,
      wakeNanoseconds: null,
      stop: undefined,
      faults: [],
      scratch: [],
      display: { on: false, revision: 0 },
      ...answer,
    }
  }

  close(): void {}
}

const start: CpuStart = {
  vectorAddress: 0x1001_0100,
  scratch: [],
  watchdogMilliseconds: 4000,
  hidden: [],
}

function sessionOn(cpu: ScriptedCpu, parts: Partial<SoftwareSessionParts> = {}) {
  const clock = new VirtualClock()
  const outcomes: SliceOutcome[] = []
  const failures: unknown[] = []
  const inputs = { pins: 0, locked: undefined, busy: undefined }
  const session = new SoftwareSession({
    cpu,
    start,
    clock,
    onStart: () => {},
    inputs: () => ({ ...inputs }),
    onSlice: outcome => void outcomes.push(outcome),
    onFailure: error => void failures.push(error),
    ...parts,
  })
  return { clock, session, outcomes, failures, inputs }
}

const timesOf = (cpu: ScriptedCpu) => cpu.orders.map(({ nanoseconds }) => nanoseconds / MS)

test('a CPU that never sleeps is given all the time there is, in slices', async () => {
  const cpu = new ScriptedCpu()
  cpu.answers = [{ wakeNanoseconds: 0 }]
  const { clock } = sessionOn(cpu)
  await clock.advance(100)
  expect(Math.max(...timesOf(cpu))).toBeLessThanOrEqual(5)
  const given = timesOf(cpu).reduce((sum, time) => sum + time, 0)
  expect(given).toBeGreaterThan(94)
  expect(given).toBeLessThanOrEqual(100)
})

test('nothing runs while the boot code works, and what came meanwhile waits', async () => {
  const cpu = new ScriptedCpu()
  const { clock, session } = sessionOn(cpu, { bootMs: 50 })
  session.receive(Uint8Array.of(0x41))
  session.inputsChanged()
  await clock.advance(50)
  expect(cpu.orders).toEqual([])
  await clock.advance(1)
  expect(timesOf(cpu)).toEqual([1, 0])
  expect(cpu.orders.map(({ received }) => received.length)).toEqual([0, 1])
})

test('what a slice could not do in time is given again', async () => {
  const cpu = new ScriptedCpu()
  cpu.answers = [{ wakeNanoseconds: 0, nanoseconds: 0.25 * MS }]
  const { clock } = sessionOn(cpu)
  await clock.advance(1)
  expect(timesOf(cpu)).toEqual([1, 0.75, 0.5, 0.25])
})

test('a CPU that sleeps is woken when its timer is due, and not before', async () => {
  const cpu = new ScriptedCpu()
  cpu.answers = [{ wakeNanoseconds: 250 * MS }, { wakeNanoseconds: 1000 * MS }]
  const { clock } = sessionOn(cpu)
  await clock.advance(250)
  expect(timesOf(cpu)).toEqual([1])
  await clock.advance(1)
  expect(timesOf(cpu)).toEqual([1, 250])
})

test('a CPU that sleeps for good is left alone until a byte comes', async () => {
  const cpu = new ScriptedCpu()
  const { clock, session } = sessionOn(cpu)
  await clock.advance(60_000)
  expect(timesOf(cpu)).toEqual([1])
  session.receive(Uint8Array.of(0x41))
  await clock.advance(0)
  // First the time that has passed, without the byte; then the byte.
  expect(timesOf(cpu)).toEqual([1, 59_999, 0])
  expect(cpu.orders.map(({ received }) => [...received])).toEqual([[], [], [0x41]])
})

test('a pin is seen at the moment of its change and not in the time before', async () => {
  const cpu = new ScriptedCpu()
  const { clock, session, inputs } = sessionOn(cpu)
  await clock.advance(10)
  inputs.pins = 4
  session.inputsChanged()
  await clock.advance(0)
  expect(cpu.orders.map(({ nanoseconds, pins }) => [nanoseconds / MS, pins])).toEqual([
    [1, 0],
    [9, 0],
    [0, 4],
  ])
})

test('bytes that come while a slice runs are neither lost nor told twice', async () => {
  const cpu = new ScriptedCpu()
  const { clock, session } = sessionOn(cpu)
  await clock.advance(1)
  session.receive(Uint8Array.of(1))
  session.receive(Uint8Array.of(2))
  await clock.advance(0)
  session.receive(Uint8Array.of(3))
  await clock.advance(0)
  expect(cpu.orders.flatMap(({ received }) => [...received])).toEqual([1, 2, 3])
})

test('after a stop there is no further slice', async () => {
  const cpu = new ScriptedCpu()
  cpu.answers = [{ stop: 'watchdog', wakeNanoseconds: 0 }]
  const { clock, session, outcomes } = sessionOn(cpu)
  await clock.advance(100)
  session.receive(Uint8Array.of(1))
  await clock.advance(100)
  expect(outcomes.map(({ stop }) => stop)).toEqual(['watchdog'])
  expect(cpu.orders.length).toBe(1)
})

test('a session that was ended hears nothing any more', async () => {
  const cpu = new ScriptedCpu()
  cpu.answers = [{ wakeNanoseconds: 0 }]
  const { clock, session, outcomes } = sessionOn(cpu)
  await clock.advance(10)
  const heard = outcomes.length
  session.stop()
  await clock.advance(100)
  expect(outcomes.length).toBe(heard)
})

test('a CPU that fails is told once and ends the session', async () => {
  const cpu = new ScriptedCpu()
  const failure = new Error('the worker is gone')
  cpu.run = () => Promise.reject(failure)
  const { clock, session, failures } = sessionOn(cpu)
  await clock.advance(10)
  session.receive(Uint8Array.of(1))
  await clock.advance(10)
  expect(failures).toEqual([failure])
})

test('virtual time waits for a slice that is being run', async () => {
  const cpu = new ScriptedCpu()
  let finish = () => {}
  const run = cpu.run.bind(cpu)
  cpu.run = async order => {
    await new Promise<void>(done => (finish = done))
    return run(order)
  }
  const { clock } = sessionOn(cpu)
  let isThere = false
  const advanced = clock.advance(1).then(() => (isThere = true))
  await new Promise(turned => setTimeout(turned, 20))
  expect(isThere).toBe(false)
  finish()
  await advanced
  expect(cpu.orders.length).toBe(1)
})

test('what the CPU never got to read is bounded; the rest is lost', async () => {
  const cpu = new ScriptedCpu()
  const { clock, session, failures } = sessionOn(cpu)
  for (let sent = 0; sent < 100; sent++) session.receive(new Uint8Array(60_000).fill(sent))
  await clock.advance(1)
  session.receive(Uint8Array.of(100))
  await clock.advance(1)
  const received = cpu.orders.flatMap(order => [...order.received])
  expect(received.length).toBe(65_536 + 1)
  expect([received[60_000], received.at(-2), received.at(-1)]).toEqual([1, 1, 100])
  expect(failures).toEqual([])
})

test('a session begins once the memory is free, with the newest inputs', async () => {
  const cpu = new ScriptedCpu()
  const told: string[] = []
  cpu.start = () => void told.push('start')
  let free = () => {}
  const memoryFree = new Promise<void>(done => (free = done))
  const { clock, session, inputs } = sessionOn(cpu, {
    memoryFree,
    onStart: () => void told.push('onStart'),
  })
  inputs.pins = 4
  session.inputsChanged()
  await new Promise(turned => setImmediate(turned))
  expect([told, cpu.orders]).toEqual([[], []])
  free()
  await clock.advance(5)
  expect(told).toEqual(['onStart', 'start'])
  expect(cpu.orders.map(({ pins }) => pins)).toContain(4)
})

test('a session that is ended before the memory is free never begins', async () => {
  const cpu = new ScriptedCpu()
  let starts = 0
  cpu.start = () => void (starts += 1)
  let free = () => {}
  const memoryFree = new Promise<void>(done => (free = done))
  const { clock, session } = sessionOn(cpu, { memoryFree })
  session.inputsChanged()
  session.stop()
  free()
  await clock.advance(100)
  expect([starts, cpu.orders.length]).toEqual([0, 0])
})

test('a failure of who hears of the last slice is told', async () => {
  const cpu = new ScriptedCpu()
  cpu.answers = [{ stop: 'reset-requested' }]
  const failure = new Error('nothing can be started')
  const onSlice = () => {
    throw failure
  }
  const { clock, failures } = sessionOn(cpu, { onSlice })
  await clock.advance(100)
  expect(failures).toEqual([failure])
})

/** The host's clock, moved by the test; the timer that was set last is fired by hand. */
class HostClock implements Clock {
  readonly kind = 'real'
  time = 1_000_000
  fire = () => {}
  now = () => this.time
  after(_milliseconds: number, callback: () => void) {
    this.fire = callback
    return () => {}
  }
  busy = () => () => {}
}

describe('on the host’s clock', () => {
  const turn = () => new Promise(turned => setImmediate(turned))

  test('time that passed beyond a sleep, as while the host is suspended, is not made up for', async () => {
    const cpu = new ScriptedCpu()
    cpu.answers = [{ wakeNanoseconds: 250 * MS }, { wakeNanoseconds: 250 * MS }]
    const clock = new HostClock()
    sessionOn(cpu, { clock })
    clock.time += 1
    clock.fire()
    await turn()
    clock.time += 8 * 3_600_000
    clock.fire()
    await turn()
    expect(timesOf(cpu)).toEqual([1, 260])
  })

  test('a clock that is set back takes no time from the CPU', async () => {
    const cpu = new ScriptedCpu()
    cpu.answers = [{ wakeNanoseconds: 0 }]
    const clock = new HostClock()
    sessionOn(cpu, { clock })
    clock.time -= 3_600_000
    clock.fire()
    await turn()
    clock.time += 5
    clock.fire()
    await turn()
    expect(timesOf(cpu)).toEqual([5])
  })
})
