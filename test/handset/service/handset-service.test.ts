import { describe, expect, test } from 'vitest'
import { CodedError } from '../../../src-main/base/coded-error'
import type { WorkbenchEvent } from '../../../src-main/contract/app'
import { InProcessCpuHost } from '../../../src-main/handset/cpu/in-process-cpu-host'
import { HandsetService, type NewHandset } from '../../../src-main/handset/service/handset-service'
import { memoryPair } from '../../../src-main/link/memory-link'
import { VirtualClock } from '../../../src-main/observe/virtual-clock'
import { ConsoleParser, encodeConsole } from '../../../src-main/wire/smp/console'
import { decodePacket, encodePacket } from '../../../src-main/wire/smp/packet'
import { uploadPacket } from '../small-handset'

const bench: NewHandset = { name: 'bench', model: 'k1', bricked: true, seed: 1 }

/** Has no CPU to start. */
class UnbuiltCpuHost extends InProcessCpuHost {
  override open(...parts: Parameters<InProcessCpuHost['open']>) {
    const start = () => {
      throw new CodedError('NOT_BUILT', 'The CPUs are not built yet.')
    }
    return { ...super.open(...parts), start }
  }
}

function workbench({ cpuHost = new InProcessCpuHost() } = {}) {
  const clock = new VirtualClock()
  const events: WorkbenchEvent[] = []
  const sink = { publish: (event: WorkbenchEvent) => void events.push(event) }
  const handsets = new HandsetService({ clock, events: sink, memoryPair, cpuHost, seed: 1 })
  return { clock, events, handsets }
}

function code(expected: string) {
  return expect.objectContaining({ code: expected })
}

describe('virtual handsets of a workbench', () => {
  test('are made from a model, bricked, with software or without, and switched on', async () => {
    const { clock, handsets } = workbench()
    expect(handsets.models()).toEqual(['k1', 'k2', 'spec-ram'])
    expect(handsets.create(bench)).toMatchObject({
      name: 'bench',
      model: 'k1',
      link: 'virtual:bench',
      state: 'restore-wait',
      reason: 'journal-open',
      flash: { bytes: 2_097_152, operations: 0 },
    })
    const empty = handsets.create({ ...bench, name: 'empty', bricked: false, software: null })
    expect(empty).toMatchObject({ reason: 'region-invalid', software: null })
    const next = { ...bench, name: 'next', bricked: false, software: '1.1.0' }
    expect(handsets.create(next)).toMatchObject({
      state: 'starting',
      software: { version: '1.1.0' },
    })
    await clock.advance(3000)
    expect(handsets.list().map(({ name, state }) => [name, state])).toEqual([
      ['bench', 'restore-wait'],
      ['empty', 'restore-wait'],
      ['next', 'normal'],
    ])
    const ids = handsets.list().map(({ terminalId }) => terminalId)
    expect(new Set(ids).size).toBe(3)
    await handsets.close()
  })

  test('of a name that is taken, or a model that is none, are refused', () => {
    const { handsets } = workbench()
    handsets.create(bench)
    expect(() => handsets.create(bench)).toThrow(code('HANDSET_EXISTS'))
    expect(() => handsets.create({ ...bench, name: 'x', model: 'k9' })).toThrow(
      code('MODEL_UNKNOWN'),
    )
    expect(() => handsets.create({ ...bench, name: 'x', software: '9.9.9' })).toThrow(
      code('SOFTWARE_UNKNOWN'),
    )
  })

  test('that cannot be switched on are not kept, and their name is free', async () => {
    const { handsets } = workbench({ cpuHost: new UnbuiltCpuHost() })
    const sound = { ...bench, bricked: false }
    expect(() => handsets.create(sound)).toThrow(code('NOT_BUILT'))
    expect(handsets.list()).toEqual([])
    expect(handsets.create(bench).state).toBe('restore-wait')
    await handsets.close()
  })

  test('that nobody made are unknown to every call', async () => {
    const { handsets } = workbench()
    const unknown = code('HANDSET_UNKNOWN')
    expect(() => handsets.flash({ name: 'x', address: 0, length: 1 })).toThrow(unknown)
    expect(() => handsets.power({ name: 'x', on: true })).toThrow(unknown)
    expect(() => handsets.cutPower({ name: 'x', inOperations: 1 })).toThrow(unknown)
    await expect(handsets.remove({ name: 'x' })).rejects.toThrow(unknown)
  })

  test('show the bytes of their flash, also while they are off', () => {
    const { handsets } = workbench()
    handsets.create(bench)
    handsets.power({ name: 'bench', on: false })
    expect(handsets.flash({ name: 'bench', address: 0x190000, length: 4 })).toEqual({
      hex: '4b4a524e',
      // printf KJRN | sha256sum
      sha256: '0eb6b065f79c5cbb031328a795250cefadf25c68dfe7c01e8d68f7857e4f6742',
    })
    const beyond = { name: 'bench', address: 2_097_151, length: 2 }
    expect(() => handsets.flash(beyond)).toThrow(code('BAD_ADDRESS'))
  })

  test('are switched off and on', () => {
    const { handsets } = workbench()
    handsets.create(bench)
    expect(handsets.power({ name: 'bench', on: false }).state).toBe('off')
    expect(handsets.power({ name: 'bench', on: false }).state).toBe('off')
    expect(handsets.power({ name: 'bench', on: true }).state).toBe('restore-wait')
  })
})

const firstPiece = uploadPacket({ len: 100_000, off: 0, data: new Uint8Array(700) })
const ping = encodePacket({
  op: 2,
  version: 0,
  group: 0,
  sequence: 9,
  command: 0,
  payload: { d: 'ping' },
})

describe('the cable of a virtual handset', () => {
  test('is held by one at a time', async () => {
    const { handsets } = workbench()
    handsets.create(bench)
    const link = await handsets.connect('bench')
    expect(link).toMatchObject({ name: 'virtual:bench', baud: 921_600 })
    await expect(handsets.connect('bench')).rejects.toThrow(code('LINK_BUSY'))
    await link.close()
    await expect(handsets.connect('bench')).resolves.toBeDefined()
    await expect(handsets.connect('nobody')).rejects.toThrow(code('LINK_NOT_FOUND'))
  })

  test('carries requests and answers at the rate of its line', async () => {
    const { clock, handsets } = workbench()
    handsets.create(bench)
    const link = await handsets.connect('bench')
    const heard = new ConsoleParser()
    const payloads: unknown[] = []
    link.onData(bytes => {
      for (const item of heard.push(bytes)) {
        if (item.kind === 'packet') payloads.push(decodePacket(item.packet).payload)
      }
    })
    const start = clock.now()
    const request = encodeConsole(ping)
    await clock.runUntil(link.write(request))
    expect(clock.now() - start).toBeCloseTo((request.length * 10_000) / 921_600)
    await clock.advance(10)
    expect(payloads).toEqual([{ r: 'ping' }])
  })

  test('ends when the handset is thrown away, and is silent when its power is cut', async () => {
    const { clock, handsets } = workbench()
    handsets.create(bench)
    const link = await handsets.connect('bench')
    let heard = 0
    let lost: unknown
    link.onData(bytes => void (heard += bytes.length))
    link.onClose(cause => void (lost = cause?.code))
    // The first two operations: a begin mark, and the erase of the first sector.
    expect(handsets.cutPower({ name: 'bench', inOperations: 2 }).cutAt).toBe(2)
    await clock.runUntil(link.write(encodeConsole(firstPiece)))
    await clock.advance(1000)
    expect(handsets.list()[0]).toMatchObject({ state: 'off', cutAt: null })
    expect([heard, lost]).toEqual([0, undefined])
    await handsets.remove({ name: 'bench' })
    await clock.advance(0)
    expect(lost).toBe('LINK_LOST')
    expect(handsets.list()).toEqual([])
  })

  test('of a handset whose power was cut stays dead until it is switched on', async () => {
    const { clock, handsets } = workbench()
    handsets.create(bench)
    handsets.cutPower({ name: 'bench', inOperations: 1 })
    const link = await handsets.connect('bench')
    await clock.runUntil(link.write(encodeConsole(firstPiece)))
    await clock.advance(60_000)
    expect(handsets.list()[0]?.state).toBe('off')
    expect(handsets.power({ name: 'bench', on: true })).toMatchObject({
      state: 'restore-wait',
      reason: 'journal-open',
    })
  })
})

describe('a power cut', () => {
  test('is counted from now, replaced by the next plan, and taken back', () => {
    const { handsets } = workbench()
    handsets.create(bench)
    expect(handsets.cutPower({ name: 'bench', inOperations: 5 }).cutAt).toBe(5)
    expect(handsets.cutPower({ name: 'bench', inOperations: 7 }).cutAt).toBe(7)
    expect(handsets.cutPower({ name: 'bench', inOperations: null }).cutAt).toBeNull()
  })
})

test('more faults than anybody can mean are refused', () => {
  const { handsets } = workbench()
  handsets.create(bench)
  const plant = () => handsets.plantFault({ name: 'bench', fault: 'flash:silent@9' })
  for (let planned = 0; planned < 1000; planned++) plant()
  expect(plant).toThrow(code('BAD_FAULT'))
  expect(handsets.clearFaults({ name: 'bench' }).faults).toEqual([])
  expect(plant().faults.length).toBe(1)
})

describe('what happens to handsets is told', () => {
  test('at once when a state changes, ten times a second while bytes move', async () => {
    const { clock, events, handsets } = workbench()
    handsets.create(bench)
    const changes = () => events.filter(event => event.kind === 'handset-changed')
    const states = () => changes().map(({ handset }) => handset.state)
    const link = await handsets.connect('bench')
    await clock.runUntil(link.write(encodeConsole(firstPiece)))
    await clock.advance(0)
    expect(states()).toEqual(['restore-wait', 'restore-linked', 'restore-writing'])
    await clock.advance(1000)
    const [before, start] = [changes().length, clock.now()]
    for (let count = 0; count < 60; count++) await clock.runUntil(link.write(encodeConsole(ping)))
    const tenths = Math.ceil((clock.now() - start) / 100)
    await clock.advance(100)
    expect(changes().length - before).toBeGreaterThan(0)
    expect(changes().length - before).toBeLessThanOrEqual(tenths)
    await handsets.remove({ name: 'bench' })
    expect(events.at(-1)).toEqual({ kind: 'handset-removed', name: 'bench' })
  })

  test('of a removed one before another takes its name, and never again', async () => {
    const { clock, events, handsets } = workbench()
    handsets.create({ ...bench, bricked: false })
    await clock.advance(2000)
    await handsets.connect('bench')
    const securing = handsets.secureRam({ name: 'bench', bytes: 100_000 })
    const refusal = securing.catch((error: unknown) => error)
    const removed = handsets.remove({ name: 'bench' })
    const told = events.length
    expect(events.at(-1)).toEqual({ kind: 'handset-removed', name: 'bench' })
    await removed
    expect(await refusal).toMatchObject({ code: 'RAM_INSUFFICIENT' })
    await clock.advance(1000)
    expect(events.slice(told)).toEqual([])
    const again = handsets.remove({ name: (handsets.create(bench), 'bench') })
    handsets.create(bench)
    await again
    expect(events.at(-1)?.kind).toBe('handset-changed')
    await handsets.close()
  })

  test('to nobody any more once the workbench is closed, and every cable is let go', async () => {
    const { clock, events, handsets } = workbench()
    handsets.create(bench)
    const link = await handsets.connect('bench')
    await handsets.close()
    const told = events.length
    await clock.advance(1000)
    expect(events.length).toBe(told)
    await expect(clock.runUntil(link.write(ping))).rejects.toThrow(code('LINK_LOST'))
    expect(handsets.list()).toEqual([])
  })
})
