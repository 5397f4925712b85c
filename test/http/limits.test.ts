import { connect } from 'node:net'
import { once } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import { IMAGE_FILE_BYTES_MAX, PACKAGE_BYTES_MAX } from '../../src-main/contract/constants'
import type { LoopbackLimits } from '../../src-main/http/loopback-server'
import { host, type Hosted } from './hosted'
import { ask, tell } from './raw-request'

describe('what one visitor may cost', () => {
  let hosted: Hosted
  const start = async (limits: Partial<LoopbackLimits> = {}) => {
    hosted = await host(limits)
    const { port, token } = hosted.server
    return { port, own: { host: `127.0.0.1:${port}`, authorization: `Bearer ${token}` } }
  }
  afterEach(() => hosted.close())

  test('a body beyond 1 MiB is refused, announced or not', async () => {
    const { port, own } = await start()
    const body = `{"name":"${'x'.repeat(1024 * 1024)}"}`
    for (const length of [
      { 'content-length': String(body.length) },
      { 'transfer-encoding': 'chunked' },
    ]) {
      const headers = { ...own, 'content-type': 'application/json', ...length }
      const answer = await ask({ port, method: 'POST', path: '/api/handsets', headers, body })
      expect(answer).toMatchObject({ status: 413 })
      expect(JSON.parse(answer.body)).toMatchObject({
        code: 'BODY_TOO_LARGE',
        data: { limit: 1_048_576 },
      })
    }
    expect(hosted.effects()).toBe(0)
  })

  test('an upload has its own limit and streams', async () => {
    const { port, own } = await start()
    const headers = { ...own, 'content-type': 'application/octet-stream' }
    const body = Buffer.alloc(3 * 1024 * 1024)
    const answer = await ask({
      port,
      method: 'POST',
      path: '/upload?name=C:\\a\\fw.bin',
      headers,
      body,
    })
    expect(answer.status).toBe(200)
    expect(hosted.uploads).toEqual([{ name: 'fw.bin', bytes: body.length }])

    const announced = { ...headers, 'content-length': String(IMAGE_FILE_BYTES_MAX + 1) }
    const text = [
      'POST /upload?name=fw.bin HTTP/1.1',
      ...Object.entries(announced).map(([name, value]) => `${name}: ${value}`),
      'connection: close',
      '\r\n',
    ].join('\r\n')
    const refused = await tell(port, text)
    expect(refused).toMatch(/^HTTP\/1\.1 413 /)
    expect(refused).toContain('"code":"IMAGE_TOO_LARGE"')
    expect(hosted.uploads).toHaveLength(1)
  })

  test('a file that is no image has a path and a limit of its own', async () => {
    const { port, own } = await start()
    const headers = { ...own, 'content-type': 'application/octet-stream' }
    const path = '/upload/package?name=player.zip'
    const body = Buffer.alloc(1_000_000)
    const answer = await ask({ port, method: 'POST', path, headers, body })
    expect(JSON.parse(answer.body)).toEqual({
      digest: 'cd'.repeat(32),
      name: 'player.zip',
      bytes: body.length,
      addedAt: 0,
    })
    const announced = { ...headers, 'content-length': String(PACKAGE_BYTES_MAX + 1) }
    const text = [
      `POST ${path} HTTP/1.1`,
      ...Object.entries(announced).map(([name, value]) => `${name}: ${value}`),
      'connection: close',
      '\r\n',
    ].join('\r\n')
    const refused = await tell(port, text)
    expect(refused).toMatch(/^HTTP\/1\.1 413 /)
    expect(refused).toContain('"code":"PACKAGE_TOO_LARGE"')
    const json = { ...own, 'content-type': 'application/json' }
    expect(await ask({ port, method: 'POST', path, headers: json, body })).toMatchObject({
      status: 415,
    })
    expect(hosted.uploads).toEqual([{ name: 'player.zip', bytes: body.length }])
  })

  test.each(['', 'x'.repeat(256), 'a%00b', 'folder/'])('no file is called "%s"', async name => {
    const { port, own } = await start()
    const headers = { ...own, 'content-type': 'application/octet-stream' }
    const answer = await ask({
      port,
      method: 'POST',
      path: `/upload?name=${name}`,
      headers,
      body: 'x',
    })
    expect(answer.status).toBe(400)
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'BAD_REQUEST', data: { field: 'name' } })
    expect(hosted.uploads).toEqual([])
  })

  test('headers beyond their limit are refused in words', async () => {
    const { port, own } = await start()
    const answer = await ask({ port, headers: { ...own, 'x-flood': 'x'.repeat(20_000) } })
    expect(answer.status).toBe(431)
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'HEADERS_TOO_LARGE' })
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`x-${index}`, '1']))
    expect((await ask({ port, headers: { ...own, ...many } })).status).toBe(431)
  })

  test('headers that never end and bodies that never come are given up', async () => {
    const { port, own } = await start({
      headersTimeoutMs: 100,
      requestTimeoutMs: 200,
      checkIntervalMs: 50,
    })
    const slowHeaders = await tell(port, `GET / HTTP/1.1\r\nHost: ${own.host}\r\n`)
    expect(slowHeaders).toMatch(/^HTTP\/1\.1 408 .*"code":"TOO_SLOW"/s)
    const head = [
      'POST /api/handsets HTTP/1.1',
      `host: ${own.host}`,
      `authorization: ${own.authorization}`,
      'content-type: application/json',
      'content-length: 100',
      '\r\n{"name":',
    ].join('\r\n')
    expect(await tell(port, head)).toMatch(/^HTTP\/1\.1 408 .*"code":"TOO_SLOW"/s)
    expect(hosted.effects()).toBe(0)
  })

  test('connections beyond their number are dropped, and there is room again afterwards', async () => {
    const { port, own } = await start({ connections: 2 })
    const idle = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')]
    await Promise.all(idle.map(socket => once(socket, 'connect')))
    const third = connect(port, '127.0.0.1')
    await once(third, 'close')
    for (const socket of idle) socket.destroy()
    await Promise.all(idle.map(socket => once(socket, 'close')))
    // The server hears of the closed lines at its own next turn.
    await expect
      .poll(() => ask({ port, headers: own }).catch(() => ({ status: 0 })))
      .toMatchObject({
        status: 200,
      })
  })
})
