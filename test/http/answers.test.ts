import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { host, type Hosted } from './hosted'
import { ask } from './raw-request'

let hosted: Hosted
beforeAll(async () => void (hosted = await host()))
afterAll(() => hosted.close())

function send(method: string, path: string, given: { type?: string; body?: string } = {}) {
  const { port, token } = hosted.server
  const headers = {
    host: `127.0.0.1:${port}`,
    authorization: `Bearer ${token}`,
    ...(given.type === undefined ? {} : { 'content-type': given.type }),
  }
  return ask({ port, method, path, headers, ...(given.body ? { body: given.body } : {}) })
}

describe('an error has one form, whoever answers it', () => {
  const BYTES = 'application/octet-stream'
  test.each<[who: string, request: Parameters<typeof send>, error: object]>([
    [
      'a call',
      ['GET', '/api/handsets/h1/flash?address=11&length=1'],
      { defined: true, code: 'BAD_ADDRESS', status: 422, data: { address: 11, limit: 10 } },
    ],
    [
      'a call with wrong input',
      ['GET', '/api/trace?limit=0'],
      { defined: true, code: 'BAD_REQUEST', status: 400, data: { field: 'limit' } },
    ],
    [
      'a call that does not exist',
      ['GET', '/api/nothing'],
      { defined: false, code: 'NOT_FOUND', status: 404 },
    ],
    [
      'the upload',
      ['POST', '/upload', { type: BYTES, body: 'x' }],
      { defined: true, code: 'BAD_REQUEST', status: 400, data: { field: 'name' } },
    ],
    [
      'the guard',
      ['POST', '/upload?name=x', { type: 'text/plain', body: 'x' }],
      { defined: false, code: 'TYPE_REFUSED', status: 415, data: {} },
    ],
    ['the pages', ['GET', '/nothing'], { defined: false, code: 'NOT_FOUND', status: 404 }],
  ])('%s', async (_who, request, error) => {
    const answer = await send(...request)
    const body = JSON.parse(answer.body)
    expect(Object.keys(body)).toEqual(['defined', 'code', 'status', 'message', 'data'])
    expect(body).toMatchObject(error)
    expect(answer.status).toBe(body.status)
  })
})

describe('a number in a path or a query', () => {
  test.each(['5', '0005'])('may be written %s', async limit => {
    expect(await send('GET', `/api/trace?limit=${limit}`)).toMatchObject({ status: 200 })
  })

  test.each([
    '',
    '1e3',
    '0x10',
    ' 5',
    '5.0',
    '-1',
    '+5',
    'Infinity',
    '99999999999999999999',
    'true',
  ])('may not be written "%s"', async limit => {
    const answer = await send('GET', `/api/trace?limit=${encodeURIComponent(limit)}`)
    expect(answer.status).toBe(400)
    expect(JSON.parse(answer.body)).toMatchObject({ data: { field: 'limit' } })
    const message = await send('GET', `/api/trace/${encodeURIComponent(limit || ' ')}`)
    expect(message.status).toBe(400)
  })
})

describe('HEAD', () => {
  test.each(['/api/hello', '/api/nothing', '/api/openapi.json', '/', '/nothing'])(
    'of %s is answered as GET without the body',
    async path => {
      const [head, get] = [await send('HEAD', path), await send('GET', path)]
      expect(head.status).toBe(get.status)
      expect(head.headers['content-type']).toBe(get.headers['content-type'])
      expect(head.body).toBe('')
    },
  )

  test('of a stream opens none', async () => {
    expect(await send('HEAD', '/api/restores/2/watch')).toMatchObject({ status: 200, body: '' })
    expect(hosted.services.watchers()).toBe(0)
  })
})
