import { ORPCError } from '@orpc/client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ConnectionFrame } from '../../src-main/contract/app'
import { CONTRACT_VERSION } from '../../src-main/contract/constants'
import { carrierKinds, routerOf, type Carrier } from './carriers'
import { sampleServices, type SampleServices } from './sample-services'

describe.each(carrierKinds)('over $name', ({ start, noSuchCall }) => {
  let services: SampleServices
  let defects: unknown[]
  let side: Awaited<ReturnType<typeof start>>
  let carrier: Carrier

  beforeEach(async () => {
    services = sampleServices()
    defects = []
    side = await start(routerOf(services, defects))
    carrier = await side.open()
  })

  afterEach(async () => {
    await carrier.leave()
    await side.stop()
  })

  test('a query is answered', async () => {
    expect(await carrier.client.app.hello()).toMatchObject({
      product: 'kintsugi',
      contract: CONTRACT_VERSION,
    })
    expect(await carrier.client.restore.list({ limit: 5 })).toEqual([])
  })

  test('an action is recorded with its checked input before its answer', async () => {
    await carrier.client.handsets.create({ name: 'h2' })
    expect(services.performed).toMatchObject([
      {
        call: 'handsets.create',
        input: { name: 'h2', model: 'k1', bricked: true, seed: 1 },
        outcome: 'ok',
      },
    ])
  })

  test('a failed action is recorded with its code, a query never', async () => {
    await carrier.client.handsets.create({ name: 'taken' }).catch(() => {})
    await carrier.client.handsets.list()
    expect(services.performed.map(action => action.outcome)).toEqual(['HANDSET_EXISTS'])
  })

  test('an error of the contract crosses as code, message and data', async () => {
    const error = await failure(
      carrier.client.handsets.flash({ name: 'h1', address: 11, length: 1 }),
    )
    expect(error).toMatchObject({
      defined: true,
      code: 'BAD_ADDRESS',
      status: 422,
      message: 'Beyond the end.',
      data: { address: 11, limit: 10 },
    })
  })

  test('input that the contract refuses is answered with the field and never performed', async () => {
    const error = await failure(carrier.client.handsets.create({ name: '../x' }))
    expect(error).toMatchObject({ code: 'BAD_REQUEST', status: 400 })
    expect(error.message).toMatch(/^handsets\.create: "name" is wrong: must be 1 to 64 letters/)
    expect(error.data).toMatchObject({ call: 'handsets.create', field: 'name' })
    expect(services.performed).toEqual([])
  })

  test('a defect is told in general words and logged in full', async () => {
    const error = await failure(carrier.client.handsets.create({ name: 'broken' }))
    expect(error).toMatchObject({ code: 'INTERNAL', status: 500 })
    expect(JSON.stringify(error)).not.toMatch(/secret detail|TypeError|\\n/)
    expect(defects).toMatchObject([{ message: 'secret detail of a defect' }])
  })

  test('an oversized call is refused, performs nothing, and others go on', async () => {
    const huge = 'x'.repeat(2 * 1024 * 1024)
    const outcome = await carrier.client.handsets.create({ name: huge }).catch(() => 'refused')
    expect(outcome).toBe('refused')
    expect(services.performed).toEqual([])
    const another = await side.open()
    expect(await another.client.handsets.models()).toEqual(['k1'])
    await another.leave()
  })

  test.each([
    'handsets.explode',
    'toString',
    '__proto__',
    'constructor.constructor',
    'handsets.__proto__.toString',
    'handsets.create.~orpc',
    'handsets.hasOwnProperty',
    '',
  ])('there is no call "%s"', async call => {
    const error: unknown = await carrier.call(call.split('.')).catch(e => e)
    expect(error).toEqual(noSuchCall)
    expect(services.performed).toEqual([])
    expect(await carrier.client.handsets.models()).toEqual(['k1'])
  })

  test('a connection says hello, gives a snapshot, then what changes, in order', async () => {
    const frames = await carrier.client.app.connect({ contract: CONTRACT_VERSION })
    const hello = await nextFrame(frames)
    const snapshot = await nextFrame(frames)
    services.appendTrace(2)
    await carrier.client.app.changeSettings({ theme: 'dark' })
    services.changeHandset(7)
    const events = await eventsUntil(frames, 'handset-changed')
    expect(hello).toMatchObject({ kind: 'hello', hello: { product: 'kintsugi' } })
    expect(snapshot).toMatchObject({
      kind: 'snapshot',
      snapshot: { settings: { theme: 'system' } },
    })
    expect(events).toMatchObject([
      { kind: 'trace-appended', entries: [{ sequence: 1 }, { sequence: 2 }] },
      { kind: 'settings-changed', settings: { theme: 'dark' } },
      { kind: 'handset-changed', handset: { flash: { operations: 7 } } },
    ])
    await frames.return?.(undefined)
  })

  test('who comes again gets a snapshot of what happened meanwhile', async () => {
    const before = await carrier.client.app.connect({ contract: CONTRACT_VERSION })
    await nextFrame(before)
    await before.return?.(undefined)
    await carrier.leave()
    services.appendTrace(3)
    carrier = await side.open()
    const frames = await carrier.client.app.connect({ contract: CONTRACT_VERSION })
    await nextFrame(frames)
    expect(await nextFrame(frames)).toMatchObject({
      kind: 'snapshot',
      snapshot: { trace: [{ sequence: 1 }, { sequence: 2 }, { sequence: 3 }] },
    })
    await frames.return?.(undefined)
  })

  test('a window of another version is told so', async () => {
    const error = await failure(firstOf(carrier.client.app.connect({ contract: 999 })))
    expect(error).toMatchObject({
      code: 'CONTRACT_MISMATCH',
      data: { window: 999, main: CONTRACT_VERSION },
    })
  })

  test('a stream ends by itself with its last value', async () => {
    const done: number[] = []
    for await (const view of await carrier.client.restore.watch({ id: 1 })) {
      done.push(view.doneBytes)
    }
    expect(done).toEqual([0, 1, 2])
    expect(services.watchers()).toBe(0)
  })

  test('a stream that is left in the middle of a wait ends at its source', async () => {
    const views = await carrier.client.restore.watch({ id: 2 })
    for (let count = 0; count < 3; count++) await views.next()
    // However it ends, it is waited for: a rejection may come before anybody looks.
    const pending = views.next().catch(() => {})
    await expect.poll(() => services.watchers()).toBe(1)
    await views.return?.(undefined)
    await expect.poll(() => services.watchers()).toBe(0)
    await pending
  })

  test('an error inside a stream crosses as code, message and data', async () => {
    const error = await failure(firstOf(carrier.client.restore.watch({ id: 404 })))
    expect(error).toMatchObject({
      defined: true,
      code: 'RESTORE_UNKNOWN',
      data: { id: 404 },
    })
  })
})

describe.each(carrierKinds.filter(kind => kind.name !== 'in process'))(
  'over $name',
  ({ start }) => {
    test('who leaves without a word ends the streams it had', async () => {
      const services = sampleServices()
      const side = await start(routerOf(services))
      const carrier = await side.open()
      const left = new AbortController()
      const views = await carrier.client.restore.watch({ id: 2 }, { signal: left.signal })
      await views.next()
      expect(services.watchers()).toBe(1)
      await carrier.leave()
      left.abort()
      await expect.poll(() => services.watchers()).toBe(0)
      await side.stop()
    })
  },
)

async function failure(call: Promise<unknown>): Promise<ORPCError<string, unknown>> {
  const error: unknown = await call.then(
    () => expect.fail('the call succeeded'),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof ORPCError)) throw error
  return error
}

async function firstOf<T>(stream: Promise<AsyncIterable<T>>): Promise<T | undefined> {
  for await (const value of await stream) return value
  return undefined
}

async function nextFrame(frames: AsyncIterator<ConnectionFrame>): Promise<ConnectionFrame> {
  const { value, done } = await frames.next()
  if (done) throw new Error('the connection ended')
  return value
}

async function eventsUntil(frames: AsyncIterator<ConnectionFrame>, kind: string) {
  const events = []
  while (events.at(-1)?.kind !== kind) {
    const frame = await nextFrame(frames)
    if (frame.kind === 'events') events.push(...frame.events)
  }
  return events
}
