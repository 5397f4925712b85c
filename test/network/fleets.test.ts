import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { CodedError } from '../../src-main/base/coded-error'
import type { FleetHandsets } from '../../src-main/network/network-fleet'
import { addressAfter } from '../../src-main/network/ip-address'
import { answered, carrierAt, networkBench, PASSWORD, PC, sampleFace } from './network-bench'

const ORDER = {
  name: 'tokyo',
  model: 'k1',
  size: 300,
  firstIpAddress: '10.0.0.200',
  password: PASSWORD,
  prefix: 'F',
  seed: 1,
}

/** A fleet of faces, and what was asked for. */
function fleetBench() {
  const handsets = {
    polls: 0,
    isClosed: false,
    faces: Array.from({ length: 300 }, (_, at) => sampleFace({ terminalId: `K1-${at}` })),
    change: () => {},
  }
  const made: FleetHandsets = {
    face: index => handsets.faces[index] ?? sampleFace(),
    summary: () => ({ versions: { '1.0.0': 300 }, polls: handsets.polls, updated: 0, failed: 0 }),
    close: () => {
      handsets.isClosed = true
      // What ends with them is a change of each.
      handsets.change()
    },
  }
  const bench = networkBench({
    makeFleet: async (order, onChange) => {
      if (order.model !== 'k1') throw new CodedError('SOFTWARE_UNKNOWN', 'There is no software.')
      handsets.change = onChange
      return made
    },
  })
  return { ...bench, handsets }
}

function code(expected: string) {
  return expect.objectContaining({ code: expected })
}

describe('a fleet in the network', () => {
  test('has an address for each handset, one behind the other', async () => {
    const bench = fleetBench()
    const fleet = await bench.network.createFleet(ORDER)
    expect(fleet).toMatchObject({ name: 'tokyo', size: 300, versions: { '1.0.0': 300 }, polls: 0 })
    expect(bench.network.fleets()).toEqual([fleet])
    expect(bench.network.fleetDevices({ name: 'tokyo', offset: 55, limit: 2 })).toMatchObject([
      { deviceId: 'F-56', ipAddress: '10.0.0.255', terminalId: 'K1-55' },
      { deviceId: 'F-57', ipAddress: '10.0.1.0', terminalId: 'K1-56' },
    ])
    const last = bench.network.fleetDevices({ name: 'tokyo', offset: 299, limit: 100 })
    expect(last.map(({ ipAddress }) => ipAddress)).toEqual(['10.0.1.243'])
    expect(bench.network.fleetDevices({ name: 'tokyo', offset: 900, limit: 9 })).toEqual([])
  })

  test('is reached handset by handset [S1-11] [S1-12]', async () => {
    const bench = fleetBench()
    await bench.network.createFleet(ORDER)
    const carrier = await carrierAt(bench, '10.0.1.0')
    expect(await answered(carrier.session('F-56'))).toMatchObject({ status: 401 })
    const token = await carrier.connected('F-57')
    expect(await answered(carrier.notice(token))).toMatchObject({ status: 202 })
    const noticed = bench.handsets.faces.filter(({ notices }) => notices > 0)
    expect(noticed.map(({ terminalId }) => terminalId)).toEqual(['K1-56'])
    const changed = bench.network.changeDevice({ ipAddress: '10.0.1.0', fault: 'silence' })
    expect(changed).toMatchObject({ deviceId: 'F-57', fault: 'silence', handset: null })
    for (const outside of ['10.0.0.199', '10.0.1.244']) {
      const nobody = await carrierAt(bench, outside)
      await expect(nobody.session('F-1')).rejects.toMatchObject({ code: 'SITE_SILENT' })
    }
  })

  test('tells its summary, not each poll', async () => {
    const { network, handsets, seen } = fleetBench()
    await network.createFleet(ORDER)
    const told = () => seen.flatMap(event => (event.kind === 'fleet-changed' ? [event.fleet] : []))
    expect(told()).toHaveLength(1)
    for (handsets.polls = 0; handsets.polls < 100; handsets.polls++) handsets.change()
    await expect.poll(() => told().at(-1)?.polls).toBe(100)
    expect(told()).toHaveLength(2)
  })

  test('leaves its name and its addresses when it is removed', async () => {
    const { network, handsets, seen } = fleetBench()
    await network.createFleet(ORDER)
    network.removeFleet({ name: 'tokyo' })
    expect(handsets.isClosed).toBe(true)
    expect(seen.at(-1)).toEqual({ kind: 'fleet-removed', name: 'tokyo' })
    expect(network.fleets()).toEqual([])
    network.addDevice({ ...PC, ipAddress: '10.0.1.0' })
    network.removeDevice({ ipAddress: '10.0.1.0' })
    await network.createFleet(ORDER)
  })

  test('is told of no more once it is removed', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { network, seen } = fleetBench()
    await network.createFleet(ORDER)
    network.removeFleet({ name: 'tokyo' })
    vi.advanceTimersByTime(10_000)
    expect(seen.at(-1)).toEqual({ kind: 'fleet-removed', name: 'tokyo' })
  })

  test.each([
    [{}, 'FLEET_EXISTS'],
    [{ name: 'osaka', firstIpAddress: '10.0.1.243' }, 'ADDRESS_TAKEN'],
    [{ name: 'osaka', firstIpAddress: '10.0.0.1', size: 200 }, 'ADDRESS_TAKEN'],
    [{ name: 'osaka', firstIpAddress: '10.1.23.3', size: 2 }, 'ADDRESS_TAKEN'],
    [{ name: 'osaka', firstIpAddress: '255.255.255.0', size: 257 }, 'FLEET_UNFIT'],
    [{ name: 'osaka', firstIpAddress: '10.5.0.0', size: 9_701 }, 'FLEET_UNFIT'],
    [{ name: 'osaka', firstIpAddress: '10.5.0.0', model: 'spec-ram' }, 'FLEET_UNFIT'],
  ])('of %o beside another one is refused', async (changes, refused) => {
    const { network } = fleetBench()
    await network.createFleet(ORDER)
    network.addDevice(PC)
    const creating = network.createFleet({ ...ORDER, ...changes })
    await expect(creating).rejects.toEqual(code(refused))
    expect(network.fleets().map(({ name }) => name)).toEqual(['tokyo'])
  })

  test('keeps its addresses from others while it is made', async () => {
    const { network } = fleetBench()
    const creating = network.createFleet(ORDER)
    const taken = { ...PC, ipAddress: '10.0.0.200' }
    expect(() => network.addDevice(taken)).toThrow(code('ADDRESS_TAKEN'))
    await creating
  })
})

test('addresses follow one another up to the last', () => {
  expect(addressAfter('10.0.0.255', 1)).toBe('10.0.1.0')
  expect(addressAfter('9.255.255.255', 1)).toBe('10.0.0.0')
  expect(addressAfter('255.255.255.255', 0)).toBe('255.255.255.255')
  expect(addressAfter('255.255.255.255', 1)).toBeUndefined()
})
