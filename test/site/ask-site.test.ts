import { createServer, type RequestListener } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import * as z from 'zod'
import { CodedError } from '../../src-main/base/coded-error'
import { realClock } from '../../src-main/observe/real-clock'
import { VirtualClock } from '../../src-main/observe/virtual-clock'
import { askSite } from '../../src-main/site/ask-site'

async function served(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
}

const asked = (base: string) => ({ base, method: 'GET', path: '/x' }) as const

test('a stream is sent with its length, and an answer comes as it arrives', async () => {
  const lengths: (string | undefined)[] = []
  const base = await served((incoming, outgoing) => {
    lengths.push(incoming.headers['content-length'])
    incoming.pipe(outgoing)
  })
  async function* pieces() {
    for (let piece = 0; piece < 40; piece++) yield new Uint8Array(100_000).fill(piece)
  }
  const stream = { bytes: 4_000_000, pieces }
  const answer = await askSite(realClock, { base, method: 'PUT', path: '/x', stream })
  let [bytes, sum] = [0, 0]
  for await (const piece of answer.pieces(4_000_000)) {
    bytes += piece.length
    sum = piece.reduce((total, byte) => total + byte, sum)
  }
  expect([bytes, sum]).toEqual([4_000_000, 78_000_000])
  expect(lengths).toEqual(['4000000'])
})

test('a stream that breaks off says why, and sends nothing whole', async () => {
  const base = await served((incoming, outgoing) => {
    incoming.on('error', () => {})
    incoming.on('end', () => outgoing.end())
    incoming.resume()
  })
  async function* pieces() {
    yield new Uint8Array(10)
    throw new CodedError('BLOB_DAMAGED', 'It rotted.')
  }
  const stream = { bytes: 20, pieces }
  await expect(
    askSite(realClock, { base, method: 'PUT', path: '/x', stream }),
  ).rejects.toMatchObject({ code: 'BLOB_DAMAGED' })
})

test('no more is taken of an answer than it may have', async () => {
  const base = await served((_, outgoing) => void outgoing.end('x'.repeat(1001)))
  const answer = await askSite(realClock, asked(base))
  await expect(answer.bytes(1000)).rejects.toMatchObject({ code: 'ANSWER_TOO_LARGE' })
})

test.each([
  ['no JSON', '{'],
  ['another shape', '{"a":"1"}'],
])('an answer that is %s is told to be none of its kind', async (_, text) => {
  const base = await served((_incoming, outgoing) => void outgoing.end(text))
  const answer = await askSite(realClock, asked(base))
  const reading = answer.message(z.object({ a: z.number() }), 1000)
  await expect(reading).rejects.toMatchObject({ code: 'ANSWER_BAD' })
})

test('who does not answer, and who breaks off, is told to be silent', async () => {
  const base = await served((_, outgoing) => {
    outgoing.writeHead(200, { 'content-length': '100' })
    outgoing.write('x', () => outgoing.destroy())
  })
  const answer = await askSite(realClock, asked(base))
  await expect(answer.bytes(1000)).rejects.toMatchObject({ code: 'SITE_SILENT' })
  const nobody = asked('http://127.0.0.1:1')
  await expect(askSite(realClock, nobody)).rejects.toMatchObject({ code: 'SITE_SILENT' })
})

test('a request ends when its signal says so', async () => {
  const base = await served(() => {})
  const stop = new AbortController()
  const asking = askSite(realClock, { ...asked(base), signal: stop.signal })
  stop.abort(new CodedError('CLOSED', 'The end.'))
  await expect(asking).rejects.toMatchObject({ code: 'CLOSED' })
})

test('virtual time stands while an answer comes, and goes on however it ends', async () => {
  const clock = new VirtualClock()
  const fired: string[] = []
  clock.after(1000, () => fired.push('timer'))
  const heard = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const base = await served(async (_, outgoing) => {
    heard.resolve()
    await release.promise
    outgoing.end('{}')
  })
  const asking = askSite(clock, asked(base)).then(answer => answer.bytes(10))
  const advanced = clock.advance(1000)
  await heard.promise
  expect(fired).toEqual([])
  release.resolve()
  await asking
  await advanced
  expect(fired).toEqual(['timer'])
})
