import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { asciiBytes } from '../../src-main/base/bytes'
import type { WorkbenchEvent } from '../../src-main/contract/app'
import { EventBus } from '../../src-main/observe/events'
import type { Message } from '../../src-main/observe/message'
import { realClock } from '../../src-main/observe/real-clock'
import { Trace, type TraceOptions } from '../../src-main/observe/trace'
import { VirtualClock } from '../../src-main/observe/virtual-clock'

const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'

test('a message gets its place in the order, its time, and length and digest of its payload', () => {
  const { trace } = newTrace()
  trace.record(message({ payload: asciiBytes('abc'), fields: { offset: 0 } }))
  trace.record(message({ outcome: 'refused' }))
  expect(trace.list({ limit: 10 })).toEqual([
    {
      sequence: 1,
      at: 1000,
      from: 'restore',
      to: 'handset',
      label: '0:R4',
      type: 'upload',
      fields: { offset: 0 },
      bytes: 3,
      digest: ABC,
      outcome: 'sent',
    },
    expect.objectContaining({ sequence: 2, bytes: 0, digest: null, outcome: 'refused' }),
  ])
  expect(trace.message(1)).toMatchObject({ hex: '616263', truncated: false })
  expect(trace.message(2)).toMatchObject({ hex: '', truncated: false })
})

test('a payload is kept as it was when it was recorded', () => {
  const { trace } = newTrace()
  const payload = asciiBytes('abc')
  trace.record(message({ payload }))
  payload.fill(0)
  expect(trace.message(1).hex).toBe('616263')
})

test('of a long payload the first 64 KiB are kept, while length and digest are of the whole', () => {
  const { trace } = newTrace()
  trace.record(message({ payload: new Uint8Array(65_537).fill(0xab) }))
  trace.record(message({ payload: new Uint8Array(65_536).fill(0xab) }))
  const { entry, hex, truncated } = trace.message(1)
  expect(entry.bytes).toBe(65_537)
  expect(hex).toBe('ab'.repeat(65_536))
  expect(truncated).toBe(true)
  expect(trace.message(2).truncated).toBe(false)
})

test('what fell out, was cleared away or has not come yet is unknown, and no number comes twice', () => {
  const { trace } = newTrace({ capacity: 3 })
  for (let count = 0; count < 5; count++) trace.record(message())
  expect(sequences(trace)).toEqual([3, 4, 5])
  for (const sequence of [2, 6]) {
    expect(() => trace.message(sequence)).toThrow(
      expect.objectContaining({ code: 'MESSAGE_UNKNOWN', data: { sequence } }),
    )
  }
  trace.clear()
  expect(sequences(trace)).toEqual([])
  expect(() => trace.message(5)).toThrow(expect.objectContaining({ code: 'MESSAGE_UNKNOWN' }))
  trace.record(message())
  expect(sequences(trace)).toEqual([6])
})

test('pages lead back through a long list', () => {
  const { trace } = newTrace()
  for (let count = 0; count < 10; count++) trace.record(message())
  const pageOf = (before?: number) => trace.list({ limit: 4, before }).map(entry => entry.sequence)
  expect(pageOf()).toEqual([7, 8, 9, 10])
  expect(pageOf(7)).toEqual([3, 4, 5, 6])
  expect(pageOf(3)).toEqual([1, 2])
  expect(pageOf(1)).toEqual([])
  expect(pageOf(999)).toEqual([7, 8, 9, 10])
})

test('when payloads take too much room the oldest are let go and their entries stay', () => {
  const { trace } = newTrace({ keptBytes: 10 })
  for (const length of [4, 4, 4]) trace.record(message({ payload: new Uint8Array(length) }))
  expect(sequences(trace)).toEqual([1, 2, 3])
  expect(trace.message(1)).toMatchObject({ hex: '', truncated: true, entry: { bytes: 4 } })
  expect(trace.message(2)).toMatchObject({ hex: '00000000', truncated: false })
  trace.record(message({ payload: new Uint8Array(11) }))
  expect(trace.message(3).truncated).toBe(true)
  expect(trace.message(4).truncated).toBe(true)
})

test('messages of one moment are published together, in order', async () => {
  const { trace, published } = newTrace()
  for (let count = 0; count < 3; count++) trace.record(message())
  expect(published()).toEqual([])
  await new Promise(done => setImmediate(done))
  trace.record(message())
  await new Promise(done => setImmediate(done))
  expect(published()).toEqual([[1, 2, 3], [4]])
})

test('on real time they are published within a moment', async () => {
  const { trace, events } = newTrace({ clock: realClock })
  const published = new Promise<WorkbenchEvent>(done => events.subscribe(done))
  trace.record(message())
  trace.record(message())
  expect(await published).toMatchObject({
    kind: 'trace-appended',
    entries: [{ sequence: 1 }, { sequence: 2 }],
  })
})

test('a burst is published in batches of a bounded size', () => {
  const { trace, published } = newTrace()
  for (let count = 0; count < 1200; count++) trace.record(message())
  expect(published().map(batch => batch.length)).toEqual([500, 500])
})

test('a list and the events after it do not overlap', async () => {
  const { trace, events, published } = newTrace()
  trace.record(message())
  expect(sequences(trace)).toEqual([1])
  const later: WorkbenchEvent[] = []
  events.subscribe(event => void later.push(event))
  trace.record(message())
  await new Promise(done => setImmediate(done))
  expect(published()).toEqual([[1], [2]])
  expect(later).toHaveLength(1)
})

test('clearing is told after everything that it clears', () => {
  const { trace, events } = newTrace()
  const kinds: string[] = []
  events.subscribe(event => void kinds.push(event.kind))
  trace.record(message())
  trace.clear()
  expect(kinds).toEqual(['trace-appended', 'trace-cleared'])
})

test('recording sets no timer in virtual time', async () => {
  const clock = new VirtualClock(0)
  const { trace } = newTrace({ clock })
  trace.record(message())
  await expect(clock.runUntil(new Promise(() => {}))).rejects.toThrow(/Deadlock/)
  expect(clock.now()).toBe(0)
})

test('whatever is recorded and cleared, the trace holds what a plain list would', () => {
  const step = fc.oneof({ weight: 9, arbitrary: fc.nat(6) }, fc.constant('clear' as const))
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(step), (capacity, steps) => {
      const { trace } = newTrace({ capacity, keptBytes: 8 })
      let model: { sequence: number; bytes: number }[] = []
      let sequence = 0
      for (const length of steps) {
        if (length === 'clear') {
          trace.clear()
          model = []
          continue
        }
        sequence += 1
        trace.record(message({ payload: new Uint8Array(length) }))
        model = [...model, { sequence, bytes: length }].slice(-capacity)
      }
      expect(sequences(trace)).toEqual(model.map(entry => entry.sequence))
      const kept = model.map(entry => trace.message(entry.sequence).hex.length / 2)
      expect(kept).toEqual(
        keptOf(
          model.map(entry => entry.bytes),
          8,
        ),
      )
    }),
    { numRuns: 200, seed: 20_263 },
  )
})

/** The newest payloads that fit together; all before them are gone. */
function keptOf(lengths: readonly number[], limit: number): number[] {
  let room = limit
  const newestFirst = lengths.toReversed().map(length => {
    room -= length
    return room >= 0 ? length : 0
  })
  return newestFirst.toReversed()
}

function newTrace(options: Partial<TraceOptions> = {}) {
  const events = new EventBus()
  const heard: WorkbenchEvent[] = []
  events.subscribe(event => void heard.push(event))
  const trace = new Trace({ clock: new VirtualClock(1000), events, ...options })
  const published = () =>
    heard.flatMap(event =>
      event.kind === 'trace-appended' ? [event.entries.map(entry => entry.sequence)] : [],
    )
  return { trace, events, published }
}

function message(change: Partial<Message> = {}): Message {
  return {
    from: 'restore',
    to: 'handset',
    label: '0:R4',
    type: 'upload',
    fields: {},
    outcome: 'sent',
    ...change,
  }
}

function sequences(trace: Trace): number[] {
  return trace.list({ limit: 5000 }).map(entry => entry.sequence)
}
