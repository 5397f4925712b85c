import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { host, type Hosted } from './hosted'
import { ask, tell, WEB_SOCKET_HEADERS } from './raw-request'

const ERROR_AT_END =
  /\{"defined":false,"code":"[A-Z_]+","status":4\d\d,"message":"[^"]+\.","data":\{\}\}$/
const JSON_TYPE = { 'content-type': 'application/json' }

/** Everything a page could be after: to see, to change, to listen. */
const REQUESTS = [
  { what: 'GET /', path: '/', isEffect: false },
  { what: 'GET /api/settings', path: '/api/settings', isEffect: false },
  { what: 'GET /api/connect', path: '/api/connect?contract=0', isEffect: false },
  {
    what: 'PATCH /api/settings',
    method: 'PATCH',
    path: '/api/settings',
    body: '{"theme":"dark"}',
    type: JSON_TYPE,
    isEffect: true,
  },
  {
    what: 'POST /api/handsets',
    method: 'POST',
    path: '/api/handsets',
    body: '{"name":"h2"}',
    type: JSON_TYPE,
    isEffect: true,
  },
  { what: 'DELETE /api/trace', method: 'DELETE', path: '/api/trace', isEffect: true },
  {
    what: 'POST /upload',
    method: 'POST',
    path: '/upload?name=fw.bin',
    body: 'firmware',
    type: { 'content-type': 'application/octet-stream' },
    isEffect: true,
  },
  { what: 'WebSocket', path: '/socket', type: WEB_SOCKET_HEADERS, isEffect: false },
] as const

const HOSTS = [
  '127.0.0.1:PORT',
  'localhost:PORT',
  'evil.example:PORT',
  'evil.example',
  '127.0.0.1',
  'localhost:1',
  '127.0.0.1.evil.example:PORT',
  '127.0.0.1:PORT.evil.example',
  'localhost.evil.example:PORT',
  'LOCALHOST:PORT',
  '127.1:PORT',
  '[::1]:PORT',
  '0.0.0.0:PORT',
  'user@127.0.0.1:PORT',
  undefined,
]

const ORIGINS = [
  undefined,
  'http://HOST',
  'http://evil.example',
  'http://127.0.0.1:1',
  'https://127.0.0.1:PORT',
  'http://127.0.0.1:PORT.evil.example',
  'null',
]

const SITES = [undefined, 'same-origin', 'none', 'same-site', 'cross-site', 'nonsense']

const TOKENS: readonly (readonly [name: string, headers: (token: string) => object])[] = [
  ['no token', () => ({})],
  ['the bearer', token => ({ authorization: `Bearer ${token}` })],
  ['the cookie', token => ({ cookie: `kintsugi_PORT=${token}` })],
  ['the cookie among others', token => ({ cookie: `a=b; kintsugi_PORT=${token}; c=d` })],
  ['a wrong bearer', () => ({ authorization: 'Bearer wrong' })],
  ['half of the bearer', token => ({ authorization: `Bearer ${token.slice(0, 20)}` })],
  ['an empty bearer', () => ({ authorization: 'Bearer ' })],
  ['basic credentials', token => ({ authorization: `Basic ${token}` })],
  ['the cookie of another port', token => ({ cookie: `kintsugi_1=${token}` })],
  ['a cookie whose name only ends so', token => ({ cookie: `x_kintsugi_PORT=${token}` })],
  ['an empty cookie', () => ({ cookie: 'kintsugi_PORT=' })],
]

describe('a hostile page', () => {
  let hosted: Hosted

  beforeAll(async () => {
    hosted = await host()
  })
  afterAll(() => hosted.close())

  test.each(REQUESTS)('$what is open to the own page and the token alone', async request => {
    const { port, token } = hosted.server
    const wrong: string[] = []
    let cells = 0
    for (const hostName of HOSTS) {
      for (const origin of ORIGINS) {
        for (const site of request.isEffect ? SITES : SITES.slice(0, 5)) {
          for (const [tokenName, tokenHeaders] of TOKENS) {
            // Where three things are wrong at once nothing new is told.
            const odd = [hostName !== HOSTS[0], origin !== undefined, site !== undefined]
            if (odd.filter(Boolean).length > 1 && !/^the (bearer|cookie)$/.test(tokenName)) continue
            cells += 1
            const given = { hostName, origin, site, tokenName }
            const before = hosted.effects()
            const headers = filled({ ...given, port, token: tokenHeaders(token) })
            const type = 'type' in request ? request.type : {}
            const answer = await ask({ port, ...request, headers: { ...headers, ...type } })
            const isIn = answer.status < 300 || answer.status === 409
            const isRight = isAllowed(given, request.what === 'WebSocket')
            const effects = hosted.effects() - before
            const expected = isRight && request.isEffect ? 1 : 0
            if (isIn !== isRight || effects !== expected) {
              wrong.push(`${JSON.stringify(given)}: ${answer.status}, ${effects} effects`)
            }
          }
        }
      }
    }
    expect(wrong).toEqual([])
    expect(cells).toBeGreaterThan(1000)
  })

  test('a preflight is refused and no answer ever names another origin', async () => {
    const { port, token } = hosted.server
    for (const authorization of ['', `Bearer ${token}`]) {
      const answer = await ask({
        port,
        method: 'OPTIONS',
        path: '/api/settings',
        headers: {
          host: `127.0.0.1:${port}`,
          'access-control-request-method': 'PATCH',
          ...(authorization && { authorization }),
        },
      })
      expect([401, 405]).toContain(answer.status)
      expect(Object.keys(answer.headers).join()).not.toContain('access-control')
    }
  })

  test.each([
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
    ['multipart/form-data; boundary=x', 415],
    ['application/jsonp', 415],
    ['application/octet-stream', 415],
    ['text/plain; application/json', 415],
    ['', 415],
    ['application/json; charset=utf-8', 200],
  ])('a call in %s is answered with %i', async (type, status) => {
    const { port, token } = hosted.server
    const before = hosted.effects()
    const answer = await ask({
      port,
      method: 'POST',
      path: '/api/handsets',
      headers: {
        host: `127.0.0.1:${port}`,
        authorization: `Bearer ${token}`,
        'content-type': type,
      },
      body: '{"name":"h3"}',
    })
    expect(answer.status).toBe(status)
    expect(hosted.effects() - before).toBe(status === 200 ? 1 : 0)
  })

  test('an upload in any other type than bytes is refused', async () => {
    const { port, token } = hosted.server
    for (const type of ['multipart/form-data; boundary=x', 'application/json', 'text/plain']) {
      const headers = {
        host: `127.0.0.1:${port}`,
        authorization: `Bearer ${token}`,
        'content-type': type,
      }
      const body = 'firmware'
      const answer = await ask({ port, method: 'POST', path: '/upload?name=x', headers, body })
      expect(answer.status).toBe(415)
    }
  })

  test('no answer repeats the token, and every one carries the security headers', async () => {
    const { port, token } = hosted.server
    for (const path of ['/', '/?token=wrong', '/api/hello', '/nothing', `/api/x?token=${token}`]) {
      const answer = await ask({ port, path, headers: { host: `127.0.0.1:${port}` } })
      expect(answer.status).toBe(401)
      expect(JSON.stringify(answer)).not.toContain(token)
      expect(answer.headers).toMatchObject({
        'content-security-policy': expect.stringContaining("default-src 'none'"),
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      })
    }
  })

  test.each([
    ['an absolute target', 'GET http://127.0.0.1:PORT/api/hello HTTP/1.1\r\nHost: 127.0.0.1:PORT'],
    ['no path', 'GET * HTTP/1.1\r\nHost: 127.0.0.1:PORT'],
    ['two hosts', 'GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nHost: evil.example'],
    [
      'two tokens',
      'GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nAuthorization: a\r\nAuthorization: b',
    ],
    ['a path of another host', 'GET //evil.example/ HTTP/1.1\r\nHost: 127.0.0.1:PORT'],
    [
      'two lengths',
      'POST /api/handsets HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nContent-Length: 1\r\nTransfer-Encoding: chunked',
    ],
    ['no HTTP at all', 'hello there'],
    ['another protocol', '\x16\x03\x01\x02\x00\x01\x00'],
  ])('%s is refused in words', async (_what, text) => {
    const { port, token } = hosted.server
    const credentials = text.includes('Authorization') ? '' : `\r\nAuthorization: Bearer ${token}`
    const request = `${text.replaceAll('PORT', String(port))}${credentials}\r\nConnection: close\r\n\r\n`
    const answer = await tell(port, request)
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /)
    expect(answer).toMatch(ERROR_AT_END)
  })
})

interface Given {
  readonly hostName: string | undefined
  readonly origin: string | undefined
  readonly site: string | undefined
  readonly tokenName: string
}

/** The rules once more, as a sentence: own host, own origin or none, own site, a right token. */
function isAllowed({ hostName, origin, site, tokenName }: Given, isSocket: boolean): boolean {
  const isOwnHost = hostName === '127.0.0.1:PORT' || hostName === 'localhost:PORT'
  const isOwnOrigin = origin === undefined || origin === 'http://HOST'
  const isOwnSite = site === undefined || site === 'same-origin' || site === 'none'
  const isBearer = tokenName === 'the bearer'
  const isCookie = tokenName.startsWith('the cookie') && !tokenName.includes('another')
  const isNamed = !isSocket || isBearer || origin !== undefined
  return isOwnHost && isOwnOrigin && isOwnSite && (isBearer || isCookie) && isNamed
}

function filled(given: Given & { port: number; token: object }): Record<string, string> {
  const { hostName, origin, site, port, token } = given
  const fill = (text: string) => text.replace('HOST', hostName ?? '').replace('PORT', String(port))
  const headers = { host: hostName, origin, 'sec-fetch-site': site, ...token }
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, fill(value)]] : [],
    ),
  )
}
