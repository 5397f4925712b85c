import { describe, expect, test } from 'vitest'
import { answered, carrierAt, networkBench, PASSWORD, PC, sampleFace } from './network-bench'

const AT = '10.0.0.7'
const CONNECTED = { handset: 'H-1', deviceId: 'ABC-123', ipAddress: AT, password: PASSWORD }

function code(expected: string) {
  return expect.objectContaining({ code: expected })
}

async function handset(changes: Parameters<typeof sampleFace>[0] = {}) {
  const bench = networkBench()
  const face = sampleFace(changes)
  bench.faces.set('H-1', face)
  bench.network.connectHandset(CONNECTED)
  const carrier = await carrierAt(bench, AT)
  return { ...bench, face, carrier }
}

describe('a handset in the network', () => {
  test('asks for updates itself when it is told of one [S1-11] [S1-12]', async () => {
    const { carrier, face } = await handset()
    const opened = await answered(carrier.session('ABC-123'))
    expect(opened.message).toMatchObject({ takes: 'notice', software: face.software })
    const token = await carrier.connected('ABC-123')
    expect(await answered(carrier.notice(token))).toEqual({ status: 202, message: null })
    expect(face.notices).toBe(1)
    expect(await answered(carrier.session('ABC-123', 'wrong'))).toMatchObject({ status: 401 })
    expect(await answered(carrier.notice({}))).toMatchObject({ status: 401 })
    expect(face.notices).toBe(1)
  })

  test('takes no software', async () => {
    const { carrier } = await handset()
    const sent = carrier.software(new Uint8Array(10), await carrier.connected('ABC-123'))
    expect(await answered(sent)).toEqual({ status: 409, message: code('NOT_TAKEN') })
  })

  test('is not reached while it is off, or away', async () => {
    const { carrier, face, network, faces } = await handset()
    face.isReachable = false
    await expect(carrier.session('ABC-123')).rejects.toMatchObject({ code: 'SITE_SILENT' })
    face.isReachable = true
    expect(await answered(carrier.session('ABC-123'))).toMatchObject({ status: 200 })
    faces.clear()
    await expect(carrier.session('ABC-123')).rejects.toMatchObject({ code: 'SITE_SILENT' })
    expect(network.devices()).toMatchObject([{ isReachable: false, software: null }])
  })

  test('has its test signal answered by its software, or by nobody', async () => {
    const answers = ['hello', null]
    const { carrier } = await handset({
      testSignal: async () => ({ answer: answers.shift() ?? null, software: null }),
    })
    const token = await carrier.connected('ABC-123')
    const told = { isPending: false, software: null }
    expect(await carrier.tested('hello', token)).toEqual({ ...told, answer: 'hello' })
    expect(await carrier.tested('hello', token)).toEqual({ ...told, answer: null })
  })

  test('has a test signal pending while its software takes its time', async () => {
    const answers = [1, 2].map(() => Promise.withResolvers<string>())
    let asked = 0
    const { carrier } = await handset({
      testSignal: async () => ({ answer: (await answers[asked++]?.promise) ?? '', software: null }),
    })
    const token = await carrier.connected('ABC-123')
    const pending = { isPending: true, answer: null, software: null }
    expect(await carrier.tested('first', token)).toEqual(pending)
    expect(await carrier.tested('second', token)).toEqual(pending)
    // Only the answer to the newest signal counts.
    answers[0]?.resolve('first')
    expect((await carrier.testAnswer(token)).message).toEqual(pending)
    answers[1]?.resolve('second')
    const { message } = await carrier.testAnswer(token)
    expect(message).toEqual({ isPending: false, answer: 'second', software: null })
  })

  test.each(['silence', 'wrong-answer'] as const)('answers otherwise by %s', async fault => {
    const { carrier, network } = await handset()
    network.changeDevice({ ipAddress: AT, fault })
    const token = await carrier.connected('ABC-123')
    const message = await carrier.tested('hello', token)
    expect(message).toMatchObject({ answer: fault === 'silence' ? null : 'not hello' })
  })

  test('hears nothing of a notice over a link that breaks, or lies about it', async () => {
    const { carrier, network, face } = await handset()
    const token = await carrier.connected('ABC-123')
    network.changeDevice({ ipAddress: AT, fault: 'broken-link' })
    await expect(carrier.notice(token)).rejects.toMatchObject({ code: 'SITE_SILENT' })
    await expect(carrier.signal('hello', token)).rejects.toMatchObject({ code: 'SITE_SILENT' })
    network.changeDevice({ ipAddress: AT, fault: 'lies' })
    expect(await answered(carrier.notice(token))).toMatchObject({ status: 202 })
    expect(face.notices).toBe(0)
  })
})

describe('the list of devices', () => {
  test('has each under its address, until it is taken off', () => {
    const { network, faces, seen } = networkBench()
    faces.set('H-1', sampleFace())
    expect(network.connectHandset(CONNECTED)).toEqual({
      ipAddress: AT,
      deviceId: 'ABC-123',
      deviceClass: 'handset',
      handset: 'H-1',
      isReachable: true,
      software: { name: 'kintsugi-k1', version: '1.0.0' },
      recorded: null,
      fault: null,
      lastAccessAt: null,
    })
    network.addDevice(PC)
    expect(network.devices().map(({ deviceId }) => deviceId)).toEqual(['ABC-123', 'PC-1'])
    network.removeDevice({ ipAddress: AT })
    expect(network.devices().map(({ deviceId }) => deviceId)).toEqual(['PC-1'])
    expect(seen.map(({ kind }) => kind)).toEqual([
      'network-device-changed',
      'network-device-changed',
      'network-device-removed',
    ])
    network.connectHandset(CONNECTED)
  })

  test('refuses what cannot be', () => {
    const { network } = networkBench()
    network.addDevice(PC)
    expect(() => network.addDevice({ ...PC, deviceId: 'PC-2' })).toThrow(code('ADDRESS_TAKEN'))
    expect(() => network.connectHandset(CONNECTED)).toThrow(code('HANDSET_UNKNOWN'))
    const unknown = { ipAddress: '1.2.3.4' }
    expect(() => network.changeDevice(unknown)).toThrow(code('ADDRESS_UNKNOWN'))
    expect(() => network.removeDevice(unknown)).toThrow(code('ADDRESS_UNKNOWN'))
    expect(() => network.removeFleet({ name: 'none' })).toThrow(code('FLEET_UNKNOWN'))
    const page = { name: 'none', offset: 0, limit: 10 }
    expect(() => network.fleetDevices(page)).toThrow(code('FLEET_UNKNOWN'))
  })

  test('tells what became of a handset when it shows', () => {
    const { network, faces, events, seen } = networkBench()
    const face = sampleFace()
    faces.set('H-1', face)
    network.connectHandset(CONNECTED)
    const told = () => seen.filter(({ kind }) => kind === 'network-device-changed').length
    events.publish({ kind: 'handset-removed', name: 'H-1' })
    const before = told()
    events.publish({ kind: 'handset-removed', name: 'H-1' })
    events.publish({ kind: 'handset-removed', name: 'another' })
    expect(told()).toBe(before)
    face.isReachable = false
    events.publish({ kind: 'handset-removed', name: 'H-1' })
    expect(told()).toBe(before + 1)
  })
})
