import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { seededRandom } from '../../src-main/base/random'
import type { HandsetView } from '../../src-main/contract/handsets'
import { toHex } from '../../src-main/base/bytes'
import { makeDelta } from '../../src-main/delta/make-delta'
import { NorFlash } from '../../src-main/handset/flash/nor-flash'
import { Handset } from '../../src-main/handset/handset'
import { newChip } from '../../src-main/handset/service/chip-file'
import { FetchRadio } from '../../src-main/handset/service/fetch-radio'
import { modelNamed } from '../../src-main/handset/service/models'
import { nodeSha256 } from '../../src-main/handset/service/node-sha256'
import { VirtualClock } from '../../src-main/observe/virtual-clock'
import { readHeader } from '../../src-main/wire/delta/header'
import { k1Image, offerOf } from '../support/update-offer'
import { updateServer, type Offer } from '../support/update-server'
import { untilState } from './running-handset'
import { onState, regionBytes, statesOf, updated, updatingHandset } from './updating-handset'

const NONE = new Uint8Array(0)
let differential: Offer
let full: Offer
beforeAll(async () => {
  differential = await offerOf(k1Image('1.0.0'), k1Image('1.1.0'))
  full = await offerOf(NONE, k1Image('1.1.0'))
})

/** So much work that every task which may be limited is. */
function large(offer: Offer): Offer {
  return { ...offer, update: { ...offer.update, workBytes: 150_000 } }
}

describe('an update over the radio', () => {
  test('[S0-16] [S0-20] [S0-22] [S0-25] [S0-39] a differential file makes the new software of the old one', async () => {
    const running = await updatingHandset([differential])
    const { handset, server, defects } = running
    expect(await updated(running)).toMatchObject({
      kind: 'differential',
      target: { name: 'kintsugi-k1', version: '1.1.0' },
      outcome: 'updated',
      message: null,
    })
    expect(statesOf(handset)).toEqual([
      'starting',
      'normal',
      'limiting',
      'secured',
      'requesting',
      'receiving',
      'stored',
      'rewriting',
      'judging',
      'normal',
    ])
    expect(server.steps).toEqual(['U1', 'U5', 'U6', 'U10'])
    const image = k1Image('1.1.0')
    expect(regionBytes(handset, image.length)).toEqual(image)
    expect(handset.view()).toMatchObject({
      state: 'normal',
      software: { version: '1.1.0' },
      ram: { secured: null },
    })
    expect(handset.view().ram.tasks.some(({ limited }) => limited)).toBe(false)
    const { id, ...target } = differential.update.target
    expect(server.reports).toEqual([
      { terminalId: handset.terminalId, outcome: 'updated', software: { id, ...target } },
    ])
    expect(defects).toEqual([])
  })

  test('[S0-20] a full file takes any old software', async () => {
    const running = await updatingHandset([full], { software: '2.0.0' })
    expect(await updated(running)).toMatchObject({ kind: 'full', outcome: 'updated' })
    expect(running.handset.view().software?.version).toBe('1.1.0')
  })

  test('[S0-12] [S0-14] [S0-44] the inquiry says who asks and what it holds; without an update nothing happens', async () => {
    const running = await updatingHandset([])
    const { handset, server } = running
    expect(await updated(running)).toMatchObject({ outcome: 'no-update', message: null })
    expect(statesOf(handset)).toEqual(['starting', 'normal'])
    const image = k1Image('1.0.0')
    expect(server.inquiries).toEqual([
      {
        terminalId: handset.terminalId,
        model: 'k1',
        software: {
          id: { name: 'kintsugi-k1', version: '1.0.0' },
          bytes: image.length,
          sha256: toHex(nodeSha256([image])),
        },
        neededFile: null,
        flash: { sectorBytes: 4096, regionBytes: 0x18_0000, stashBytes: 0x8000 },
        ramBytes: 0x3_5000,
      },
    ])
    expect(server.steps).toEqual(['U1'])
  })

  test('[S0-02] [S0-03] [S0-04] [S0-06] [S0-07] [S0-08] [S0-09] the area is secured in the RAM of limited tasks before the file is asked for', async () => {
    const running = await updatingHandset([large(full)])
    const { handset, server } = running
    const asked: { step: string; states: string[]; ram: HandsetView['ram'] }[] = []
    server.answer = step => {
      asked.push({ step, states: statesOf(handset), ram: handset.view().ram })
      return false
    }
    let limitedStart: unknown
    onState(handset, 'receiving', () => {
      limitedStart = failureOf(() => handset.ram.map.checkStart(3))
    })
    let stored: Uint8Array | undefined
    onState(handset, 'stored', () => {
      const { address = 0 } = handset.ram.locked ?? {}
      stored = handset.board.load(address, full.file.length).slice()
    })
    expect(await updated(running)).toMatchObject({ outcome: 'updated' })
    expect(asked.map(({ step }) => step)).toEqual(['U1', 'U5', 'U6', 'U10'])
    const [inquired, requested, received] = asked
    expect(inquired?.states.at(-1)).toBe('normal')
    expect(inquired?.ram.secured).toBeNull()
    for (const each of [requested, received]) {
      expect(each?.states.slice(-3)).toEqual(['limiting', 'secured', 'requesting'])
      expect(each?.ram.secured?.bytes).toBeGreaterThanOrEqual(full.file.length + 150_000)
      expect(each?.ram.tasks.filter(({ limited }) => limited).length).toBe(3)
    }
    expect(limitedStart).toMatchObject({ code: 'RAM_SECURED' })
    expect(stored).toEqual(full.file)
  })

  test('[S0-19] [S0-21] the flash is written after the last byte came, and nothing executes meanwhile', async () => {
    const running = await updatingHandset([full])
    const { handset } = running
    const before = handset.flash.operations
    const operations: number[] = []
    const executed: boolean[] = []
    onState(handset, 'stored', () => void operations.push(handset.flash.operations))
    onState(handset, 'rewriting', () => {
      operations.push(handset.flash.operations)
      handset.board.memory.execution.fill(0)
    })
    handset.onChange(() => {
      if (handset.state !== 'rewriting' || handset.update?.doneBytes === 0) return
      executed.push(handset.board.memory.execution.some(mark => mark !== 0))
    })
    await updated(running)
    expect(operations).toEqual([before, before])
    expect(executed.length).toBeGreaterThan(100)
    expect(executed).not.toContain(true)
  })

  test('[S0-45] the screen shows the rewrite, and the view how far it is', async () => {
    const running = await updatingHandset([full])
    const { handset } = running
    const pictures = new Set<string>()
    const done: number[] = []
    handset.onChange(() => {
      if (handset.state !== 'rewriting') return
      pictures.add(toHex(nodeSha256([handset.board.memory.pixels])))
      done.push(handset.update?.doneBytes ?? 0)
    })
    await updated(running)
    expect(pictures.size).toBeGreaterThan(20)
    expect(done).toEqual(done.toSorted((a, b) => a - b))
  })

  test('[S0-22] [S0-23] software that fails its self-test is judged unfit; the handset waits to be restored', async () => {
    const fresh = k1Image('2.0.1')
    const running = await updatingHandset([await offerOf(NONE, fresh)])
    const { handset, server } = running
    expect(await updated(running)).toMatchObject({
      outcome: 'judgement-failed',
      message: expect.stringContaining('self-test'),
    })
    expect(handset.view()).toMatchObject({ state: 'restore-wait', reason: 'judgement-failed' })
    expect(server.reports).toMatchObject([{ outcome: 'judgement-failed', software: null }])
    handset.powerOff()
    handset.powerOn()
    expect(handset.reason).toBe('judgement-failed')
  })
})

describe('an update is refused', () => {
  test('[S0-17] that was made from other software than the handset holds', async () => {
    const wrong = await offerOf(k1Image('1.1.0'), k1Image('2.0.0'))
    const running = await updatingHandset([wrong])
    const { handset, server } = running
    const before = handset.flash.operations
    expect(await updated(running)).toMatchObject({
      outcome: 'file-refused',
      message: expect.stringContaining('old image'),
    })
    expect(handset.flash.operations).toBe(before)
    expect(handset.view()).toMatchObject({ state: 'normal', ram: { secured: null } })
    expect(server.reports).toMatchObject([
      { outcome: 'file-refused', software: { id: { version: '1.0.0' } } },
    ])
  })

  test('[S0-35] whose bytes are not those that were announced', async () => {
    const damaged = { ...full, file: full.file.with(1000, (full.file[1000] ?? 0) ^ 1) }
    const longer = { ...full, file: Uint8Array.of(...full.file, 0) }
    for (const offer of [damaged, longer]) {
      const running = await updatingHandset([offer])
      const before = running.handset.flash.operations
      expect(await updated(running)).toMatchObject({ outcome: 'file-refused' })
      expect(running.handset.flash.operations).toBe(before)
      expect(statesOf(running.handset)).not.toContain('rewriting')
    }
  })

  test('[S0-35] that makes other software than was announced', async () => {
    const { update, file } = differential
    const target = { ...update.target, sha256: '0'.repeat(64) }
    const running = await updatingHandset([{ file, update: { ...update, target } }])
    expect(await updated(running)).toMatchObject({ outcome: 'file-refused' })
    expect(running.handset.state).toBe('normal')
  })

  test('[S0-35] before it is decoded, where that takes more RAM than was announced', async () => {
    // Decoding this one would find that it was made from other software.
    const wrong = await offerOf(k1Image('1.1.0'), k1Image('2.0.0'))
    const update = { ...wrong.update, workBytes: wrong.update.workBytes - 1 }
    const running = await updatingHandset([{ ...wrong, update }])
    expect(await updated(running)).toMatchObject({
      outcome: 'file-refused',
      message: expect.stringContaining('more RAM'),
    })
    expect(running.handset.state).toBe('normal')
  })

  test('that was made for other sectors, and the software runs on', async () => {
    const fresh = k1Image('1.1.0')
    const order = { old: NONE, fresh, ramBytes: 65_536, sectorBytes: 8192, inPlace: true }
    const { file } = await makeDelta(order, () => undefined)
    const { header } = readHeader(file)
    const named = { bytes: file.length, sha256: toHex(nodeSha256([file])) }
    const update = { ...full.update, file: named, workBytes: header.ramBytes }
    const running = await updatingHandset([{ update, file }])
    expect(await updated(running)).toMatchObject({ outcome: 'file-refused' })
    expect(statesOf(running.handset).slice(-2)).toEqual(['stored', 'normal'])
  })

  test('[S0-27] that makes software for another model', async () => {
    // The model's name in the descriptor: k9.
    const foreign = k1Image('1.1.0').with(0x49, 0x39)
    for (const old of [NONE, k1Image('1.0.0')]) {
      const running = await updatingHandset([await offerOf(old, foreign)])
      const before = running.handset.flash.operations
      expect(await updated(running)).toMatchObject({
        outcome: 'file-refused',
        message: expect.stringContaining('k9'),
      })
      expect(running.handset.flash.operations).toBe(before)
      expect(running.handset.state).toBe('normal')
    }
  })

  test('whose handset is off, starts, has no carrier, no radio, or an update already', async () => {
    const running = await updatingHandset([differential])
    const { handset } = running
    const code = (expected: string) => expect.objectContaining({ code: expected })
    handset.switchRadio(false)
    expect(() => handset.startUpdate()).toThrow(code('RADIO_OFF'))
    handset.switchRadio(true)
    handset.startUpdate()
    expect(() => handset.startUpdate()).toThrow(code('UPDATE_RUNNING'))
    handset.powerOff()
    expect(handset.update).toMatchObject({ outcome: 'cancelled' })
    expect(() => handset.startUpdate()).toThrow(code('SOFTWARE_NOT_RUNNING'))
    handset.powerOn()
    expect(() => handset.startUpdate()).toThrow(code('SOFTWARE_NOT_RUNNING'))
  })
})

describe('the specification’s RAM example', () => {
  const model = modelNamed('spec-ram')

  async function specHandset(fileBytes: number, workBytes: number) {
    const file = seededRandom(1).bytes(fileBytes)
    const { update } = full
    const named = { bytes: file.length, sha256: toHex(nodeSha256([file])) }
    const server = await updateServer([{ file, update: { ...update, file: named, workBytes } }])
    const clock = new VirtualClock()
    const order = { model, name: 'S-1', seed: 1, sha256: nodeSha256, bricked: false }
    const software = new Uint8Array(4096).fill(1)
    software.set([0x00, 0x40, 0x00, 0x20, 0x09, 0x11, 0x01, 0x10], 0x100)
    const contents = newChip({ ...order, software })
    const { flash: geometry } = model
    const flash = new NorFlash({ geometry, timing: geometry.timing, contents })
    const radio = new FetchRadio({ address: () => Promise.resolve(server.address), clock })
    const parts = { name: 'S-1', link: 'virtual:S-1', model, flash, clock, sha256: nodeSha256 }
    const handset = new Handset({ ...parts, radio })
    onTestFinished(() => handset.close())
    handset.powerOn()
    await untilState({ clock, handset }, 'restore-wait')
    expect(handset.reason).toBe('no-cpu')
    return { clock, handset, server }
  }

  test.each([
    { file: 12_288, limited: ['phonebook-cache'] },
    { file: 65_536, limited: ['browser', 'phonebook-cache'] },
  ])('[S0-10] $file bytes limit $limited', async ({ file, limited }) => {
    const running = await specHandset(file, 4096)
    const seen: string[][] = []
    onState(running.handset, 'secured', () => {
      const { tasks } = running.handset.view().ram
      seen.push(tasks.filter(task => task.limited).map(({ name }) => name))
    })
    await updated(running)
    expect(seen).toEqual([limited])
    expect(running.handset.view().ram.tasks.some(task => task.limited)).toBe(false)
  })

  test('[S0-05] what cannot be secured is not asked for', async () => {
    const running = await specHandset(131_072, 4096)
    const before = running.handset.flash.dump()
    expect(await updated(running)).toMatchObject({ outcome: 'ram-insufficient' })
    expect(running.server.steps).toEqual(['U1', 'U10'])
    expect(running.server.reports).toMatchObject([{ outcome: 'ram-insufficient' }])
    expect(running.handset.view().ram).toMatchObject({ secured: null })
    expect(running.handset.view().ram.tasks.some(task => task.limited)).toBe(false)
    expect(running.handset.flash.dump()).toEqual(before)
  })
})

function failureOf(act: () => void): unknown {
  try {
    act()
    return undefined
  } catch (error) {
    return error
  }
}
