import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { startCarrierServer } from '../../src-main/carrier/server'
import type { UpdateDesk } from '../../src-main/carrier/update-desk'
import { carrierBench, handsetAt, inquiryOf } from './carrier-bench'

const INQUIRY = '/v1/updates/inquiry'

/** A server whose desk answers inquiries when it is told to, with a count of what is in flight. */
async function slowServer() {
  const reached = Promise.withResolvers<void>()
  const answered = Promise.withResolvers<{ update: null }>()
  const defects: unknown[] = []
  let inFlight = 0
  let mostInFlight = 0
  const desk = {
    inquire: () => {
      reached.resolve()
      return answered.promise
    },
  }
  const server = await startCarrierServer({
    desk: desk as unknown as UpdateDesk,
    audit: { refuse: () => {} },
    clock: {
      busy: () => {
        mostInFlight = Math.max(mostInFlight, ++inFlight)
        return () => void (inFlight -= 1)
      },
    },
    logDefect: error => defects.push(error),
    port: 0,
  })
  const flights = () => ({ now: inFlight, most: mostInFlight })
  return { server, reached: reached.promise, answer: answered.resolve, defects, flights }
}

test('time waits for every answer', async () => {
  const { server, reached, answer, flights } = await slowServer()
  const asking = handsetAt(server.address).post(INQUIRY, inquiryOf('1.0.0'))
  await reached
  expect(flights()).toEqual({ now: 1, most: 1 })
  answer({ update: null })
  expect((await asking).status).toBe(200)
  expect(flights()).toEqual({ now: 0, most: 1 })
  await server.close()
})

test('the server has ended when nothing is being answered any more', async () => {
  const { server, reached, answer } = await slowServer()
  const said: string[] = []
  const asking = handsetAt(server.address)
    .post(INQUIRY, inquiryOf('1.0.0'))
    .catch(() => said.push('cut off'))
  await reached
  const closing = server.close().then(() => said.push('closed'))
  await asking
  // Whatever ends without the answer has had its turn by then.
  await expect(fetch(server.address)).rejects.toThrow('fetch failed')
  said.push('answered')
  answer({ update: null })
  await closing
  expect(said).toEqual(['cut off', 'answered', 'closed'])
})

test('a message that never comes whole does not hold the end up', async () => {
  const { server, flights, defects } = await slowServer()
  const { port, host } = new URL(server.address)
  const socket = connect(Number(port), '127.0.0.1')
  socket.on('error', () => {})
  const headers = `host: ${host}\r\ncontent-type: application/json\r\ncontent-length: 100`
  socket.write(`POST ${INQUIRY} HTTP/1.1\r\n${headers}\r\n\r\n{`)
  await expect.poll(() => flights().now).toBe(1)
  await server.close()
  expect(flights()).toEqual({ now: 0, most: 1 })
  expect(defects).toEqual([])
})

test('after its end nothing listens again', async () => {
  const bench = await carrierBench()
  await bench.close()
  await expect(bench.carrier.server()).rejects.toMatchObject({ code: 'CLOSED' })
})
