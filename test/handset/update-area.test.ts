import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { nodeSha256 } from '../../src-main/handset/service/node-sha256'
import { NorFlash } from '../../src-main/handset/flash/nor-flash'
import { Handset } from '../../src-main/handset/handset'
import { newChip } from '../../src-main/handset/service/chip-file'
import { FetchRadio } from '../../src-main/handset/service/fetch-radio'
import { modelNamed } from '../../src-main/handset/service/models'
import { memoryPair } from '../../src-main/link/memory-link'
import { VirtualClock } from '../../src-main/observe/virtual-clock'
import { encodeConsole } from '../../src-main/wire/smp/console'
import { k1Image, offerOf } from '../support/update-offer'
import { send, updateServer, type Offer } from '../support/update-server'
import { untilState } from './running-handset'
import { uploadPacket } from './small-handset'
import { onState, until, updated, updatingHandset } from './updating-handset'

let full: Offer
beforeAll(async () => void (full = await offerOf(new Uint8Array(0), k1Image('1.1.0'))))

describe('the area of an update', () => {
  test('[S0-08] is not given back by hand while the file comes', async () => {
    const running = await updatingHandset([full])
    const { handset } = running
    handset.startUpdate()
    await until(running, () => handset.state === 'receiving')
    const area = handset.ram.locked
    expect(() => handset.releaseRam()).toThrow(expect.objectContaining({ code: 'UPDATE_RUNNING' }))
    expect(handset.ram.locked).toBe(area)
    await until(running, () => handset.update?.endedAt !== null)
    expect(handset.update).toMatchObject({ outcome: 'updated' })
    await running.clock.runUntil(handset.secureRam(4096))
    handset.releaseRam()
    expect(handset.ram.locked).toBeUndefined()
  })

  test('that was given back is not taken from whoever has one now', async () => {
    const running = await updatingHandset([full])
    const { clock, handset, server } = running
    server.answer = (step, response) => {
      if (step === 'U5') send(response, 404, { code: 'UPDATE_UNKNOWN', message: 'No such update.' })
      // The report is kept waiting.
      return step === 'U5' || step === 'U10'
    }
    handset.startUpdate()
    await until(running, () => handset.state === 'normal' && server.steps.includes('U5'))
    expect(handset.update?.endedAt).toBeNull()
    await clock.advance(10)
    await clock.runUntil(handset.secureRam(4096))
    handset.cancelUpdate()
    expect(handset.update).toMatchObject({ outcome: 'file-refused' })
    expect(handset.view().ram.secured).not.toBeNull()
  })

  test('[S0-05] of no bytes is not announced by any server of ours', async () => {
    const { update } = full
    const file = { ...update.file, bytes: 0 }
    const running = await updatingHandset([{ ...full, update: { ...update, file, workBytes: 0 } }])
    expect(await updated(running)).toMatchObject({ outcome: 'link-lost' })
    expect(running.handset.state).toBe('normal')
    expect(running.defects).toEqual([])
  })

  test('is given back where the agent itself fails', async () => {
    const running = await updatingHandset([full])
    const { handset } = running
    onState(handset, 'stored', () => {
      throw new TypeError('A defect')
    })
    expect(await updated(running)).toMatchObject({ outcome: 'cancelled' })
    expect(handset.view()).toMatchObject({ state: 'normal', ram: { secured: null } })
    expect(running.defects).toEqual([expect.any(TypeError)])
  })

  test('is given back as a restore over the wire takes over', async () => {
    const running = await waitingHandset(full)
    const { clock, handset } = running
    handset.startUpdate()
    await until(running, () => handset.state === 'receiving')
    expect(handset.view().ram.secured).not.toBeNull()
    const [theirs, ours] = memoryPair()
    handset.attach(ours)
    const sha = nodeSha256([new Uint8Array(8192)])
    const packet = uploadPacket({ off: 0, len: 8192, sha, data: new Uint8Array(256) })
    await theirs.write(encodeConsole(packet))
    await until(running, () => handset.update?.endedAt !== null)
    expect(handset.update).toMatchObject({ outcome: 'cancelled' })
    expect(handset.view().ram.secured).toBeNull()
    handset.detach()
    // The flash still erases what the restore began with.
    expect(handset.flash.busyRange).toBeDefined()
    expect(() => handset.startUpdate()).toThrow(
      expect.objectContaining({ code: 'SOFTWARE_NOT_RUNNING' }),
    )
    await clock.advance(5000)
    expect(running.defects).toEqual([])
  })
})

/** A model without a CPU, which waits with sound software. */
async function waitingHandset(offer: Offer) {
  const { update } = offer
  const server = await updateServer([{ ...offer, update: { ...update, workBytes: 4096 } }])
  const clock = new VirtualClock()
  const model = modelNamed('spec-ram')
  const software = new Uint8Array(4096).fill(1)
  software.set([0x00, 0x40, 0x00, 0x20, 0x09, 0x11, 0x01, 0x10], 0x100)
  const order = { model, name: 'S-1', seed: 1, sha256: nodeSha256, bricked: false, software }
  const geometry = model.flash
  const flash = new NorFlash({ geometry, timing: geometry.timing, contents: newChip(order) })
  const radio = new FetchRadio({ address: () => Promise.resolve(server.address), clock })
  const defects: unknown[] = []
  const onDefect = (error: unknown) => void defects.push(error)
  const parts = { name: 'S-1', link: 'virtual:S-1', model, flash, clock, sha256: nodeSha256 }
  const handset = new Handset({ ...parts, radio, onDefect })
  onTestFinished(() => handset.close())
  handset.powerOn()
  await untilState({ clock, handset }, 'restore-wait')
  return { clock, handset, server, defects }
}
