import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { ByteLink } from '../../src-main/link/byte-link'
import { listenTcp, openTcp, type TcpListener } from '../../src-main/link/tcp-link'

const host = '127.0.0.1'
const opened: { close(): void | Promise<void> }[] = []
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
})

async function listen(): Promise<TcpListener> {
  const listener = await listenTcp({ host, port: 0 })
  opened.push(listener)
  return listener
}

async function connectedPair(): Promise<{ ours: ByteLink; theirs: ByteLink }> {
  const listener = await listen()
  const ours = await openTcp({ host, port: listener.port })
  for await (const theirs of listener) {
    opened.push(ours, theirs)
    return { ours, theirs }
  }
  throw new Error('nobody connected')
}

/** Somebody who has connected and says nothing. */
async function connected(listener: TcpListener): Promise<Socket> {
  const socket = connect({ host, port: listener.port })
  await once(socket, 'connect')
  return socket
}

/** The first so many bytes that arrive. */
function bytesFrom(link: ByteLink, count: number): Promise<number[]> {
  const seen: number[] = []
  return new Promise(done => {
    link.onData(bytes => {
      seen.push(...bytes)
      if (seen.length >= count) done(seen)
    })
  })
}

describe('a TCP link', () => {
  test('carries every byte value both ways', async () => {
    const { ours, theirs } = await connectedPair()
    const all = Uint8Array.from({ length: 256 }, (_, value) => value)
    const arrived = Promise.all([bytesFrom(theirs, 256), bytesFrom(ours, 256)])
    await Promise.all([ours.write(all), theirs.write(all)])
    expect(await arrived).toEqual([[...all], [...all]])
    expect(ours.baud).toBeNull()
  })

  test('tells once when the other side hangs up, and refuses to write after it', async () => {
    const { ours, theirs } = await connectedPair()
    const causes: unknown[] = []
    const ended = new Promise<void>(done => {
      ours.onClose(cause => {
        causes.push(cause?.code)
        done()
      })
    })
    await theirs.close()
    await ended
    await expect(ours.write(Uint8Array.of(1))).rejects.toMatchObject({ code: 'LINK_LOST' })
    await ours.close()
    expect(causes).toEqual(['LINK_LOST'])
  })

  test('a closed listener refuses who still waits and ends the iteration', async () => {
    const listener = await listen()
    const ours = await openTcp({ host, port: listener.port })
    const lost = new Promise(done => ours.onClose(cause => done(cause?.code)))
    // The connection is in the queue once the server has seen it.
    await new Promise(setImmediate)
    listener.close()
    expect(await lost).toBe('LINK_LOST')
    for await (const _ of listener) expect.unreachable()
  })

  test('passes over those who hung up while they waited, rudely or politely', async () => {
    const listener = await listen()
    const handedOut = listener[Symbol.asyncIterator]()
    const first = await connected(listener)
    opened.push((await handedOut.next()).value)
    const [rude, polite] = [await connected(listener), await connected(listener)]
    polite.write('hello')
    rude.resetAndDestroy()
    polite.end()
    await once(polite, 'close')
    const last = await openTcp({ host, port: listener.port })
    opened.push(last, { close: () => void first.destroy() })
    const { value: next } = await handedOut.next()
    opened.push(next)
    const arrived = bytesFrom(last, 1)
    await next.write(Uint8Array.of(7))
    expect(await arrived).toEqual([7])
  })

  test('that ended before anybody asked says so', async () => {
    const { ours, theirs } = await connectedPair()
    await ours.close()
    await new Promise(done => theirs.onClose(done))
    expect(await new Promise(done => theirs.onClose(cause => done(cause?.code)))).toBe('LINK_LOST')
    await theirs.close()
  })

  test('holds back who sends much before anybody listens, and loses nothing of it', async () => {
    const listener = await listen()
    const ours = await openTcp({ host, port: listener.port })
    opened.push(ours)
    const sent = Uint8Array.from({ length: 32_000_000 }, (_, index) => index % 251)
    let isTaken = false
    const writing = ours.write(sent).then(() => (isTaken = true))
    const { value: theirs } = await listener[Symbol.asyncIterator]().next()
    opened.push(theirs)
    // Another connection comes and goes meanwhile: time enough for an endless buffer.
    for (let round = 0; round < 20; round++) (await connected(listener)).destroy()
    expect(isTaken).toBe(false)
    let [count, isRight] = [0, true]
    await new Promise<void>(done => {
      theirs.onData((bytes: Uint8Array) => {
        isRight &&= bytes.every((byte, index) => byte === (count + index) % 251)
        count += bytes.length
        if (count === sent.length) done()
      })
    })
    await writing
    expect(isRight).toBe(true)
  })

  test('says who does not listen, which host is unknown and which port is taken', async () => {
    const listener = await listen()
    listener.close()
    await expect(openTcp({ host, port: listener.port })).rejects.toMatchObject({
      code: 'LINK_REFUSED',
      message: `Nobody listens at tcp:127.0.0.1:${listener.port}. Start the device's side first.`,
    })
    await expect(openTcp({ host: 'no-such-host.invalid', port: 1 })).rejects.toMatchObject({
      code: 'LINK_NOT_FOUND',
    })
    const other = await listen()
    await expect(listenTcp({ host, port: other.port })).rejects.toMatchObject({ code: 'LINK_BUSY' })
  })
})
