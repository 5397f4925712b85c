import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { toHex } from '../../src-main/base/bytes'
import type { ByteLink } from '../../src-main/link/byte-link'
import { FolderJournal } from '../../src-main/restore/folder-journal'
import type { RestoreRecord } from '../../src-main/restore/journal'
import { resumptionOf } from '../../src-main/restore/resumption'
import { RestoreStore } from '../../src-main/restore/store'
import { SMP_ENCODINGS } from '../../src-main/wire/smp/encodings'
import { decodePacket } from '../../src-main/wire/smp/packet'
import { handsetBench } from './handset-bench'
import { bench } from './sample-bench'
import { isCommand, SampleDevice, UPLOAD } from './smp-peer'
import { LINK, noise, sha256 } from './workshop'

const IMAGE = noise(40_000)
const MIDDLE = IMAGE.length / 2
const WINDOW_AND_PIECE = 3 * 992

/** A handset whose restore was interrupted about half-way by a pulled cable. */
async function interruptedBench(smpEncoding: 'console' | 'raw' = 'console') {
  const it = await handsetBench({ image: IMAGE, smpEncoding })
  const sent: { offset: number; bytes: number }[] = []
  it.through(cable => noting(cable, smpEncoding, sent))
  it.handset.powerOn()
  const pulled = await it.restore({}, ({ doneBytes }) => {
    if (doneBytes > MIDDLE) void it.cables.at(-1)?.close()
  })
  expect(pulled).toMatchObject({ result: 'interrupted', error: { code: 'LINK_LOST' } })
  const firstSent = sent.splice(0)
  const isExact = () => Buffer.compare(it.executable().subarray(0, IMAGE.length), IMAGE) === 0
  return { ...it, sent, firstSent, isExact }
}

describe('an interrupted restore', () => {
  test.each(['console', 'raw'] as const)(
    'goes on where the device stopped, in %s encoding [S0-40]',
    async smpEncoding => {
      const it = await interruptedBench(smpEncoding)
      expect(await it.plan()).toMatchObject({ verdict: 'write', interruptedAt: expect.any(Number) })
      const plan = await it.plan({ resume: true })
      expect(plan).toMatchObject({ verdict: 'resume', written: { fromByte: expect.any(Number) } })
      it.sent.splice(0)
      const view = await it.restore({ resume: true })
      expect(view).toMatchObject({ result: 'written', verified: true, startedOver: null })
      expect(view.resumedFrom).toBe(plan.written?.fromByte)
      expect(view.resumedFrom).toBeGreaterThan(MIDDLE)
      expect(it.isExact()).toBe(true)
      // All that was sent twice, the question for the offset aside.
      const data = it.sent.filter(({ bytes }) => bytes > 1)
      expect(data[0]?.offset).toBe(view.resumedFrom)
      const twice = Math.max(...it.firstSent.map(one => one.offset + one.bytes)) - data[0]!.offset
      expect(twice).toBeLessThanOrEqual(WINDOW_AND_PIECE)
      const lines = await it.service.log({ id: view.id })
      expect(lines.map(line => line.text)).toContain(
        `Plan: resume. The device holds the first ${view.resumedFrom} of 40000 bytes.`,
      )
    },
  )

  test('begins anew unless somebody wants it to go on', async () => {
    const it = await interruptedBench()
    expect(await it.restore()).toMatchObject({ result: 'written', resumedFrom: null })
    expect(it.sent[0]?.offset).toBe(0)
  })

  test('begins anew where the device lost its power, and says why', async () => {
    const it = await interruptedBench()
    it.handset.powerOff()
    it.handset.powerOn()
    const view = await it.restore({ resume: true })
    expect(view).toMatchObject({ result: 'written', verified: true, resumedFrom: null })
    expect(view.startedOver).toBe(
      'From the start: the device holds no part of an image any more; perhaps it was switched off.',
    )
    expect(it.isExact()).toBe(true)
  })

  test('is not gone on with once it is done', async () => {
    const it = await interruptedBench()
    await it.restore({ resume: true })
    expect(await it.plan({ resume: true })).toMatchObject({
      verdict: 'up-to-date',
      interruptedAt: null,
    })
  })

  test('of another image is not mistaken for this one', async () => {
    const it = await interruptedBench()
    const store = new RestoreStore(it.parts.db, it.parts.raise)
    const key = keyFor(it.handset.terminalId)
    const record = await store.find(key)
    expect(record).toMatchObject({ totalBytes: IMAGE.length })
    await store.keep({ ...record!, acknowledgedBytes: 39_000 })
    const view = await it.restore({ resume: true })
    expect(view).toMatchObject({ result: 'written', resumedFrom: null })
    expect(view.startedOver).toContain('it was given another image meanwhile')
    await store.forget(key)
    expect(await it.plan({ resume: true })).toMatchObject({ interruptedAt: null })
  })

  test('is written once more where what the device held proves to be something else', async () => {
    const it = await interruptedBench()
    // As after somebody else's upload: the device says its offset, and not of which image.
    await it.clock.advance(1000)
    it.flash.erase(0x10000)
    const view = await it.restore({ resume: true })
    expect(view).toMatchObject({ result: 'written', verified: true, resumedFrom: null })
    expect(view.startedOver).toContain('What the device held was no part of this image')
    expect(it.isExact()).toBe(true)
    expect(await it.plan({ resume: true })).toMatchObject({ interruptedAt: null })
  })

  test('that only had to be started is verified and started', async () => {
    const device = new SampleDevice()
    const it = await bench(device)
    device.overrides = () => {
      if (device.received.length === device.total && device.total > 0) {
        void it.cables.at(-1)?.close()
      }
      return undefined
    }
    expect(await it.restore()).toMatchObject({ result: 'interrupted' })
    device.overrides = () => undefined
    const view = await it.restore({ resume: true })
    expect(view).toMatchObject({ result: 'restored', verified: true, resumedFrom: 3000 })
    const uploads = it.peers[1]!.requests.filter(request => isCommand(request, ...UPLOAD))
    expect(uploads.map(({ payload }) => payload['off'])).toEqual([1])
  })

  test('says so where a device goes on by itself', async () => {
    const device = new SampleDevice()
    const it = await bench(device)
    device.overrides = () => {
      if (device.received.length > 1500) void it.cables.at(-1)?.close()
      return undefined
    }
    expect(await it.restore()).toMatchObject({ result: 'interrupted' })
    const held = device.received.length
    // As Zephyr's application does: the same digest at offset 0 is answered with what it holds.
    device.overrides = request => {
      const isFirst = isCommand(request, ...UPLOAD) && request.payload['off'] === 0
      return isFirst ? { rc: 0, off: held } : undefined
    }
    const view = await it.restore()
    expect(view).toMatchObject({ result: 'restored', verified: true, resumedFrom: held })
    expect(toHex(device.received)).toBe(toHex(noise(3000)))
  })

  test('is recorded before the first byte, and a restore that is done leaves nothing', async () => {
    const it = await handsetBench({ image: IMAGE })
    const store = new RestoreStore(it.parts.db, it.parts.raise)
    it.handset.powerOn()
    const key = keyFor(it.handset.terminalId)
    let seen: Promise<RestoreRecord | undefined> | undefined
    await it.restore({}, ({ stage }) => {
      if (stage === 'writing') seen ??= store.find(key)
    })
    expect(await seen).toMatchObject({ ...key, totalBytes: 40_000 })
    expect(await store.find(key)).toBeUndefined()
  })
})

describe('where to go on', () => {
  const record: RestoreRecord = {
    ...keyFor('K1-1'),
    totalBytes: 1000,
    acknowledgedBytes: 400,
    startedAt: 0,
    updatedAt: 0,
  }
  const found = (known: RestoreRecord | undefined, wanted: number | undefined) =>
    resumptionOf({ record: known, wanted, totalBytes: 1000 })

  test.each([
    ['what the device holds', 640],
    ['what it holds, right where the record ends', 400],
    ['all of it', 1000],
  ])('is %s', (_name, wanted) => {
    expect(found(record, wanted)).toEqual({ kind: 'from', byte: wanted })
  })

  test.each([
    ['no record', undefined, 640, 'no record'],
    ['a device that does not say', record, undefined, 'does not say'],
    ['a device that holds nothing', record, 0, 'holds no part'],
    ['less than it once held', record, 399, 'another image'],
    ['more than there is', record, 1001, 'another image'],
  ])('is nowhere with %s', (_name, known, wanted, why) => {
    expect(found(known, wanted)).toEqual({ kind: 'over', why: expect.stringContaining(why) })
  })
})

describe('records in a folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kintsugi-records-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const record = {
    ...keyFor('K1-1'),
    totalBytes: 9,
    acknowledgedBytes: 1,
    startedAt: 0,
    updatedAt: 0,
  }

  test('are found by image, device and port alone', async () => {
    const journal = new FolderJournal(join(folder, 'deep', 'records'))
    expect(await journal.find(record)).toBeUndefined()
    await journal.keep(record)
    await journal.keep({ ...record, acknowledgedBytes: 2 })
    expect(await journal.find(record)).toEqual({ ...record, acknowledgedBytes: 2 })
    for (const other of [{ device: 'K1-2' }, { port: 'serial:/b' }, { sha256: 'e'.repeat(64) }]) {
      expect(await journal.find({ ...record, ...other })).toBeUndefined()
    }
    await journal.forget(record)
    await journal.forget(record)
    expect(await journal.find(record)).toBeUndefined()
    expect(readdirSync(join(folder, 'deep', 'records'))).toEqual([])
  })

  test('that are damaged count as none', async () => {
    const journal = new FolderJournal(folder)
    await journal.keep(record)
    const [name] = readdirSync(folder).filter(each => each.endsWith('.json'))
    writeFileSync(join(folder, name!), '{"sha256": 1')
    expect(await journal.find(record)).toBeUndefined()
  })
})

function keyFor(device: string) {
  return { sha256: toHex(sha256(IMAGE)), device, port: LINK }
}

/** Notes every piece that is sent. */
function noting(
  cable: ByteLink,
  encoding: 'console' | 'raw',
  sent: { offset: number; bytes: number }[],
): ByteLink {
  const parser = SMP_ENCODINGS[encoding].createParser()
  const note = (bytes: Uint8Array) => {
    for (const item of parser.push(bytes)) {
      if (item.kind !== 'packet') continue
      const { off, data } = decodePacket(item.packet).payload
      if (typeof off === 'number' && data instanceof Uint8Array) {
        sent.push({ offset: off, bytes: data.length })
      }
    }
  }
  return {
    name: cable.name,
    baud: cable.baud,
    write(bytes) {
      note(bytes)
      return cable.write(bytes)
    },
    onData: listener => cable.onData(listener),
    onClose: listener => cable.onClose(listener),
    close: () => cable.close(),
  }
}
