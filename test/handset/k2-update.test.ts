import { beforeAll, describe, expect, test } from 'vitest'
import { toHex } from '../../src-main/base/bytes'
import { builtInSoftware } from '../../src-main/handset/service/built-in-software'
import { modelNamed } from '../../src-main/handset/service/models'
import { nodeSha256 } from '../../src-main/handset/service/node-sha256'
import { offerOf } from '../support/update-offer'
import type { Offer } from '../support/update-server'
import { K2_PAIRS } from './campaign/cut-pairs'
import { regionBytes, statesOf, until, updated, updatingHandset } from './updating-handset'

const model = modelNamed('k2')
const { sectorBytes } = model.flash
const old = builtInSoftware.image('k2', '1.0.0')
const fresh = builtInSoftware.image('k2', '1.1.0')

function k2Offer(from: Uint8Array, to: Uint8Array): Promise<Offer> {
  return offerOf(from, to, {}, sectorBytes)
}

describe('an update of a k2 over the radio', () => {
  let differential: Offer
  beforeAll(async () => void (differential = await k2Offer(old, fresh)))

  test('[S0-16] [S0-20] [S0-22] [S0-25] a differential file makes the new software of the old one', async () => {
    const running = await updatingHandset([differential], { model })
    const { handset, server, defects } = running
    expect(await updated(running)).toMatchObject({
      kind: 'differential',
      target: { name: 'kintsugi-k2', version: '1.1.0' },
      outcome: 'updated',
    })
    expect(server.steps).toEqual(['U1', 'U5', 'U6', 'U10'])
    expect(server.inquiries).toMatchObject([
      {
        model: 'k2',
        software: { id: { name: 'kintsugi-k2', version: '1.0.0' }, sha256: digestOf(old) },
        flash: { sectorBytes: 131_072, regionBytes: 0x80_0000, stashBytes: 0x10_0000 },
      },
    ])
    expect(regionBytes(handset, fresh.length)).toEqual(fresh)
    expect(handset.view()).toMatchObject({ state: 'normal', software: { version: '1.1.0' } })
    expect(server.reports).toMatchObject([
      { outcome: 'updated', software: { sha256: digestOf(fresh) } },
    ])
    expect(defects).toEqual([])
  })

  test('[S0-37] a power cut in its only block needs the same file, which finishes it', async () => {
    const running = await updatingHandset([differential], { model })
    await cutAtShare(running, 0.5)
    await expectFinished(running, differential)
    expect(regionBytes(running.handset, fresh.length)).toEqual(fresh)
  })

  test('a file that was made for the sectors of a k1 is refused before anything is erased', async () => {
    const running = await updatingHandset([await offerOf(old, fresh)], { model })
    const before = running.handset.flash.operations
    expect(await updated(running)).toMatchObject({ outcome: 'file-refused' })
    expect([running.handset.state, running.handset.flash.operations]).toEqual(['normal', before])
  })
})

describe.each(K2_PAIRS)('an update of $name', pair => {
  let offer: Offer
  beforeAll(async () => void (offer = await k2Offer(pair.old, pair.fresh)))

  test.each([0.01, 0.5, 0.95])(
    '[S0-37] that is cut at %s of its bytes is finished by the same file',
    async share => {
      const running = await updatingHandset([offer], { model, software: pair.old })
      await cutAtShare(running, share)
      await expectFinished(running, offer)
      expect(regionBytes(running.handset, pair.fresh.length)).toEqual(pair.fresh)
    },
  )
})

type Running = Awaited<ReturnType<typeof updatingHandset>>

/** Takes the power away once so much is written, and switches on again. */
async function cutAtShare(running: Running, share: number): Promise<void> {
  const { handset } = running
  handset.startUpdate()
  const isThere = () => {
    const { doneBytes = 0, totalBytes = 0 } = handset.update ?? {}
    return handset.state === 'rewriting' && doneBytes >= share * totalBytes
  }
  await until(running, isThere, 1)
  handset.powerOff()
  expect(handset.update).toMatchObject({ outcome: 'rewrite-failed' })
  handset.powerOn()
}

async function expectFinished(running: Running, offer: Offer): Promise<void> {
  const { handset, server, defects } = running
  expect(handset.view()).toMatchObject({ state: 'needs-file', reason: 'needs-file' })
  expect(await updated(running)).toMatchObject({ outcome: 'updated' })
  expect(server.inquiries.at(-1)).toMatchObject({
    software: null,
    neededFile: offer.update.file.sha256,
  })
  expect(statesOf(handset).slice(-3)).toEqual(['rewriting', 'judging', 'normal'])
  expect(handset.view().software?.version).toBe('1.1.0')
  expect(defects).toEqual([])
}

function digestOf(bytes: Uint8Array): string {
  return toHex(nodeSha256([bytes]))
}
