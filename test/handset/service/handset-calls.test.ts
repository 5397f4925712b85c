import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { WorkbenchEvent } from '../../../src-main/contract/app'
import { InProcessCpuHost } from '../../../src-main/handset/cpu/in-process-cpu-host'
import { HandsetService } from '../../../src-main/handset/service/handset-service'
import { memoryPair } from '../../../src-main/link/memory-link'
import { VirtualClock } from '../../../src-main/observe/virtual-clock'

const name = 'bench'
let clock: VirtualClock
let events: WorkbenchEvent[]
let handsets: HandsetService
beforeEach(() => {
  clock = new VirtualClock()
  events = []
  const sink = { publish: (event: WorkbenchEvent) => void events.push(event) }
  const cpuHost = new InProcessCpuHost()
  handsets = new HandsetService({ clock, events: sink, memoryPair, cpuHost, seed: 1 })
})
afterEach(() => handsets.close())

function code(expected: string) {
  return expect.objectContaining({ code: expected })
}

function text(base64: string): string {
  return Buffer.from(base64, 'base64').toString('latin1')
}

async function makeRunning(): Promise<void> {
  handsets.create({ name, model: 'k1', bricked: false, seed: 1 })
  await clock.advance(3000)
  expect(handsets.list()[0]?.state).toBe('normal')
}

describe('a handset that runs', () => {
  beforeEach(makeRunning)

  test('shows its picture, and another one after a key', async () => {
    const before = handsets.screen({ name })
    expect(before).toMatchObject({ width: 128, height: 160, on: true })
    expect(Buffer.from(before.pixels, 'base64').length).toBe(128 * 160 * 2)
    expect(handsets.key({ name, key: 'select', pressed: true }).keys).toEqual(['select'])
    await clock.advance(300)
    expect(handsets.key({ name, key: 'select', pressed: false }).keys).toEqual([])
    await clock.advance(300)
    const after = handsets.screen({ name })
    expect(after.revision).toBeGreaterThan(before.revision)
    expect(after.pixels).not.toBe(before.pixels)
  })

  test('tells what it prints as it prints it, and again to who asks later', () => {
    const printed = events.filter(event => event.kind === 'handset-output')
    const { bytes, next } = handsets.output({ name, from: 0 })
    expect(printed.map(event => text(event.bytes)).join('')).toBe(text(bytes))
    expect(text(bytes)).toContain('Kintsugi k1 1.0.0')
    expect(handsets.output({ name, from: next })).toEqual({ from: next, next, bytes: '' })
  })

  test('takes what is typed, unless somebody else holds the line or the cable is out', async () => {
    const { next } = handsets.output({ name, from: 0 })
    const echo = Buffer.from('\x06\tABYKAAAMAAAHAKFhZGhraW50c3Vnaamy\n', 'latin1')
    handsets.type({ name, bytes: echo.toString('base64') })
    await clock.advance(200)
    expect(text(handsets.output({ name, from: next }).bytes)).toContain(
      '\x06\tABYLAAAMAAAHAKFhcmhraW50c3VnaXso\n',
    )
    const link = await handsets.connect(name)
    expect(handsets.list()[0]?.lineTaken).toBe(true)
    expect(() => handsets.type({ name, bytes: '' })).toThrow(code('LINK_BUSY'))
    await link.close()
    handsets.cable({ name, on: false })
    expect(() => handsets.type({ name, bytes: '' })).toThrow(code('LINK_LOST'))
    handsets.cable({ name, on: true })
    handsets.power({ name, on: false })
    expect(() => handsets.type({ name, bytes: '' })).toThrow(code('HANDSET_OFF'))
  })

  test('hears and says nothing while its cable is out', async () => {
    const link = await handsets.connect(name)
    let heard = 0
    link.onData(bytes => void (heard += bytes.length))
    handsets.cable({ name, on: false })
    handsets.power({ name, on: false })
    handsets.power({ name, on: true })
    await clock.advance(3000)
    expect(handsets.list()[0]).toMatchObject({ state: 'normal', cable: false })
    expect(heard).toBe(0)
    handsets.cable({ name, on: true })
    handsets.power({ name, on: false })
    handsets.power({ name, on: true })
    await clock.advance(3000)
    expect(heard).toBeGreaterThan(0)
  })

  test('shows on its screen that no radio cell is in reach', async () => {
    const before = handsets.screen({ name }).pixels
    expect(handsets.radio({ name, on: false }).radio).toBe(false)
    await clock.advance(1000)
    expect(handsets.screen({ name }).pixels).not.toBe(before)
  })

  test('shows what of its software was executed and read, from any moment on', async () => {
    const { cells, cellBytes, softwareBytes, executedBytes, readBytes } = handsets.execution({
      name,
    })
    expect(cells.length).toBe(Math.ceil(softwareBytes / cellBytes))
    expect(executedBytes).toBeGreaterThan(1000)
    // Its self-test read all of it but the four bytes that hold the result.
    expect(readBytes).toBeGreaterThan(softwareBytes - 8)
    handsets.clearExecution({ name })
    expect(handsets.execution({ name })).toMatchObject({ executedBytes: 0, readBytes: 0 })
    handsets.key({ name, key: 'select', pressed: true })
    await clock.advance(500)
    const since = handsets.execution({ name })
    expect(since.executedBytes).toBeGreaterThan(100)
    expect(new Set(since.cells)).toEqual(new Set('.xrb'))
  })

  test('shows its RAM and where it writes', async () => {
    const { blockBytes, stores } = handsets.ramActivity({ name })
    expect(stores.length * blockBytes).toBe(264 * 1024)
    await clock.advance(70_000)
    const later = handsets.ramActivity({ name }).stores
    const moved = later.flatMap((count, block) => (count === stores[block] ? [] : [block]))
    expect(moved.length).toBeGreaterThan(0)
    expect(handsets.ram({ name, address: 0x41000, length: 4 }).hex).toBe('4b42484f')
    expect(() => handsets.ram({ name, address: 264 * 1024, length: 1 })).toThrow(
      code('BAD_ADDRESS'),
    )
  })

  test('gives RAM up and takes it back', async () => {
    await clock.runUntil(handsets.secureRam({ name, bytes: 50_000 }))
    const view = handsets.list()[0]
    expect(view?.ram.tasks.filter(({ limited }) => limited).map(task => task.name)).toEqual([
      'phonebook-cache',
    ])
    await expect(handsets.secureRam({ name, bytes: 16 })).rejects.toThrow(code('RAM_SECURED'))
    expect(handsets.releaseRam({ name }).ram.secured).toBeNull()
  })

  test('is off at once when its power is cut now, and its history says when', () => {
    expect(handsets.cutPower({ name, inOperations: 0 }).state).toBe('off')
    const states = handsets.states({ name })
    expect(states.map(({ from, to }) => `${from} ${to}`)).toEqual([
      'off starting',
      'starting normal',
      'normal off',
    ])
    expect(states.at(-1)?.at).toBe(clock.now())
  })
})

describe('faults of the flash', () => {
  test('are planned from now on, shown as the lines that replay them, and taken back', async () => {
    handsets.create({ name, model: 'k1', bricked: true, seed: 1 })
    expect(handsets.plantFault({ name, fault: 'flash:torn-erase-rising@3,seed=5' }).faults).toEqual(
      [expect.stringMatching(/^flash:torn-erase-rising@3,/)],
    )
    expect(() => handsets.plantFault({ name, fault: 'flash:nonsense@3' })).toThrow(
      code('BAD_FAULT'),
    )
    expect(handsets.list()[0]).toMatchObject({ cutAt: 3 })
    expect(handsets.clearFaults({ name })).toMatchObject({ faults: [], cutAt: null })
  })

  test('that the plan of a cut takes back are cuts and nothing else', () => {
    handsets.create({ name, model: 'k1', bricked: true, seed: 1 })
    handsets.plantFault({ name, fault: 'flash:silent@9' })
    handsets.cutPower({ name, inOperations: 4 })
    handsets.cutPower({ name, inOperations: null })
    expect(handsets.list()[0]?.faults).toEqual([expect.stringMatching(/^flash:silent@9/)])
  })
})

test('wear and weak cells are given sector by sector', () => {
  handsets.create({ name, model: 'k1', bricked: false, seed: 1 })
  const { erases, weakCells } = handsets.flashHealth({ name })
  expect([erases.length, weakCells.length]).toEqual([512, 512])
  expect(erases.every(count => count === 0)).toBe(true)
})

test('a model without a CPU gives up RAM at once, and never runs its software', async () => {
  handsets.create({ name, model: 'spec-ram', bricked: false, seed: 1 })
  expect(handsets.list()[0]).toMatchObject({ state: 'restore-wait', display: null })
  expect(handsets.screen({ name })).toMatchObject({ width: 0, pixels: '' })
})

describe('an update over the radio', () => {
  test('is asked for at the carrier of the workbench, and ends where that cannot be reached', async () => {
    const sink = { publish: (event: WorkbenchEvent) => void events.push(event) }
    const carrierAddress = () => Promise.reject(new Error('It does not listen.'))
    const cpuHost = new InProcessCpuHost()
    const own = new HandsetService({
      clock,
      events: sink,
      memoryPair,
      cpuHost,
      seed: 1,
      carrierAddress,
    })
    own.create({ name, model: 'k1', bricked: false, seed: 1 })
    await clock.advance(3000)
    expect(own.update({ name }).update).toMatchObject({ endedAt: null, outcome: null })
    expect(() => own.update({ name })).toThrow(code('UPDATE_RUNNING'))
    await clock.advance(60_000)
    expect(own.list()[0]?.update).toMatchObject({
      outcome: 'link-lost',
      message: expect.stringContaining('It does not listen.'),
    })
    own.update({ name })
    expect(own.cancelUpdate({ name }).update).toMatchObject({ outcome: 'cancelled' })
    await own.close()
  })

  test('needs a carrier, and a handset that is on', async () => {
    await makeRunning()
    expect(() => handsets.update({ name })).toThrow(code('RADIO_OFF'))
    expect(handsets.cancelUpdate({ name }).update).toBeNull()
    handsets.power({ name, on: false })
    expect(() => handsets.update({ name })).toThrow(code('HANDSET_OFF'))
  })
})
