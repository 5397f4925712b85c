import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { FRAME_CHARACTERS_MAX, frameFault } from '../../src-main/rpc/frame'
import { FrameHandler } from '../../src-main/rpc/frame-line'
import { bearer, portTo, routerOf, socketTo, startServer } from './carriers'
import { sampleServices } from './sample-services'

const CALL = '{"i":"1","p":{"u":"/handsets/create","b":{"json":{"name":"h2"}}}}'

const MALFORMED: readonly (readonly [what: string, frame: string])[] = [
  ['nothing', ''],
  ['no JSON', 'nonsense'],
  ['half of a frame', CALL.slice(0, 20)],
  ['a bare value', '1'],
  ['null', 'null'],
  ['a list', '[]'],
  ['an object without an id', '{"p":{"u":"/app/hello"}}'],
  ['an id that is no text', '{"i":1,"p":{"u":"/app/hello"}}'],
  ['an endless id', `{"i":"${'x'.repeat(100)}","p":{"u":"/app/hello"}}`],
  ['a type that does not exist', '{"i":"1","t":9,"p":{"u":"/app/hello"}}'],
  ['a stream to the main process', '{"i":"1","t":3,"p":{"e":"message","d":{}}}'],
  ['no payload', '{"i":"1"}'],
  ['a path that is no text', '{"i":"1","p":{"u":{}}}'],
  ['a path elsewhere', '{"i":"1","p":{"u":"http://evil.example/app/hello"}}'],
  ['a path that is no address', '{"i":"1","p":{"u":"//["}}'],
  ['another method', '{"i":"1","p":{"u":"/app/hello","m":"PUT"}}'],
  ['headers that are no texts', '{"i":"1","p":{"u":"/app/hello","h":{"content-type":1}}}'],
  ['deep nesting', '['.repeat(200_000)],
]

describe('malformed frames', () => {
  test('the frame they differ from is a proper one', () => {
    expect(frameFault(CALL)).toBeUndefined()
    expect(frameFault('{"i":"1","t":4}')).toBeUndefined()
  })

  test.each(MALFORMED)('%s ends a message port and performs nothing', async (_what, frame) => {
    const services = sampleServices()
    const handler = new FrameHandler(routerOf(services))
    const port = portTo(handler)
    port.start()
    port.postMessage(frame)
    port.postMessage(CALL)
    await once(port, 'close')
    expect(services.performed).toEqual([])
  })

  test('what is no text ends a message port', async () => {
    for (const frame of [undefined, 1, {}, Buffer.from(CALL), { data: { data: CALL } }]) {
      const port = portTo(new FrameHandler(routerOf(sampleServices())))
      port.start()
      port.postMessage(frame)
      expect(await once(port, 'close')).toBeDefined()
    }
  })

  test('a WebSocket is closed with the reason, and the next one is served', async () => {
    const services = sampleServices()
    const server = await startServer(routerOf(services))
    for (const [, frame] of MALFORMED) {
      const socket = await socketTo(server)
      socket.send(frame)
      const [code, reason] = await once(socket, 'close')
      expect(code).toBe(1008)
      expect(String(reason)).toMatch(/^This is no call: .+\.$/)
    }
    const socket = await socketTo(server)
    socket.send(CALL)
    const [answer] = await once(socket, 'message')
    expect(JSON.parse(String(answer))).toMatchObject({ i: '1', p: { b: { json: { name: 'h2' } } } })
    socket.close()
    await server.close()
    expect(services.performed).toHaveLength(1)
  })

  test('a binary and an oversized message close a WebSocket', async () => {
    const server = await startServer(routerOf(sampleServices()))
    const binary = await socketTo(server)
    binary.send(Buffer.from(CALL))
    expect((await once(binary, 'close'))[0]).toBe(1008)
    const large = await socketTo(server)
    large.send('x'.repeat(FRAME_CHARACTERS_MAX + 1))
    expect((await once(large, 'close'))[0]).toBe(1009)
    await server.close()
  })

  test.each([
    ['half of a body', '{"name":', 'BAD_REQUEST'],
    ['a body that is no object', '[1,2]', 'BAD_REQUEST'],
    ['a number', '7', 'BAD_REQUEST'],
    ['a body of another shape', '{"name":{"a":1}}', 'BAD_REQUEST'],
    ['deep nesting', '['.repeat(200_000), 'BAD_REQUEST'],
    ['a body beyond the limit', `{"name":"${'x'.repeat(1_100_000)}"}`, 'BODY_TOO_LARGE'],
  ])('over HTTP %s is refused in words and performs nothing', async (_what, body, code) => {
    const services = sampleServices()
    const server = await startServer(routerOf(services))
    const answer = await fetch(`${server.origin}/api/handsets`, {
      method: 'POST',
      headers: { ...bearer(server), 'content-type': 'application/json' },
      body,
    })
    const error: unknown = await answer.json()
    expect(error).toMatchObject({ code, message: expect.any(String), data: expect.anything() })
    expect(JSON.stringify(error)).not.toContain('\\n')
    expect(answer.status).toBe(code === 'BAD_REQUEST' ? 400 : 413)
    expect(services.performed).toEqual([])
    await server.close()
  })

  test('serialised types that the contract does not use are refused, not obeyed', async () => {
    const services = sampleServices()
    const port = portTo(new FrameHandler(routerOf(services)))
    port.start()
    const odd = [
      { json: { name: '/(a+)+$/' }, meta: [[6, 'name']] },
      { json: { name: 'x' }, meta: [[1, '__proto__', 'polluted']] },
      { json: { name: 'x' }, meta: [[3, 'nothing', 'here']] },
      { json: { name: 'x' }, meta: 7 },
      { json: { name: '1'.repeat(300_000) }, meta: [[0, 'name']] },
    ]
    for (const [index, body] of odd.entries()) {
      port.postMessage(JSON.stringify({ i: String(index), p: { u: '/handsets/create', b: body } }))
      const [answer] = await once(port, 'message')
      expect(JSON.parse(String(answer))).toMatchObject({
        p: { b: { json: { code: 'BAD_REQUEST' } } },
      })
    }
    expect(services.performed).toEqual([])
    expect(Object.prototype).not.toHaveProperty('polluted')
    port.close()
  })
})
