import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createRawServer, type AddressInfo, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { StopSignal } from '../../../src-main/handset/radio/stop-signal'
import { FetchRadio } from '../../../src-main/handset/service/fetch-radio'
import { documentOver } from '../../../src-main/handset/trust/metadata-source'
import { realClock } from '../../../src-main/observe/real-clock'

const LIMIT = 16_384

/** What comes of asking a server at this port for a timestamp. */
async function askedAt(port: number): Promise<unknown> {
  const address = () => Promise.resolve(`http://127.0.0.1:${port}`)
  const radio = new FetchRadio({ address, clock: realClock })
  const request = { vendorName: 'Vendor A', file: 'timestamp.json', bytesMax: LIMIT }
  return documentOver(radio, request, new StopSignal()).catch((error: unknown) => error)
}

async function answering(listener: RequestListener): Promise<unknown> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return askedAt((server.address() as AddressInfo).port)
}

/** The same from a server that says what no HTTP library would. */
async function answeringRaw(answer: string): Promise<unknown> {
  const sockets: Socket[] = []
  const server = createRawServer(socket => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end(answer))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return askedAt((server.address() as AddressInfo).port)
}

test('a compressed bomb is cut at the limit of what it unpacks to', async () => {
  const bomb = gzipSync(new Uint8Array(64 * 1024 * 1024))
  const outcome = await answering((_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': bomb.length }).end(bomb)
  })
  expect(outcome).toMatchObject({ code: 'METADATA_TOO_LONG' })
})

test('a document that ends before its announced length is a lost link, not a document', async () => {
  const outcome = await answeringRaw('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{"signed":')
  expect(outcome).toMatchObject({ name: 'RadioLost' })
})

test('of one that goes on after its announced length nothing more is taken', async () => {
  const outcome = await answeringRaw(
    `HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}${'x'.repeat(99)}`,
  )
  expect(outcome).toEqual(Uint8Array.of(0x7b, 0x7d))
})

test('a server that leads elsewhere is not followed', async () => {
  const outcome = await answering((_request, response) => {
    response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()
  })
  expect(outcome).toMatchObject({ name: 'RadioLost' })
})
