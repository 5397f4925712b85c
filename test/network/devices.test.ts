import { request } from 'node:http'
import { describe, expect, test } from 'vitest'
import { DEVICE_PATHS, SOFTWARE_HEADERS } from '../../src-main/wire/device/messages'
import { answered, carrierAt, networkBench, PASSWORD, PC, sha256Of } from './network-bench'

const SOFTWARE = new Uint8Array(200_000).map((_, at) => at * 7)

async function pc(software: { name: string; version: string } | null = PC.software) {
  const bench = networkBench()
  bench.network.addDevice({ ...PC, software })
  const carrier = await carrierAt(bench, PC.ipAddress)
  const view = () => bench.network.devices()[0]
  return { ...bench, carrier, view, token: await carrier.connected(PC.deviceId) }
}

function code(expected: string) {
  return expect.objectContaining({ code: expected })
}

describe('a device that takes software', () => {
  test('[S1-14] [S1-15] [S1-24] [S1-41] installs what is sent, by the installer in it', async () => {
    const { carrier, view, token, seen } = await pc()
    const answer = await answered(carrier.software(SOFTWARE, token))
    const software = { name: 'editor', version: '2.0' }
    expect(answer).toEqual({
      status: 200,
      message: { outcome: 'installed', sha256: sha256Of(SOFTWARE), software },
    })
    expect(view()).toMatchObject({ software, recorded: null, fault: null })
    expect(seen.at(-1)).toMatchObject({ kind: 'network-device-changed', device: { software } })
  })

  test('[S1-14] [S1-15] [S1-24] records it where it is told to, and runs on as before', async () => {
    const { carrier, view, token } = await pc()
    const asked = { ...token, [SOFTWARE_HEADERS.delivery]: 'record' }
    const answer = await answered(carrier.software(SOFTWARE, asked))
    expect(answer.message).toMatchObject({ outcome: 'recorded', software: PC.software })
    expect(view()).toMatchObject({
      software: PC.software,
      recorded: { name: 'editor', version: '2.0', sha256: sha256Of(SOFTWARE), bytes: 200_000 },
    })
  })

  test('takes names of any script', async () => {
    const { carrier, view, token } = await pc()
    const name = encodeURIComponent('表計算')
    await answered(carrier.software(SOFTWARE, { ...token, [SOFTWARE_HEADERS.name]: name }))
    expect(view()).toMatchObject({ software: { name: '表計算', version: '2.0' } })
  })

  test.each([
    ['no token', {}, 401, 'TOKEN_REQUIRED'],
    ['another token', { authorization: `Bearer ${'x'.repeat(43)}` }, 403, 'TOKEN_WRONG'],
    ['another digest', { [SOFTWARE_HEADERS.sha256]: '0'.repeat(64) }, 422, 'SOFTWARE_DAMAGED'],
    ['no digest', { [SOFTWARE_HEADERS.sha256]: '' }, 400, 'BAD_REQUEST'],
    ['a name that is none', { [SOFTWARE_HEADERS.name]: '%zz' }, 400, 'BAD_REQUEST'],
    ['an unknown delivery', { [SOFTWARE_HEADERS.delivery]: 'eat' }, 400, 'BAD_REQUEST'],
  ])('is unchanged by software with %s', async (_, headers, status, refused) => {
    const { carrier, view, token, refusals } = await pc()
    const sent = 'authorization' in headers || refused === 'TOKEN_REQUIRED' ? {} : token
    const answer = await answered(carrier.software(SOFTWARE, { ...sent, ...headers }))
    expect(answer).toEqual({ status, message: code(refused) })
    expect(refusals).toEqual([expect.objectContaining({ actor: 'device', code: refused })])
    expect(view()).toMatchObject({ software: PC.software, recorded: null })
  })

  test('refuses what it has no room for before it comes', async () => {
    const { carrier, token } = await pc()
    const status = await new Promise(done => {
      const headers = {
        ...token,
        'content-length': 64 * 1024 * 1024 + 1,
        [SOFTWARE_HEADERS.name]: 'editor',
        [SOFTWARE_HEADERS.version]: '2.0',
        [SOFTWARE_HEADERS.sha256]: '0'.repeat(64),
        [SOFTWARE_HEADERS.delivery]: 'install',
      }
      const url = `${carrier.address}/${PC.ipAddress}${DEVICE_PATHS.software}`
      const sending = request(url, { method: 'PUT', headers }, answer => {
        done(answer.statusCode)
        sending.destroy()
      })
      sending.on('error', () => {})
      sending.flushHeaders()
    })
    expect(status).toBe(413)
  })

  test('takes no notice: it does not ask by itself', async () => {
    const { carrier, token } = await pc()
    const answer = await answered(carrier.notice(token))
    expect(answer).toEqual({ status: 409, message: code('NOT_TAKEN') })
  })
})

describe('the password of a device', () => {
  test('[S1-12] connects the line; with another one nothing is taken', async () => {
    const { network, carrier, view, refusals } = await pc()
    network.changeDevice({ ipAddress: PC.ipAddress, password: 'changed' })
    const refused = await answered(carrier.session(PC.deviceId))
    expect(refused).toEqual({ status: 401, message: code('PASSWORD_WRONG') })
    expect(refusals).toEqual([expect.objectContaining({ actor: 'device', code: 'PASSWORD_WRONG' })])
    const opened = await answered(carrier.session(PC.deviceId, 'changed'))
    expect(opened).toMatchObject({
      status: 200,
      message: { takes: 'software', software: PC.software },
    })
    expect(view()?.software).toEqual(PC.software)
  })

  test('[S1-12] is refused for another number, and ends the sessions of the old one', async () => {
    const { network, carrier, token } = await pc()
    expect(await answered(carrier.session('PC-2'))).toMatchObject({ status: 401 })
    network.changeDevice({ ipAddress: PC.ipAddress, password: 'changed' })
    expect(await answered(carrier.software(SOFTWARE, token))).toMatchObject({ status: 403 })
  })

  test('opens eight sessions at a time, each for an hour', async () => {
    const { clock, carrier, token } = await pc()
    for (let count = 0; count < 8; count++) await carrier.connected(PC.deviceId)
    expect(await answered(carrier.signal('hello', token))).toMatchObject({ status: 403 })
    const fresh = await carrier.connected(PC.deviceId)
    expect(await answered(carrier.signal('hello', fresh))).toMatchObject({ status: 202 })
    await clock.advance(3_600_001)
    expect(await answered(carrier.signal('hello', fresh))).toMatchObject({ status: 403 })
    expect(await carrier.testAnswer(fresh)).toMatchObject({ status: 403 })
  })
})

describe('an access', () => {
  test('[S1-11] reaches the device with that address and no other', async () => {
    const bench = networkBench()
    bench.network.addDevice(PC)
    bench.network.addDevice({ ...PC, deviceId: 'PC-2', ipAddress: '20.3.98.6' })
    const carrier = await carrierAt(bench, '20.3.98.6')
    await answered(carrier.software(SOFTWARE, await carrier.connected('PC-2')))
    expect(bench.network.devices()).toMatchObject([
      { deviceId: 'PC-1', software: PC.software, lastAccessAt: null },
      { deviceId: 'PC-2', software: { version: '2.0' }, lastAccessAt: bench.clock.now() },
    ])
  })

  test.each(['10.9.9.9', 'nobody', '10.1.23'])(
    'to %s, where nobody is, is not answered',
    async ip => {
      const { carrier: _, ...bench } = await pc()
      const carrier = await carrierAt(bench, ip)
      await expect(carrier.session(PC.deviceId)).rejects.toMatchObject({ code: 'SITE_SILENT' })
    },
  )

  test('to a device without its link is not answered', async () => {
    const { network, carrier, seen } = await pc()
    network.changeDevice({ ipAddress: PC.ipAddress, isReachable: false })
    expect(seen.at(-1)).toMatchObject({ device: { isReachable: false } })
    await expect(carrier.session(PC.deviceId)).rejects.toMatchObject({ code: 'SITE_SILENT' })
    network.changeDevice({ ipAddress: PC.ipAddress, isReachable: true })
    expect(await answered(carrier.session(PC.deviceId))).toMatchObject({ status: 200 })
  })

  test('by a path or message that no device knows is refused', async () => {
    const { carrier, token } = await pc()
    const post = (path: string, body: unknown) =>
      answered(carrier.ask('POST', path, { body, headers: token }))
    expect(await post('/v1/tea', {})).toEqual({ status: 404, message: code('NOT_FOUND') })
    expect(await post(DEVICE_PATHS.session, { deviceId: 'PC-1' })).toMatchObject({ status: 400 })
    expect(await post(DEVICE_PATHS.testSignal, { signal: '' })).toMatchObject({ status: 400 })
    const large = { deviceId: 'PC-1', password: 'x'.repeat(20_000) }
    expect(await post(DEVICE_PATHS.session, large)).toMatchObject({ status: 413 })
  })
})

describe('a test signal', () => {
  test('is sent back by the software that runs', async () => {
    const { carrier, token } = await pc()
    expect(await answered(carrier.signal('hello 7', token))).toEqual({ status: 202, message: null })
    expect(await carrier.testAnswer(token)).toEqual({
      status: 200,
      message: { isPending: false, answer: 'hello 7', software: PC.software },
    })
  })

  test('has no answer while no software runs, and one as soon as some does', async () => {
    const { carrier, token } = await pc(null)
    const none = { isPending: false, answer: null, software: null }
    expect((await carrier.testAnswer(token)).message).toEqual(none)
    expect(await carrier.tested('hello', token)).toEqual(none)
    await answered(carrier.software(SOFTWARE, token))
    expect(await carrier.tested('hello', token)).toMatchObject({
      answer: 'hello',
      software: { version: '2.0' },
    })
  })
})

describe('a device that goes wrong', () => {
  async function faulty(fault: 'silence' | 'wrong-answer' | 'broken-link' | 'lies') {
    const bench = await pc()
    bench.network.changeDevice({ ipAddress: PC.ipAddress, fault })
    return bench
  }

  test('by silence does not answer the test signal', async () => {
    const { carrier, token } = await faulty('silence')
    const message = await carrier.tested('hello', token)
    expect(message).toEqual({ isPending: false, answer: null, software: null })
  })

  test('by a wrong answer says something else', async () => {
    const { carrier, token } = await faulty('wrong-answer')
    const message = await carrier.tested('hello', token)
    expect(message).toEqual({ isPending: false, answer: 'not hello', software: PC.software })
  })

  test('by a broken link has nothing of what was sent', async () => {
    const { network, carrier, token, view } = await faulty('broken-link')
    const sending = carrier.software(SOFTWARE, token)
    await expect(sending).rejects.toMatchObject({ code: 'SITE_SILENT' })
    expect(view()).toMatchObject({ software: PC.software, recorded: null })
    network.changeDevice({ ipAddress: PC.ipAddress, fault: null })
    expect(await answered(carrier.software(SOFTWARE, token))).toMatchObject({ status: 200 })
  })

  test('by lies claims the software and has another digest', async () => {
    const { carrier, token, view } = await faulty('lies')
    const { message } = await answered(carrier.software(SOFTWARE, token))
    expect(message).toMatchObject({ outcome: 'installed', software: { version: '2.0' } })
    expect(message).not.toMatchObject({ sha256: sha256Of(SOFTWARE) })
    expect(view()).toMatchObject({ software: PC.software, recorded: null })
  })
})

test('a device that is removed while software comes is told of no more', async () => {
  const { network, carrier, seen } = await pc()
  const token = await carrier.connected(PC.deviceId)
  const headers = {
    ...token,
    [SOFTWARE_HEADERS.name]: 'editor',
    [SOFTWARE_HEADERS.version]: '2.0',
    [SOFTWARE_HEADERS.sha256]: sha256Of(SOFTWARE),
    [SOFTWARE_HEADERS.delivery]: 'install',
  }
  const told = seen.length
  const rest = Promise.withResolvers<void>()
  async function* slowly() {
    yield SOFTWARE.subarray(0, 1)
    await rest.promise
    yield SOFTWARE.subarray(1)
  }
  const url = `${carrier.address}/${PC.ipAddress}${DEVICE_PATHS.software}`
  const body = ReadableStream.from(slowly())
  const sending = fetch(url, { method: 'PUT', headers, body, duplex: 'half' })
  await expect.poll(() => seen.length).toBeGreaterThan(told)
  network.removeDevice({ ipAddress: PC.ipAddress })
  rest.resolve()
  expect((await sending).status).toBe(200)
  expect(seen.at(-1)).toMatchObject({ kind: 'network-device-removed' })
})

test('after its end the network is not reached, and does not begin again', async () => {
  const { network, carrier } = await pc()
  await network.close()
  await expect(carrier.session(PC.deviceId)).rejects.toMatchObject({ code: 'SITE_SILENT' })
  await expect(network.server()).rejects.toMatchObject({ code: 'CLOSED' })
})

test('nothing of this is a defect', async () => {
  const { carrier, defects } = await pc()
  await answered(carrier.session(PC.deviceId, PASSWORD))
  expect(defects).toEqual([])
})
