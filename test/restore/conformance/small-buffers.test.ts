import { expect, test } from 'vitest'
import type { ByteLink } from '../../../src-main/link/byte-link'
import { memoryPair } from '../../../src-main/link/memory-link'
import { bench, IMAGE } from '../sample-bench'
import { isCommand, PARAMETERS, SampleDevice, smpPeer } from '../smp-peer'
import { binOf, LINK, openWorkshop } from '../workshop'

const LINE_BYTES = 127

/** A device that states a buffer and takes less: longer packets are met with silence. */
function lying(stated: number, taken: number): SampleDevice {
  const device = new SampleDevice()
  device.overrides = request =>
    isCommand(request, ...PARAMETERS) ? { buf_size: stated, buf_count: 4 } : undefined
  device.loses = ({ payload: { data, sha } }) => {
    const bytes = data instanceof Uint8Array ? data.length : 0
    // Header, keys, checks, and where there is one the digest with its key.
    return bytes + 30 + (sha === undefined ? 0 : 45) > taken
  }
  return device
}

test.each([
  [384, 186],
  [512, 186],
  [1024, 256],
  [1024, 384],
  [4096, 186],
  [4096, 1024],
  [65_535, 186],
])(
  'a device that states buffers of %i bytes and takes %i is restored all the same',
  async (stated, taken) => {
    const it = await bench(lying(stated, taken))
    const view = await it.restore()
    expect(view).toMatchObject({ result: 'restored', verified: true })
    expect(Buffer.compare(it.device.received, IMAGE)).toBe(0)
  },
)

test('a device that states a buffer and takes no upload at all ends the restore in half a minute', async () => {
  const it = await bench(lying(1024, 100))
  const before = it.clock.now()
  const view = await it.restore()
  expect(view).toMatchObject({ result: 'interrupted', error: { code: 'NO_ANSWER' } })
  expect(it.clock.now() - before).toBe(30_000)
})

/** As Zephyr does with the buffers it has at first: of a burst, two lines get through. */
function twoLines(link: ByteLink): ByteLink {
  return {
    name: link.name,
    baud: link.baud,
    write: bytes => link.write(bytes),
    onData: listener => link.onData(bytes => listener(bytes.subarray(0, 2 * LINE_BYTES))),
    onClose: listener => link.onClose(listener),
    close: () => link.close(),
  }
}

test('a device that drops all but two lines of a burst is restored all the same', async () => {
  const device = new SampleDevice()
  const workshop = await openWorkshop(() => {
    const [ours, theirs] = memoryPair({ names: [LINK, 'device'] })
    smpPeer(twoLines(theirs), device.answer)
    return Promise.resolve(ours)
  }, binOf(IMAGE))
  const view = await workshop.restore()
  await workshop.close()
  expect(view).toMatchObject({ result: 'restored', verified: true })
  expect(Buffer.compare(device.received, IMAGE)).toBe(0)
})
