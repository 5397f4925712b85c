import { expect, test } from 'vitest'
import type { ConnectionFrame } from '../../src-main/contract/app'
import { CONTRACT_VERSION } from '../../src-main/contract/constants'
import { connect } from '../../src-main/rpc/connection'
import { EventsQueue } from '../../src-main/rpc/events-queue'
import { sampleServices } from './sample-services'

const kinds = (frames: readonly ConnectionFrame[]) => frames.map(frame => frame.kind)

function open(queueLimit = 100) {
  const services = sampleServices()
  const left = new AbortController()
  const options = { services, contract: CONTRACT_VERSION, signal: left.signal, queueLimit }
  return { services, left, frames: connect(options) }
}

async function take(frames: AsyncGenerator<ConnectionFrame>, count: number) {
  const taken: ConnectionFrame[] = []
  while (taken.length < count) {
    const { value, done } = await frames.next()
    if (done) break
    taken.push(value)
  }
  return taken
}

test('what happens while the snapshot is taken is not lost, and traced once', async () => {
  const { services, frames } = open()
  await take(frames, 1)
  const takeTrace = services.trace.list.bind(services.trace)
  services.trace.list = async page => {
    // The first message is in the snapshot and in the queue, the second in the queue alone.
    services.appendTrace(1)
    const entries = [...(await takeTrace(page))]
    services.appendTrace(1)
    return entries
  }
  const [snapshot, events] = await take(frames, 2)
  expect(snapshot).toMatchObject({ snapshot: { trace: [{ sequence: 1 }] } })
  expect(events).toMatchObject({
    events: [{ kind: 'trace-appended', entries: [{ sequence: 2 }] }],
  })
  await frames.return(undefined)
})

test('many events travel in one frame', async () => {
  const { services, frames } = open()
  await take(frames, 2)
  for (let operations = 0; operations < 50; operations++) services.changeHandset(operations)
  const [frame] = await take(frames, 1)
  expect(frame).toMatchObject({ kind: 'events', events: { length: 50 } })
  await frames.return(undefined)
})

test('a reader that falls behind gets a fresh snapshot instead of what it missed', async () => {
  const { services, frames } = open(10)
  await take(frames, 2)
  services.appendTrace(4)
  services.appendTrace(7)
  services.changeHandset(1)
  const [fresh] = await take(frames, 1)
  expect(fresh).toMatchObject({ kind: 'snapshot', snapshot: { trace: { length: 11 } } })
  services.changeHandset(2)
  const [next] = await take(frames, 1)
  expect(next).toMatchObject({
    kind: 'events',
    events: [{ handset: { flash: { operations: 2 } } }],
  })
  await frames.return(undefined)
})

test('a connection that is left takes no further events', async () => {
  const { services, left, frames } = open()
  const seen = await take(frames, 2)
  const waiting = frames.next()
  left.abort()
  expect(await waiting).toEqual({ done: true, value: undefined })
  expect(kinds(seen)).toEqual(['hello', 'snapshot'])
  services.changeHandset(1)
  expect(await frames.next()).toEqual({ done: true, value: undefined })
})

test('the queue weighs every entry of an event and is light again once it was taken', () => {
  const queue = new EventsQueue(2)
  const trace = { kind: 'trace-appended' as const, entries: [] }
  const cleared = { kind: 'trace-cleared' as const }
  for (let count = 0; count < 5; count++) queue.push(trace)
  expect(queue.take()).toHaveLength(5)
  for (let count = 0; count < 3; count++) queue.push(cleared)
  expect(queue.take()).toBeUndefined()
  queue.push(cleared)
  expect(queue.take()).toEqual([cleared])
})
