import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { makeFleet, type FleetOrder } from '../../../src-main/handset/service/fleet-maker'
import { VirtualClock } from '../../../src-main/observe/virtual-clock'
import { k1Image, offerOf } from '../../support/update-offer'
import { updateServer, type Offer } from '../../support/update-server'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const ORDER: FleetOrder = { name: 'tokyo', model: 'k1', size: 20, seed: 7 }

let differential: Offer
beforeAll(async () => {
  differential = await offerOf(k1Image('1.0.0'), k1Image('1.1.0'))
})

async function fleetWith(offers: readonly Offer[], changes: Partial<FleetOrder> = {}) {
  const clock = new VirtualClock()
  const server = await updateServer(offers)
  const defects: unknown[] = []
  let changed = 0
  const fleet = await makeFleet(
    { ...ORDER, ...changes },
    {
      clock,
      carrierAddress: async () => server.address,
      onDefect: error => defects.push(error),
      onChange: () => void (changed += 1),
    },
  )
  onTestFinished(() => fleet.close())
  return { clock, server, defects, fleet, changed: () => changed }
}

function code(expected: string) {
  return expect.objectContaining({ code: expected })
}

/** Whose inquiries came in which hour of how many. */
async function polledByHour(changes: Partial<FleetOrder>, hours: number) {
  const { clock, server } = await fleetWith([], changes)
  const polled: string[][] = []
  for (let hour = 0; hour < hours; hour++) {
    const before = server.inquiries.length
    await clock.advance(HOUR_MS)
    polled.push(server.inquiries.slice(before).map(({ terminalId }) => terminalId))
  }
  return polled
}

describe('a fleet', () => {
  test('is made of handsets of their own that hold the same', async () => {
    const { fleet } = await fleetWith([], { software: '1.1.0' })
    const faces = Array.from({ length: 20 }, (_, index) => fleet.face(index))
    expect(new Set(faces.map(({ terminalId }) => terminalId)).size).toBe(20)
    expect(faces[7]).toMatchObject({
      isReachable: true,
      software: { name: 'kintsugi-k1', version: '1.1.0' },
    })
    const none = { polls: 0, updated: 0, failed: 0 }
    expect(fleet.summary()).toEqual({ versions: { '1.1.0': 20 }, ...none })
  })

  test('asks once a day, each handset at a time of its own that the seed decides', async () => {
    const first = await polledByHour({}, 48)
    const [today, tomorrow] = [first.slice(0, 24), first.slice(24)]
    expect(tomorrow).toEqual(today)
    expect(new Set(today.flat()).size).toBe(20)
    expect(today.flat()).toHaveLength(20)
    expect(today.filter(hour => hour.length > 0).length).toBeGreaterThan(8)
    expect(await polledByHour({}, 24)).toEqual(today)
    expect(await polledByHour({ seed: 8 }, 24)).not.toEqual(today)
  })

  test('gets updates with the real agent, rewriter and judgement', async () => {
    const { clock, server, fleet, defects, changed } = await fleetWith([differential])
    await clock.advance(DAY_MS)
    expect(fleet.summary()).toEqual({
      versions: { '1.1.0': 20 },
      polls: 20,
      updated: 20,
      failed: 0,
    })
    expect(server.reports).toHaveLength(20)
    const { target } = differential.update
    for (const { outcome, software } of server.reports) {
      expect({ outcome, sha256: software?.sha256 }).toEqual({
        outcome: 'updated',
        sha256: target.sha256,
      })
    }
    // They share what they hold alike: what became of one must not show in another.
    await clock.advance(DAY_MS)
    const digests = server.inquiries.slice(-20).map(({ software }) => software?.sha256)
    expect(new Set(digests)).toEqual(new Set([target.sha256]))
    expect(fleet.summary()).toMatchObject({ polls: 40, updated: 20 })
    expect(changed()).toBeGreaterThanOrEqual(60)
    expect(defects).toEqual([])
  })

  test('has one handset ask at once when it is told to', async () => {
    const { clock, server, fleet } = await fleetWith([differential])
    fleet.face(3).notice()
    await clock.advance(60_000)
    expect(server.inquiries.map(({ terminalId }) => terminalId)).toEqual([fleet.face(3).terminalId])
    expect(fleet.face(3).software).toMatchObject({ version: '1.1.0' })
    expect(fleet.summary()).toMatchObject({ versions: { '1.0.0': 19, '1.1.0': 1 }, updated: 1 })
  })

  test('has no software that could answer a test signal', async () => {
    const { clock, fleet } = await fleetWith([])
    const answer = await clock.runUntil(fleet.face(0).testSignal('hello'))
    expect(answer).toEqual({ answer: null, software: null })
  })

  test('counts updates that failed', async () => {
    const { update, file } = differential
    const damaged = { update, file: file.map((byte, at) => (at === 200 ? byte ^ 1 : byte)) }
    const { clock, fleet, server } = await fleetWith([damaged], { size: 2 })
    await clock.advance(DAY_MS)
    expect(fleet.summary()).toEqual({ versions: { '1.0.0': 2 }, polls: 2, updated: 0, failed: 2 })
    expect(server.reports.map(({ outcome }) => outcome)).toEqual(['file-refused', 'file-refused'])
  })

  test('asks no more once it is closed', async () => {
    const { clock, fleet, server } = await fleetWith([])
    fleet.close()
    await clock.advance(DAY_MS)
    expect(server.inquiries).toEqual([])
  })

  test.each([
    [{ model: 'none' }, 'MODEL_UNKNOWN'],
    [{ software: '9.9.9' }, 'SOFTWARE_UNKNOWN'],
  ])('of %o cannot be made', async (changes, refused) => {
    await expect(fleetWith([], changes)).rejects.toEqual(code(refused))
  })
})
