import { describe, expect, test } from 'vitest'
import { concatBytes } from '../../src-main/base/bytes'
import { holdingOf } from '../../src-main/restore/drivers/smp-identity'
import type { ImageSlotState } from '../../src-main/wire/smp/messages'
import type { SmpPayload } from '../../src-main/wire/smp/packet'
import { bench, IMAGE } from './sample-bench'
import { isCommand, RESET, SampleDevice, STATE, UPLOAD } from './smp-peer'
import { binOf, headed, noise, sha256 } from './workshop'

const PARTLY = "The device's digest covers header and program, but not the signature behind them."

describe('an image with a signature behind the hash that its device lists', () => {
  const image = headed(sha256, noise(64, 2))
  const listed = sha256(image.subarray(0, 132))

  /** A device in restore mode that lists, as MCUboot does, the hash inside the image. */
  function mcuboot(match?: boolean): SampleDevice {
    const device = new SampleDevice()
    device.afterReset = 'restore-mode'
    device.overrides = request =>
      isCommand(request, ...STATE)
        ? { images: [{ slot: 0, version: '1', hash: listed }] }
        : undefined
    const upload = device.upload.bind(device)
    device.upload = payload => {
      const { match: found, ...answer } = upload(payload)
      return found === undefined || match === undefined ? answer : { ...answer, match }
    }
    return device
  }

  test('is written although the device lists that hash, for the signature may be another', async () => {
    const it = await bench(mcuboot(), binOf(image))
    const view = await it.restore()
    expect(view).toMatchObject({ result: 'written', verified: true, doneBytes: image.length })
    expect(Buffer.compare(it.device.received, image)).toBe(0)
    const texts = (await it.service.log({ id: view.id })).map(({ text }) => text)
    expect(texts).toContain(PARTLY)
    expect(texts).toContain('Read back: the device lists the hash of this image.')
  })

  test('needs no such remark where the device compared all bytes itself', async () => {
    const it = await bench(mcuboot(true), binOf(image))
    const { id } = await it.restore()
    expect((await it.service.log({ id })).map(({ text }) => text)).not.toContain(PARTLY)
  })
})

describe('what a device holds', () => {
  const hash = sha256(IMAGE)
  const flags = {
    bootable: true,
    pending: false,
    confirmed: false,
    active: false,
    permanent: false,
  }
  const slotOf = (image: number, slot: number, bytes: Uint8Array | undefined): ImageSlotState => ({
    image,
    slot,
    version: '1',
    hash: bytes,
    ...flags,
  })

  test.each([
    ['slot 0 of image 0', [slotOf(0, 0, hash)], 'this-image'],
    ['another hash there', [slotOf(0, 0, sha256(noise(1))), slotOf(0, 1, hash)], 'another'],
    ['slot 1 alone', [slotOf(0, 1, hash)], 'unknown'],
    ['slot 0 of image 1', [slotOf(1, 0, hash)], 'unknown'],
    ['slot 0 without a hash', [slotOf(0, 0, undefined), slotOf(0, 1, hash)], 'unknown'],
  ])('is judged by slot 0 of image 0 only: %s', (_name, slots, kind) => {
    expect(holdingOf(slots, hash).kind).toBe(kind)
  })

  test('in slot 1 is not taken for restored, neither before nor after the write', async () => {
    const device = new SampleDevice()
    device.overrides = request =>
      isCommand(request, ...STATE)
        ? {
            images: [
              { slot: 0, version: '1', hash: sha256(noise(9)) },
              { slot: 1, version: '2', hash },
            ],
          }
        : undefined
    const it = await bench(device)
    const view = await it.restore()
    expect(view).toMatchObject({
      result: 'failed',
      verified: false,
      doneBytes: IMAGE.length,
      error: { code: 'VERIFY_FAILED' },
    })
  })
})

describe('a device whose software runs', () => {
  const old: SmpPayload = { slot: 0, version: '0.9', hash: sha256(noise(9)), active: true }

  function running(): SampleDevice {
    const device = new SampleDevice()
    device.resets = 1
    device.overrides = request =>
      device.received.length === 0 && isCommand(request, ...STATE) ? { images: [old] } : undefined
    return device
  }

  test('is asked into restore mode before anything is written', async () => {
    const it = await bench(running())
    const view = await it.restore()
    expect(view).toMatchObject({ result: 'restored', verified: true })
    expect(view.device?.device.mode).toBe('restore-mode')
    const writes = it.peers[0]!.requests.filter(
      request => isCommand(request, ...RESET) || isCommand(request, ...UPLOAD),
    )
    expect(writes[0]?.payload).toEqual({ boot_mode: 1 })
    expect(isCommand(writes[1]!, ...UPLOAD)).toBe(true)
    const sent = writes.flatMap(({ payload }) => (payload['data'] as Uint8Array | undefined) ?? [])
    expect(Buffer.compare(concatBytes(sent), IMAGE)).toBe(0)
  })

  test.each(['that resets into its software again', 'that refuses the reset'])(
    '%s is left as it is, and the way by hand is told',
    async how => {
      const device = running()
      device.takesBootMode = false
      const { overrides } = device
      device.overrides = request =>
        how.includes('refuses') && isCommand(request, ...RESET) ? { rc: 8 } : overrides(request)
      const it = await bench(device)
      const view = await it.restore()
      expect(view).toMatchObject({
        result: 'refused',
        verified: false,
        doneBytes: 0,
        error: { code: 'DEVICE_REFUSED' },
      })
      expect(view.error?.message).toContain('hold its restore button')
      const uploads = it.peers[0]!.requests.filter(request => isCommand(request, ...UPLOAD))
      expect(uploads).toEqual([])
    },
  )
})
