import { describe, expect, test } from 'vitest'
import { crc32 } from '../../src-main/base/crc'
import { concatBytes, viewOf } from '../../src-main/base/bytes'
import type { ByteLink } from '../../src-main/link/byte-link'
import type { SmpEncoding, SmpParser } from '../../src-main/wire/smp/encoding'
import { SMP_ENCODINGS } from '../../src-main/wire/smp/encodings'
import { decodeHeader } from '../../src-main/wire/smp/packet'
import { encodeDescriptor } from '../../src-main/wire/image/descriptor'
import { bench } from './sample-bench'
import { INFO, isCommand, SampleDevice, SLOT_INFO, STATE, UPLOAD } from './smp-peer'
import { handsetBench } from './handset-bench'
import { binOf, LINK, noise, sha256 } from './workshop'

const PLANNED = noise(40_000)

/** Software of ours for a model, whole unless it is changed afterwards. */
function ownImage(model: string, version = '1.0.0'): Uint8Array {
  const image = noise(20_000)
  const facts = { model, name: 'sample', version, agentLevel: 1, bytes: image.length, crc32: 0 }
  image.set(encodeDescriptor(facts), 0x40)
  const covered = concatBytes([image.subarray(0, 0x74), image.subarray(0x78)])
  viewOf(image).setUint32(0x74, crc32(covered), true)
  return image
}

describe('the plan of a restore', () => {
  test('says what is erased, written and kept, and sends nothing', async () => {
    const { handset, flash, plan, executable } = await handsetBench({ image: PLANNED })
    handset.powerOn()
    const [before, operations] = [executable(), flash.operations]
    const found = await plan()
    expect(found).toMatchObject({
      link: LINK,
      verdict: 'write',
      reason: 'The device does not hold this image.',
      nextStep: null,
      entersRestoreMode: false,
      device: { encoding: 'console', device: { model: 'k1', mode: 'restore-mode' } },
      erased: { image: 0, slot: 0, bytes: 0x180000 },
      written: { fromByte: 0, bytes: 40_000 },
      kept: [],
      wire: { requests: 41, pieceBytes: 992, window: 4 },
      interruptedAt: null,
      warnings: [],
    })
    expect(flash.operations).toBe(operations)
    expect(Buffer.compare(executable(), before)).toBe(0)
    expect(handset.history.map(({ to }) => to)).not.toContain('restore-writing')
  })

  test.each(['console', 'raw'] as const)(
    'counts the bytes on the line exactly, in %s encoding',
    async smpEncoding => {
      const { handset, plan, restore, through } = await handsetBench({
        image: PLANNED,
        smpEncoding,
      })
      handset.powerOn()
      const { wire } = await plan()
      const counted = { sentBytes: 0, receivedBytes: 0 }
      through(cable => counting(cable, SMP_ENCODINGS[smpEncoding], counted))
      expect(await restore()).toMatchObject({ result: 'written', verified: true, retries: 0 })
      expect(wire).toMatchObject(counted)
      expect(counted.sentBytes).toBeGreaterThan(40_000)
    },
  )

  test('foretells the time that the line needs, within 5 %', async () => {
    for (const smpEncoding of ['console', 'raw'] as const) {
      const it = await handsetBench({ image: PLANNED, smpEncoding, baud: 115_200 })
      it.handset.powerOn()
      const { seconds, bytesPerSecond } = await it.plan()
      const view = await it.restore()
      expect(view).toMatchObject({ result: 'written', verified: true, retries: 0 })
      expect(view.bytesPerSecond / (bytesPerSecond ?? 0)).toBeGreaterThan(0.95)
      expect(view.bytesPerSecond / (bytesPerSecond ?? 0)).toBeLessThan(1.05)
      expect(seconds).toBeCloseTo(40_000 / (bytesPerSecond ?? 0), 6)
    }
  })

  test('has no time where the line has no rate', async () => {
    const { plan } = await bench()
    expect(await plan()).toMatchObject({ seconds: null, bytesPerSecond: null })
  })

  test('names the other slots that stay as they are', async () => {
    const device = new SampleDevice()
    device.overrides = request => {
      if (isCommand(request, ...SLOT_INFO)) {
        return {
          images: [
            {
              slots: [
                { slot: 0, size: 4096 },
                { slot: 1, rc: 1 },
              ],
            },
          ],
        }
      }
      if (!isCommand(request, ...STATE)) return undefined
      return { images: [{ slot: 1, version: '0.9.0', hash: sha256(noise(3)) }] }
    }
    const { plan } = await bench(device)
    expect(await plan()).toMatchObject({
      verdict: 'write',
      erased: { slot: 0, bytes: 4096 },
      kept: [{ image: 0, slot: 1, version: '0.9.0', bytes: null }],
    })
  })

  test('is up-to-date where the device holds the image', async () => {
    const it = await bench()
    await it.restore()
    expect(await it.plan()).toMatchObject({
      verdict: 'up-to-date',
      erased: null,
      written: null,
      wire: { requests: 0, sentBytes: 0 },
      seconds: null,
    })
  })

  test('says that software which runs is asked to make way', async () => {
    const device = new SampleDevice()
    device.resets = 1
    const { plan, peers } = await bench(device)
    expect(await plan()).toMatchObject({ verdict: 'write', entersRestoreMode: true })
    expect(peers[0]!.requests.every(({ op }) => op === 0)).toBe(true)
  })

  test('warns where nobody can tell whether the image fits', async () => {
    const device = new SampleDevice()
    device.overrides = request => (isCommand(request, ...INFO) ? { rc: 8 } : undefined)
    const { plan } = await bench(device)
    expect((await plan()).warnings).toMatchObject([{ code: 'FIT_UNKNOWN' }])
  })

  test('warns of software that is older than what the device holds', async () => {
    const device = new SampleDevice()
    device.overrides = request =>
      isCommand(request, ...STATE)
        ? { images: [{ slot: 0, version: '1.10.0', hash: sha256(noise(3)) }] }
        : undefined
    const { plan } = await bench(device, binOf(ownImage('k1', '1.9.9')))
    expect(await plan()).toMatchObject({
      verdict: 'write',
      warnings: [
        {
          code: 'SOFTWARE_OLDER',
          message: 'The device holds version 1.10.0, the image is 1.9.9: older.',
        },
      ],
    })
  })
})

describe('an image that is provably wrong', () => {
  test('for another model is refused before anything is sent, whoever insists', async () => {
    const it = await handsetBench({ image: ownImage('k2') })
    it.handset.powerOn()
    const operations = it.flash.operations
    const plan = await it.plan({ force: true })
    expect(plan).toMatchObject({
      verdict: 'refused',
      reason: 'The image was made for k2, and the device is a k1.',
      nextStep: 'Choose the image that is made for this device.',
      canForce: false,
    })
    const view = await it.restore({ force: true })
    expect(view).toMatchObject({ result: 'refused', error: { code: 'IMAGE_UNFIT' }, doneBytes: 0 })
    expect(it.flash.operations).toBe(operations)
    expect(it.handset.history.map(({ to }) => to)).not.toContain('restore-writing')
  })

  test('in the eyes of its own descriptor is written only where somebody insists', async () => {
    const cut = ownImage('k1').subarray(0, 15_000)
    const changed = ownImage('k1')
    changed[0x4000] = (changed[0x4000] ?? 0) ^ 1
    for (const [image, words] of [
      [cut, 'its descriptor announces 20000 bytes, it has 15000'],
      [changed, 'its bytes do not have the CRC of its descriptor'],
    ] as const) {
      const { handset, plan, restore } = await handsetBench({ image })
      handset.powerOn()
      expect(await plan()).toMatchObject({
        verdict: 'refused',
        reason: `The image is damaged: ${words}.`,
        canForce: true,
      })
      expect(await restore()).toMatchObject({ result: 'refused', error: { code: 'IMAGE_UNFIT' } })
      expect((await plan({ force: true })).warnings).toMatchObject([{ code: 'IMAGE_UNSOUND' }])
      expect(await restore({ force: true })).toMatchObject({ result: 'written', verified: true })
    }
  })
})

/** Counts the bytes of requests to write and of their answers; each comes in one piece here. */
function counting(
  cable: ByteLink,
  encoding: SmpEncoding,
  counted: { sentBytes: number; receivedBytes: number },
): ByteLink {
  const [ours, theirs] = [encoding.createParser(), encoding.createParser()]
  const uploadBytes = (parser: SmpParser, bytes: Uint8Array) => {
    const [item] = parser.push(bytes)
    const header = item?.kind === 'packet' ? decodeHeader(item.packet) : undefined
    return header?.group === UPLOAD[0] && header.command === UPLOAD[1] ? bytes.length : 0
  }
  return {
    name: cable.name,
    baud: cable.baud,
    write(bytes) {
      counted.sentBytes += uploadBytes(ours, bytes)
      return cable.write(bytes)
    },
    onData: listener =>
      cable.onData(bytes => {
        counted.receivedBytes += uploadBytes(theirs, bytes)
        listener(bytes)
      }),
    onClose: listener => cable.onClose(listener),
    close: () => cable.close(),
  }
}
