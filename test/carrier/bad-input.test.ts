import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startCarrierServer } from '../../src-main/carrier/server'
import type { RunningSite } from '../../src-main/site/start-site'
import type { UpdateDesk } from '../../src-main/carrier/update-desk'
import { CodedError } from '../../src-main/base/coded-error'
import { realClock } from '../../src-main/observe/real-clock'
import { ask, tell } from '../http/raw-request'
import { carrierBench, handsetAt, inquiryOf } from './carrier-bench'

const INQUIRY = '/v1/updates/inquiry'
const JSON_TYPE = { 'content-type': 'application/json' }
const sound = inquiryOf('1.0.0')
const { software, flash } = sound
if (!software) throw new Error('The sample names its software.')

/** A server whose desk would fail the test: nothing of what is sent here may reach it. */
describe('what handsets send is checked before anything is done with it', () => {
  let server: RunningSite
  let port: number
  const refusals: string[] = []
  const defects: unknown[] = []
  beforeAll(async () => {
    const touched = () => Promise.reject(new Error('It reached the desk.'))
    const desk = { inquire: touched, request: touched, report: touched, file: touched }
    server = await startCarrierServer({
      desk: desk as unknown as UpdateDesk,
      audit: { refuse: ({ code }) => refusals.push(code) },
      clock: realClock,
      logDefect: error => defects.push(error),
      port: 0,
    })
    port = Number(new URL(server.address).port)
  })
  afterAll(() => server.close())

  test.each<[what: string, path: string, body: unknown]>([
    ['nothing', INQUIRY, ''],
    ['no JSON', INQUIRY, '{'],
    ['null', INQUIRY, null],
    ['a list', INQUIRY, [sound]],
    ['no terminal', INQUIRY, { ...sound, terminalId: undefined }],
    ['a terminal with a path in it', INQUIRY, { ...sound, terminalId: '../T' }],
    ['a terminal too long', INQUIRY, { ...sound, terminalId: 'T'.repeat(33) }],
    ['an empty model', INQUIRY, { ...sound, model: '' }],
    ['a model too long', INQUIRY, { ...sound, model: 'k'.repeat(65) }],
    ['no software', INQUIRY, { ...sound, software: undefined }],
    [
      'a digest in capitals',
      INQUIRY,
      { ...sound, software: { ...software, sha256: 'AB'.repeat(32) } },
    ],
    ['a short digest', INQUIRY, { ...sound, neededFile: 'ab' }],
    ['negative bytes', INQUIRY, { ...sound, ramBytes: -1 }],
    ['half a byte', INQUIRY, { ...sound, ramBytes: 0.5 }],
    ['bytes as text', INQUIRY, { ...sound, ramBytes: '65536' }],
    ['more RAM than addresses', INQUIRY, { ...sound, ramBytes: 2 ** 33 }],
    ['sectors of no size', INQUIRY, { ...sound, flash: { ...flash, sectorBytes: 0 } }],
    ['sectors of an odd size', INQUIRY, { ...sound, flash: { ...flash, sectorBytes: 5000 } }],
    ['huge sectors', INQUIRY, { ...sound, flash: { ...flash, sectorBytes: 2 ** 30 } }],
    ['no flash', INQUIRY, { ...sound, flash: null }],
    ['a request without a terminal', '/v1/updates/x/request', {}],
    [
      'a report of no known outcome',
      '/v1/updates/x/report',
      { terminalId: 'T-1', outcome: 'fine', software: null },
    ],
    [
      'a report without software',
      '/v1/updates/x/report',
      { terminalId: 'T-1', outcome: 'updated' },
    ],
  ])('%s is refused as BAD_REQUEST', async (_, path, body) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const answer = await handsetAt(server.address).post(path, text)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ code: 'BAD_REQUEST', message: expect.any(String) })
  })

  test.each<
    [
      what: string,
      status: number,
      code: string,
      send: () => Promise<{ status: number; body: string }>,
    ]
  >([
    ['a form', 415, 'TYPE_REFUSED', () => send({ headers: { 'content-type': 'text/plain' } })],
    ['no type', 415, 'TYPE_REFUSED', () => send({ headers: {} })],
    [
      'a message too long',
      413,
      'BODY_TOO_LARGE',
      () => send({ body: JSON.stringify({ x: 'y'.repeat(20_000) }) }),
    ],
    [
      'an announced length too long',
      413,
      'BODY_TOO_LARGE',
      () =>
        send({ headers: { ...JSON_TYPE, 'content-length': '99999' }, body: 'x'.repeat(99_999) }),
    ],
    ['a foreign host', 421, 'HOST_REFUSED', () => send({ host: 'carrier.example' })],
    ['the host of another port', 421, 'HOST_REFUSED', () => send({ host: '127.0.0.1:1' })],
    [
      'a web page',
      403,
      'SITE_REFUSED',
      () => send({ headers: { ...JSON_TYPE, origin: server.address } }),
    ],
    [
      'a web page without an origin',
      403,
      'SITE_REFUSED',
      () => send({ headers: { ...JSON_TYPE, 'sec-fetch-site': 'none' } }),
    ],
    ['another path', 404, 'NOT_FOUND', () => send({ path: '/' })],
    ['another method', 404, 'NOT_FOUND', () => send({ method: 'PUT' })],
    ['a file by POST', 404, 'NOT_FOUND', () => send({ path: '/v1/updates/x/file' })],
    [
      'a file without a token',
      401,
      'TOKEN_REQUIRED',
      () => send({ path: '/v1/updates/x/file', method: 'GET', body: '' }),
    ],
    [
      'a token of another kind',
      401,
      'TOKEN_REQUIRED',
      () =>
        send({
          path: '/v1/updates/x/file',
          method: 'GET',
          body: '',
          headers: { authorization: 'Basic eDp5' },
        }),
    ],
    [
      'a token too long',
      401,
      'TOKEN_REQUIRED',
      () =>
        send({
          path: '/v1/updates/x/file',
          method: 'GET',
          body: '',
          headers: { authorization: `Bearer ${'t'.repeat(300)}` },
        }),
    ],
  ])('%s is refused with %i', async (_, status, code, attempt) => {
    const answer = await attempt()
    expect(answer.status).toBe(status)
    expect(JSON.parse(answer.body)).toMatchObject({ code })
  })

  test('a file by HEAD is refused, without a body as its answer must be', async () => {
    const answer = await send({ path: '/v1/updates/x/file', method: 'HEAD', body: '' })
    expect(answer).toMatchObject({ status: 405, body: '' })
  })

  test.each(['x'.repeat(65), '%1b%5b31m', 'a.b', '%ff'])('no ID is repeated: %s', async id => {
    const path = `/v1/updates/${id}/request`
    const answer = await send({ path, body: JSON.stringify({ terminalId: 'T-1' }) })
    expect(answer.status).toBe(404)
    expect(JSON.parse(answer.body)).toMatchObject({
      code: 'UPDATE_UNKNOWN',
      message: 'The path names no update. Inquire first.',
    })
  })

  test.each<[what: string, text: string]>([
    ['no HTTP', 'hello\r\n\r\n'],
    ['no host', `GET ${INQUIRY} HTTP/1.1\r\n\r\n`],
    ['headers without end', `GET ${INQUIRY} HTTP/1.1\r\nx: ${'x'.repeat(9000)}`],
  ])('%s ends the line', async (_, text) => {
    expect(await tell(port, text)).toMatch(/^HTTP\/1\.1 4(00|31) /)
  })

  test('two hosts are refused', async () => {
    const hosts = `host: 127.0.0.1:${port}\r\nhost: 127.0.0.1:${port}`
    const answer = await tell(port, `GET /x HTTP/1.1\r\n${hosts}\r\nconnection: close\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 4(00|21) /)
  })

  test('every refusal is audited, and nothing of it is a defect', () => {
    expect(new Set(refusals)).toEqual(
      new Set([
        'BAD_REQUEST',
        'TYPE_REFUSED',
        'BODY_TOO_LARGE',
        'HOST_REFUSED',
        'SITE_REFUSED',
        'NOT_FOUND',
        'UPDATE_UNKNOWN',
        'METHOD_REFUSED',
        'TOKEN_REQUIRED',
      ]),
    )
    expect(defects).toEqual([])
  })

  function send(changes: {
    readonly path?: string
    readonly method?: string
    readonly host?: string
    readonly headers?: Record<string, string>
    readonly body?: string
  }) {
    const { path = INQUIRY, method = 'POST', host = `127.0.0.1:${port}` } = changes
    const { headers = JSON_TYPE, body = JSON.stringify(sound) } = changes
    return ask({ port, path, method, headers: { host, ...headers }, body })
  }
})

describe('ranges', () => {
  test.each([
    'bytes=',
    'bytes=-',
    'bytes=-0',
    'bytes=9-3',
    'bytes=0-1,5-6',
    'bytes=one-two',
    'bytes=-1-5',
    'bytes=0-99999999999999999999',
    'lines=0-1',
    'bytes=99999999-',
  ])('%s is no range of the file', async range => {
    const { handset, update, authorization } = await requested()
    const answer = await handset.get(update.id, { authorization, range })
    expect(answer.status).toBe(416)
    expect(answer.headers.get('content-range')).toBe(`bytes */${update.file.bytes}`)
    await answer.arrayBuffer()
  })

  test('one that begins where the file ends is refused, one of its last bytes is given', async () => {
    const { handset, update, authorization } = await requested()
    const { bytes } = update.file
    const beyond = await handset.get(update.id, { authorization, range: `bytes=${bytes}-` })
    expect(beyond.status).toBe(416)
    await beyond.arrayBuffer()
    const last = await handset.get(update.id, { authorization, range: 'bytes=-5' })
    expect(last.headers.get('content-range')).toBe(`bytes ${bytes - 5}-${bytes - 1}/${bytes}`)
    expect((await last.arrayBuffer()).byteLength).toBe(5)
    const wide = await handset.get(update.id, { authorization, range: `bytes=10-${2 * bytes}` })
    expect((await wide.arrayBuffer()).byteLength).toBe(bytes - 10)
  })

  async function requested() {
    const bench = await carrierBench()
    await bench.publish('1.1.0')
    const handset = handsetAt(bench.address)
    const update = await handset.inquire(sound)
    if (!update) throw new Error('There is an update.')
    return { handset, update, authorization: `Bearer ${await handset.request(update.id)}` }
  }
})

describe('failures of the server', () => {
  test('what is wrong with the server itself is told in general words and logged', async () => {
    const bench = await carrierBench({
      makeFile: () => Promise.reject(new TypeError('secret detail')),
    })
    await bench.publish('1.1.0')
    const answer = await handsetAt(bench.address).post(INQUIRY, sound)
    expect(answer.status).toBe(500)
    expect(await answer.text()).not.toContain('secret')
    expect(bench.defects).toHaveLength(1)
  })

  test('a maker that failed is asked again the next time', async () => {
    let attempts = 0
    const bench = await carrierBench({
      makeFile: async ({ fresh }) => {
        attempts += 1
        if (attempts === 1) throw new CodedError('DELTA_WORKER_DIED', 'It died.')
        return { file: fresh, workBytes: 16_384, fullBytes: fresh.length }
      },
    })
    await bench.publish('1.1.0')
    const handset = handsetAt(bench.address)
    expect((await handset.post(INQUIRY, sound)).status).toBe(500)
    expect(await handset.inquire(sound)).toMatchObject({ kind: 'full' })
  })

  test('an inquiry under way when the workbench ends does not hold it up', async () => {
    const bench = await carrierBench({
      makeFile: ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new CodedError('CANCELLED', 'Cancelled.')))
        }),
    })
    await bench.publish('1.1.0')
    const asking = handsetAt(bench.address)
      .post(INQUIRY, sound)
      .then(
        ({ status }) => status,
        () => 'cut off',
      )
    await expect.poll(() => bench.orders.length).toBe(1)
    await bench.close()
    expect([503, 'cut off']).toContain(await asking)
  })
})
