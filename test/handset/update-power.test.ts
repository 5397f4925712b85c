import { beforeAll, describe, expect, test } from 'vitest'
import { tellUpdates } from '../../src-main/cli/handset-carrier'
import type { HandsetState } from '../../src-main/contract/handsets'
import { parseFlashFault } from '../../src-main/handset/flash/flash-faults'
import type { Handset } from '../../src-main/handset/handset'
import { memoryPair } from '../../src-main/link/memory-link'
import { ConsoleParser, encodeConsole } from '../../src-main/wire/smp/console'
import { decodePacket, type SmpPayload } from '../../src-main/wire/smp/packet'
import { nodeSha256 } from '../../src-main/handset/service/node-sha256'
import { k1Image, offerOf } from '../support/update-offer'
import { send, type Offer } from '../support/update-server'
import { untilState } from './running-handset'
import { uploadPacket } from './small-handset'
import { onState, regionBytes, statesOf, until, updated, updatingHandset } from './updating-handset'

const old = k1Image('1.0.0')
const fresh = k1Image('1.1.0')
let differential: Offer
let full: Offer
beforeAll(async () => {
  differential = await offerOf(old, fresh)
  full = await offerOf(new Uint8Array(0), fresh)
})

const BEFORE_REWRITING: readonly HandsetState[] = ['secured', 'requesting', 'receiving', 'stored']

/** Plans a cut at the n-th operation of the flash from now. */
function cutAt({ flash: { faults } }: Handset, operations: number, kind = 'power-cut'): void {
  const fault = parseFlashFault(`flash:${kind}@${operations}`)
  faults.add({ ...fault, at: faults.passed(fault.point) + fault.at })
}

describe('a power cut', () => {
  test.each(BEFORE_REWRITING)('[S0-36] in the state %s leaves the old software', async state => {
    const running = await updatingHandset([full])
    const { handset } = running
    const before = regionBytes(handset, old.length)
    // The state is entered in the middle of the agent's work, as any power cut may come.
    onState(handset, state, () => handset.powerOff())
    handset.startUpdate()
    await until(running, () => handset.state === 'off')
    expect(handset.update).toMatchObject({ outcome: 'cancelled' })
    expect(handset.view().ram.secured).toBeNull()
    expect(handset.board.memory.ram.every(byte => byte === 0)).toBe(true)
    handset.powerOn()
    await untilState(running, 'normal')
    expect(handset.view().software?.version).toBe('1.0.0')
    expect(regionBytes(handset, old.length)).toEqual(before)
    expect(running.defects).toEqual([])
  })

  test('[S0-36] at any moment up to the first erase leaves the old software', async () => {
    const running = await updatingHandset([full])
    const { clock, handset } = running
    for (let milliseconds = 10; milliseconds < 900; milliseconds += 197) {
      handset.startUpdate()
      await clock.advance(milliseconds)
      handset.powerOff()
      handset.powerOn()
      await untilState(running, 'normal')
      expect(handset.view().software?.version).toBe('1.0.0')
    }
    expect(handset.flash.wear(16)).toBe(0)
  })

  test('[S0-37] at any moment of the rewrite needs the same file, which finishes it', async () => {
    for (const offer of [differential, full]) {
      for (const share of [0.01, 0.5, 0.9]) {
        const running = await updatingHandset([offer])
        const { handset, server } = running
        handset.startUpdate()
        const isThere = () => {
          const { doneBytes = 0, totalBytes = 0 } = handset.update ?? {}
          return handset.state === 'rewriting' && doneBytes >= share * totalBytes
        }
        await until(running, isThere, 5)
        handset.powerOff()
        expect(handset.update).toMatchObject({ outcome: 'rewrite-failed' })
        expect(handset.board.memory.ram.every(byte => byte === 0)).toBe(true)
        handset.powerOn()
        expect(handset.view()).toMatchObject({ state: 'needs-file', reason: 'needs-file' })
        expect(handset.board.memory.execution.every(mark => mark === 0)).toBe(true)
        expect(await updated(running)).toMatchObject({ outcome: 'updated' })
        expect(server.inquiries.at(-1)).toMatchObject({
          software: null,
          neededFile: offer.update.file.sha256,
        })
        expect(regionBytes(handset, fresh.length)).toEqual(fresh)
        expect(statesOf(handset).slice(-8)).toEqual([
          'limiting',
          'secured',
          'requesting',
          'receiving',
          'stored',
          'rewriting',
          'judging',
          'normal',
        ])
        expect(running.defects).toEqual([])
      }
    }
  })

  test('[S0-37] inside any operation of the flash needs the same file, or is judged', async () => {
    const running = await updatingHandset([differential])
    const { handset } = running
    const before = handset.flash.operations
    await updated(running)
    const operations = handset.flash.operations - before
    const kinds = ['power-cut', 'torn', 'weak']
    for (let at = 1; at <= operations; at += 37) {
      const cut = await updatingHandset([differential])
      cutAt(cut.handset, at, kinds[at % kinds.length])
      cut.handset.startUpdate()
      await until(cut, () => cut.handset.state === 'off')
      cut.handset.powerOn()
      const { state } = cut.handset
      expect(['needs-file', 'judging', 'starting']).toContain(state)
      const end = state === 'needs-file' ? await updated(cut) : null
      expect(end?.outcome ?? 'updated').toBe('updated')
      await untilState(cut, 'normal')
      const { software } = cut.handset.view()
      // Before anything was erased the old software starts.
      const expected = state === 'starting' ? ['1.0.0', '1.1.0'] : ['1.1.0']
      expect(expected).toContain(software?.version)
    }
  })

  test('[S0-38] between the last sector and the judgement has the boot code judge', async () => {
    const running = await updatingHandset([differential])
    const { handset, server } = running
    const lines: string[] = []
    tellUpdates(handset, line => void lines.push(line))
    onState(handset, 'judging', () => handset.powerOff())
    handset.startUpdate()
    await until(running, () => handset.state === 'off')
    handset.powerOn()
    expect(handset.state).toBe('judging')
    await untilState(running, 'normal')
    expect(handset.view()).toMatchObject({
      software: { version: '1.1.0' },
      update: { outcome: 'updated' },
    })
    await running.clock.advance(1000)
    expect(server.inquiries.at(-1)?.software?.id.version).toBe('1.1.0')
    expect(server.inquiries.length).toBe(2)
    expect(lines).toEqual([
      expect.stringMatching(/^update: rewrite-failed: The power failed/),
      expect.stringMatching(/^update: updated to kintsugi-k1 1\.1\.0 /),
    ])
  })

  test('right behind the judgement ends the inquiry that tells of it', async () => {
    const running = await updatingHandset([differential])
    const { clock, handset, server, defects } = running
    onState(handset, 'judging', () => handset.powerOff())
    handset.startUpdate()
    await until(running, () => handset.state === 'off')
    handset.powerOn()
    onState(handset, 'normal', () => handset.powerOff())
    await until(running, () => handset.state === 'off')
    await clock.advance(1000)
    expect(server.inquiries.length).toBe(1)
    expect(defects).toEqual([])
  })

  test('[S0-24] [S0-32] [S0-37] may also be ended by a restore over the wire', async () => {
    const running = await updatingHandset([full])
    const { clock, handset } = running
    handset.startUpdate()
    await until(running, () => handset.state === 'rewriting')
    await clock.advance(400)
    handset.powerOff()
    handset.powerOn()
    expect(handset.state).toBe('needs-file')
    const wire = wireTo(handset)
    await wire.upload(old, () => clock.advance(400))
    expect(handset.update).toMatchObject({ outcome: 'rewrite-failed' })
    handset.powerOff()
    handset.powerOn()
    await untilState(running, 'normal')
    expect(regionBytes(handset, old.length)).toEqual(old)
  })
})

test('a restore over the wire takes over from a file that is still received', async () => {
  const running = await updatingHandset([full])
  const { clock, handset } = running
  handset.startUpdate()
  await until(running, () => handset.state === 'rewriting')
  await clock.advance(400)
  handset.powerOff()
  handset.powerOn()
  handset.startUpdate()
  await until(running, () => handset.state === 'receiving')
  const wire = wireTo(handset)
  await wire.upload(old, () => clock.advance(400))
  expect(handset.update).toMatchObject({ outcome: 'cancelled' })
  expect(statesOf(handset).slice(-4)).not.toContain('rewriting')
  handset.powerOff()
  handset.powerOn()
  await untilState(running, 'normal')
  expect(handset.view().software?.version).toBe('1.0.0')
})

test('[S0-23] a flash that fails ends the rewrite at once; the wire is open, and so is the same file', async () => {
  const running = await updatingHandset([full])
  const { handset, server } = running
  onState(handset, 'rewriting', () => cutAt(handset, 30, 'error'))
  expect(await updated(running)).toMatchObject({ outcome: 'rewrite-failed' })
  expect(handset.view()).toMatchObject({ state: 'needs-file', lineTaken: false })
  expect(server.reports).toMatchObject([{ outcome: 'rewrite-failed', software: null }])
  expect(await updated(running)).toMatchObject({ outcome: 'updated' })
})

test('a file that nobody has any more is said to be missing', async () => {
  const running = await updatingHandset([full])
  const { clock, handset, server } = running
  handset.startUpdate()
  await until(running, () => handset.state === 'rewriting')
  await clock.advance(300)
  handset.powerOff()
  handset.powerOn()
  server.offers = [differential]
  expect(await updated(running)).toMatchObject({
    outcome: 'no-update',
    message: expect.stringContaining('Restore the handset by wire'),
  })
  expect(handset.state).toBe('needs-file')
})

test('[S0-35] [S0-37] only the very file that was begun with finishes a rewrite', async () => {
  const running = await updatingHandset([full])
  const { clock, handset, server } = running
  handset.startUpdate()
  await until(running, () => handset.state === 'rewriting')
  await clock.advance(400)
  handset.powerOff()
  handset.powerOn()
  const before = handset.flash.operations
  const greedy = { ...full, update: { ...full.update, workBytes: full.update.workBytes - 1 } }
  for (const [offer, why] of [
    [differential, 'Only the file with SHA-256'],
    [greedy, 'more RAM'],
  ] as const) {
    server.offers = [offer]
    server.answer = (step, response) => {
      if (step === 'U1') send(response, 200, { update: offer.update })
      return step === 'U1'
    }
    expect(await updated(running)).toMatchObject({
      outcome: 'file-refused',
      message: expect.stringContaining(why),
    })
    expect(handset.state).toBe('needs-file')
    expect(handset.view().ram.secured).toBeNull()
  }
  expect(handset.flash.operations).toBe(before)
  server.offers = [full]
  server.answer = () => false
  expect(await updated(running)).toMatchObject({ outcome: 'updated' })
})

/** The restoration apparatus at the end of the cable. */
function wireTo(handset: Handset) {
  const [theirs, ours] = memoryPair()
  handset.attach(ours)
  const parser = new ConsoleParser()
  const answers: SmpPayload[] = []
  theirs.onData(bytes => {
    for (const item of parser.push(bytes)) {
      if (item.kind === 'packet') answers.push(decodePacket(item.packet).payload)
    }
  })
  const ask = async (payload: SmpPayload, pass: () => Promise<void>) => {
    const before = answers.length
    await theirs.write(encodeConsole(uploadPacket(payload)))
    while (answers.length === before) await pass()
    return Number(answers.at(-1)?.['off'])
  }
  return {
    async upload(image: Uint8Array, pass: () => Promise<void>) {
      const first = { len: image.length, sha: nodeSha256([image]) }
      for (let off = 0; off < image.length;) {
        const data = image.subarray(off, off + 800)
        off = await ask({ off, data, ...(off === 0 ? first : {}) }, pass)
      }
    },
  }
}
