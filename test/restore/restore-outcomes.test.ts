import { describe, expect, test } from 'vitest'
import { CodedError } from '../../src-main/base/coded-error'
import { toHex } from '../../src-main/base/bytes'
import type { FirmwareImage } from '../../src-main/wire/image/firmware-image'
import { bench, closing, IMAGE, stagesOf } from './sample-bench'
import { ECHO, INFO, isCommand, PARAMETERS, SampleDevice, STATE, UPLOAD } from './smp-peer'
import { binOf, LINK, noise, openWorkshop, sha256 } from './workshop'

describe('a restore', () => {
  test('is restored only when the running software answers with the image active', async () => {
    const it = await bench()
    const view = await it.restore()
    expect(view).toMatchObject({
      result: 'restored',
      verified: true,
      stage: 'ended',
      error: null,
      doneBytes: 3000,
      protocol: 'smp',
      sha256: toHex(sha256(IMAGE)),
    })
    expect(Buffer.compare(it.device.received, IMAGE)).toBe(0)
    expect(it.device.resets).toBe(1)
    expect(stagesOf(it)).toEqual([
      'connecting',
      'identifying',
      'writing',
      'verifying',
      'rebooting',
      'ended',
    ])
  })

  test.each(['restore-mode', 'silence'] as const)(
    'is written, verified, when after the reset there is only %s',
    async afterReset => {
      const device = new SampleDevice()
      device.afterReset = afterReset
      const { restore } = await bench(device)
      expect(await restore()).toMatchObject({ result: 'written', verified: true, error: null })
    },
  )

  test('is written when the software that answers is another image', async () => {
    const device = new SampleDevice()
    device.overrides = request =>
      device.resets > 0 && isCommand(request, ...STATE)
        ? { images: [{ slot: 0, version: '9', hash: sha256(IMAGE), active: false }] }
        : undefined
    const { restore } = await bench(device)
    expect(await restore()).toMatchObject({ result: 'written', verified: true })
  })

  test('is verified after the reset where the device lists nothing before', async () => {
    const device = new SampleDevice()
    device.listsAtOnce = false
    const running = await bench(device)
    expect(await running.restore()).toMatchObject({ result: 'restored', verified: true })
    const other = new SampleDevice()
    other.listsAtOnce = false
    other.afterReset = 'restore-mode'
    const waiting = await bench(other)
    expect(await waiting.restore()).toMatchObject({ result: 'written', verified: true })
  })

  test('fails where nothing can be read back at all, and says what to do', async () => {
    const device = new SampleDevice()
    device.listsAtOnce = false
    device.afterReset = 'silence'
    const { restore } = await bench(device)
    const view = await restore()
    expect(view).toMatchObject({ result: 'failed', verified: false })
    expect(view.error).toMatchObject({ code: 'VERIFY_FAILED' })
    expect(view.error?.message).toContain('nothing answers after the reset')
  })

  test('sends nothing where the device holds the image already', async () => {
    const it = await bench()
    await it.restore()
    const { length } = it.peers[0]!.requests
    const again = await it.restore()
    expect(again).toMatchObject({ result: 'up-to-date', verified: true, doneBytes: 0 })
    const writes = it.peers[1]!.requests.filter(({ op }) => op === 2)
    expect([length > 0, writes]).toEqual([true, []])
  })

  test('always sends the complete image, from the first byte to the last [S0-42]', async () => {
    const it = await bench()
    await it.restore()
    const pieces = it.peers[0]!.requests.filter(request => isCommand(request, ...UPLOAD))
    expect(pieces[0]?.payload).toMatchObject({ len: 3000, off: 0 })
    const data = pieces.flatMap(({ payload }) => (payload['data'] as Uint8Array | undefined) ?? [])
    expect(Buffer.compare(Buffer.concat(data), IMAGE)).toBe(0)
  })

  test('without verification is written and says that it is not verified', async () => {
    const device = new SampleDevice()
    device.afterReset = 'silence'
    const { restore } = await bench(device)
    expect(await restore({ verify: false })).toMatchObject({ result: 'written', verified: false })
  })

  test('fails when the device lists another hash after the write', async () => {
    const device = new SampleDevice()
    device.overrides = request =>
      device.received.length > 0 && isCommand(request, ...STATE)
        ? { images: [{ slot: 0, version: '1', hash: sha256(noise(3)) }] }
        : undefined
    const { restore } = await bench(device)
    const view = await restore()
    expect(view).toMatchObject({ result: 'failed', verified: false })
    expect(view.error).toMatchObject({ code: 'VERIFY_FAILED' })
  })

  test('fails when the device itself finds a difference', async () => {
    const device = new SampleDevice()
    const upload = device.upload.bind(device)
    device.upload = payload => {
      const answer = upload(payload)
      return 'match' in answer ? { ...answer, match: false } : answer
    }
    const { restore } = await bench(device)
    expect(await restore()).toMatchObject({ result: 'failed', error: { code: 'VERIFY_FAILED' } })
    expect(device.resets).toBe(0)
  })

  test('is refused, with the flash untouched, when the first piece is', async () => {
    const device = new SampleDevice()
    device.overrides = request => (isCommand(request, ...UPLOAD) ? { rc: 3 } : undefined)
    const { restore, audit } = await bench(device)
    const view = await restore()
    expect(view).toMatchObject({ result: 'refused', error: { code: 'DEVICE_REFUSED' } })
    expect(view.error?.message).toBe(
      `${LINK}: the device refused the image before anything was written: the device refused a ` +
        'value; the image may be larger than its slot. Check that the image is made for this device.',
    )
    expect(await audit.list({ limit: 10 })).toMatchObject([{ actor: LINK, code: 'DEVICE_REFUSED' }])
  })

  test('fails when the device refuses in the middle', async () => {
    const device = new SampleDevice()
    device.overrides = request =>
      device.received.length > 1000 && isCommand(request, ...UPLOAD) ? { rc: 1 } : undefined
    const { restore } = await bench(device)
    expect(await restore()).toMatchObject({ result: 'failed', error: { code: 'DEVICE_REFUSED' } })
  })

  test('fails in words where nothing answers', async () => {
    const device = new SampleDevice()
    device.loses = () => true
    const { restore } = await bench(device)
    const view = await restore()
    expect(view).toMatchObject({ result: 'failed', error: { code: 'NO_ANSWER' }, retries: 0 })
    expect(view.error?.message).toBe(
      `Nothing answers at ${LINK}: 7 requests were sent in console and raw encoding to identify ` +
        'the device. Check cable and baud rate, and that the handset is on and in restore mode.',
    )
  })

  test('is interrupted when the device falls silent in the middle, and says where', async () => {
    const device = new SampleDevice()
    device.loses = () => device.received.length > 1000
    const { restore } = await bench(device)
    const view = await restore()
    expect(view).toMatchObject({ result: 'interrupted', error: { code: 'NO_ANSWER' } })
    expect(view.error?.message).toMatch(/fell silent while writing, at byte \d+ of 3000\. Check/)
  })

  test('survives lost pieces and counts them', async () => {
    const device = new SampleDevice()
    let uploads = 0
    device.loses = request => isCommand(request, ...UPLOAD) && ++uploads % 4 === 0
    const { restore } = await bench(device)
    const view = await restore()
    expect(view).toMatchObject({ result: 'restored', verified: true })
    expect(view.retries).toBeGreaterThan(1)
    expect(Buffer.compare(device.received, IMAGE)).toBe(0)
  })

  test('works with a device that knows neither buffers nor information nor echo', async () => {
    const device = new SampleDevice()
    device.afterReset = 'restore-mode'
    device.overrides = request =>
      [PARAMETERS, INFO, ECHO].some(([group, command]) => isCommand(request, group, command))
        ? { rc: 8 }
        : undefined
    const it = await bench(device)
    const view = await it.restore()
    expect(view).toMatchObject({ result: 'written', verified: true })
    expect(view.device).toMatchObject({
      device: { name: null, mode: 'unknown', information: null },
      memory: { bufferBytes: 384, bufferCount: 1 },
    })
    const longest = it.peers[0]!.requests.map(({ payload }) => payload['data'])
    const sizes = longest.map(data => (data instanceof Uint8Array ? data.length : 0))
    expect(Math.max(...sizes)).toBe(352)
  })

  test('is interrupted when the cable is pulled, and can be done again', async () => {
    const device = new SampleDevice()
    const it = await bench(device)
    for (let pull = 0; pull < 2; pull++) {
      device.overrides = () => {
        if (device.received.length > 1500) void it.cables.at(-1)?.close()
        return undefined
      }
      const view = await it.restore()
      expect(view).toMatchObject({ result: 'interrupted', error: { code: 'LINK_LOST' } })
    }
    device.overrides = () => undefined
    expect(await it.restore()).toMatchObject({ result: 'restored', verified: true })
  })

  test('stays written when the port goes away with the reset', async () => {
    const device = new SampleDevice()
    const it = await bench(device)
    device.overrides = () => {
      if (device.resets > 0) void it.cables.at(-1)?.close()
      return undefined
    }
    expect(await it.restore()).toMatchObject({ result: 'written', verified: true, error: null })
  })

  test('fills the gaps of an addressed image as erased flash and refuses an offset', async () => {
    const segments = [
      { address: 0x1000, data: noise(100) },
      { address: 0x1100, data: noise(50) },
    ]
    const image: FirmwareImage = { format: 'ihex', segments, entry: null, warnings: [] }
    const it = await bench(new SampleDevice(), image)
    expect(await it.restore()).toMatchObject({ result: 'restored', totalBytes: 0x100 + 50 })
    expect([...it.device.received.subarray(100, 0x100)]).toEqual(Array(156).fill(0xff))
    await expect(it.restore({ offset: 4096 })).rejects.toMatchObject({ code: 'OPTION_UNFIT' })
  })

  test('takes an image that comes as a Buffer, as files do', async () => {
    const it = await bench(new SampleDevice(), binOf(Buffer.from(IMAGE)))
    expect(await it.restore()).toMatchObject({ result: 'restored', verified: true })
    expect(Buffer.compare(it.device.received, IMAGE)).toBe(0)
  })

  test('ends as failed when the link does not open', async () => {
    const refusal = new CodedError('LINK_DENIED', 'You may not.')
    const { restore } = closing(await openWorkshop(() => Promise.reject(refusal), binOf(IMAGE)))
    const view = await restore()
    expect(view).toMatchObject({ result: 'failed', error: { code: 'LINK_DENIED' } })
  })
})
