import { describe, expect, test } from 'vitest'
import { cookieHeader, judge, type GuardedRequest } from '../../src-main/http/guard'
import { Tickets } from '../../src-main/http/tickets'

const policy = { port: 4000, token: 'right' }
const OWN = ['Host', '127.0.0.1:4000']
const BEARER = ['Authorization', 'Bearer right']

function verdict(request: Partial<GuardedRequest>) {
  const whole = { method: 'GET', target: '/', rawHeaders: OWN, isUpgrade: false, ...request }
  const judged = judge(whole, policy)
  return judged.kind === 'refuse' ? judged.answer.code : judged.kind
}

describe('the guard', () => {
  test('lets the token of a first visit in at the front door only', () => {
    expect(verdict({ target: '/?token=right' })).toBe('enter')
    expect(verdict({ target: '/?token=wrong' })).toBe('TOKEN_REQUIRED')
    expect(verdict({ target: '/?token=' })).toBe('TOKEN_REQUIRED')
    expect(verdict({ target: '/api/hello?token=right' })).toBe('TOKEN_REQUIRED')
    expect(verdict({ target: '/?token=right', method: 'POST' })).toBe('TOKEN_REQUIRED')
    expect(verdict({ target: '/?token=right', isUpgrade: true })).toBe('TOKEN_REQUIRED')
    expect(
      verdict({ target: '/?token=right', rawHeaders: [...OWN, 'Sec-Fetch-Site', 'cross-site'] }),
    ).toBe('SITE_REFUSED')
  })

  test('lets a ticket in from another site, for a whole page and nothing else', () => {
    const from = (...headers: string[]) =>
      verdict({
        target: '/?ticket=t',
        rawHeaders: [...OWN, 'sec-fetch-site', 'cross-site', ...headers],
      })
    expect(from('sec-fetch-mode', 'navigate', 'sec-fetch-dest', 'document')).toBe('redeem')
    expect(from('sec-fetch-mode', 'navigate', 'sec-fetch-dest', 'iframe')).toBe('SITE_REFUSED')
    expect(from('sec-fetch-mode', 'cors', 'sec-fetch-dest', 'empty')).toBe('SITE_REFUSED')
    expect(from('sec-fetch-mode', 'no-cors', 'sec-fetch-dest', 'image')).toBe('SITE_REFUSED')
    expect(from('origin', 'http://evil.example')).toBe('ORIGIN_REFUSED')
    expect(verdict({ target: '/api/hello?ticket=t' })).toBe('TOKEN_REQUIRED')
    expect(verdict({ target: '/?ticket=t', method: 'POST' })).toBe('TOKEN_REQUIRED')
    expect(verdict({ target: '/?ticket=t', rawHeaders: ['Host', 'evil:4000'] })).toBe(
      'HOST_REFUSED',
    )
  })

  test('serves WebSockets at one path only', () => {
    const at = (target: string) =>
      verdict({ target, isUpgrade: true, rawHeaders: [...OWN, ...BEARER] })
    expect(at('/socket')).toBe('pass')
    expect(at('/')).toBe('NOT_FOUND')
    expect(at('/socket/../api')).toBe('NOT_FOUND')
  })

  test('needs no type of a call without a body, and JSON of any other', () => {
    const call = (...headers: string[]) =>
      verdict({ method: 'POST', target: '/api/x', rawHeaders: [...OWN, ...BEARER, ...headers] })
    expect(call()).toBe('pass')
    expect(call('content-length', '0')).toBe('pass')
    expect(call('content-length', '1')).toBe('TYPE_REFUSED')
    expect(call('transfer-encoding', 'chunked')).toBe('TYPE_REFUSED')
    expect(call('content-type', 'text/plain')).toBe('TYPE_REFUSED')
    expect(call('content-length', '1', 'content-type', 'Application/JSON ;x=y')).toBe('pass')
    const unnamed = { method: 'POST', target: '/upload?name=x', rawHeaders: [...OWN, ...BEARER] }
    expect(verdict(unnamed)).toBe('TYPE_REFUSED')
  })

  test.each(['OPTIONS', 'TRACE', 'PROPFIND', 'get'])('does not serve %s', method => {
    expect(verdict({ method, rawHeaders: [...OWN, ...BEARER] })).toBe('METHOD_REFUSED')
  })

  test('keeps the cookie from scripts, other sites and other ports', () => {
    expect(cookieHeader(policy)).toBe('kintsugi_4000=right; HttpOnly; SameSite=Strict; Path=/')
  })
})

test('a ticket is good once', () => {
  const tickets = new Tickets()
  const [first, second] = [tickets.issue(), tickets.issue()]
  expect(first).not.toBe(second)
  expect(tickets.redeem('guessed')).toBe(false)
  expect(tickets.redeem(first)).toBe(true)
  expect(tickets.redeem(first)).toBe(false)
  expect(tickets.redeem(second)).toBe(true)
})
