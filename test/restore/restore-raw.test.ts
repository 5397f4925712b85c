import { describe, expect, test } from 'vitest'
import { seededRandom, type Random } from '../../src-main/base/random'
import type { ByteLink } from '../../src-main/link/byte-link'
import { memoryPair } from '../../src-main/link/memory-link'
import { SMP_ENCODINGS } from '../../src-main/wire/smp/encodings'
import { handsetBench } from './handset-bench'
import { closing } from './sample-bench'
import { isCommand, RESET, SampleDevice, smpPeer, STATE } from './smp-peer'
import { binOf, LINK, noise, openWorkshop } from './workshop'

const IMAGE = noise(24_000)

describe('a device that speaks raw packets', () => {
  test.each(['auto', 'raw'] as const)('is restored where %s is asked for', async encoding => {
    const it = await handsetBench({ image: IMAGE, smpEncoding: 'raw' })
    it.handset.powerOn()
    const view = await it.restore({ encoding })
    expect(view).toMatchObject({ result: 'written', verified: true, device: { encoding: 'raw' } })
    expect(Buffer.compare(it.executable().subarray(0, IMAGE.length), IMAGE)).toBe(0)
  })

  test('does not answer console lines, and the other way round', async () => {
    for (const [smpEncoding, encoding] of [
      ['raw', 'console'],
      ['console', 'raw'],
    ] as const) {
      const it = await handsetBench({ image: IMAGE, smpEncoding })
      it.handset.powerOn()
      const before = it.flash.operations
      const view = await it.restore({ encoding })
      expect(view).toMatchObject({ result: 'failed', error: { code: 'NO_ANSWER' } })
      expect(view.error?.message).toContain(`5 requests were sent in ${encoding} encoding`)
      expect(it.flash.operations).toBe(before)
    }
  })

  test('answers although half a packet of a killed restore lies in its buffer', async () => {
    for (const encoding of ['auto', 'raw'] as const) {
      const it = await handsetBench({ image: IMAGE, smpEncoding: 'raw' })
      it.handset.powerOn()
      const half = new Uint8Array(600)
      half.set([0x0a, 0, 0x03, 0xf2, 0, 1, 0, 1, 0xa2])
      it.handset.receive(half)
      expect(await it.restore({ encoding })).toMatchObject({ result: 'written', verified: true })
    }
  })

  test('is restored also where its software speaks console lines', async () => {
    const device = new SampleDevice()
    const { console, raw } = SMP_ENCODINGS
    const { restore } = closing(
      await openWorkshop(() => {
        const [ours, theirs] = memoryPair({ names: [LINK, 'device'] })
        // Restore mode hears raw packets, and after the reset its software hears console lines.
        smpPeer(theirs, request => (device.resets === 0 ? device.answer(request) : undefined), raw)
        smpPeer(
          theirs,
          request => (device.resets > 0 ? device.answer(request) : undefined),
          console,
        )
        return Promise.resolve(ours)
      }, binOf(IMAGE)),
    )
    const view = await restore()
    expect(view).toMatchObject({ result: 'restored', verified: true, device: { encoding: 'raw' } })
  })

  test('is asked into restore mode by console lines and written raw', async () => {
    const device = new SampleDevice()
    device.resets = 1
    const { console, raw } = SMP_ENCODINGS
    const asked: string[] = []
    const { restore } = closing(
      await openWorkshop(() => {
        const [ours, theirs] = memoryPair({ names: [LINK, 'device'] })
        const tell = (request: Parameters<typeof device.answer>[0]) => {
          if (isCommand(request, ...RESET))
            asked.push(`reset ${String(request.payload['boot_mode'])}`)
          if (isCommand(request, ...STATE)) asked.push('state')
          return device.answer(request)
        }
        smpPeer(theirs, request => (device.resets === 0 ? tell(request) : undefined), raw)
        smpPeer(theirs, request => (device.resets > 0 ? tell(request) : undefined), console)
        return Promise.resolve(ours)
      }, binOf(IMAGE)),
    )
    expect(await restore()).toMatchObject({ result: 'restored', verified: true })
    expect(asked.slice(0, 3)).toEqual(['state', 'reset 1', 'state'])
  })

  test('is never called restored with a wrong byte, whatever the noise', async () => {
    const wrong: string[] = []
    let good = 0
    for (let seed = 1; seed <= 25; seed++) {
      const random = seededRandom(seed)
      const it = await handsetBench({ image: IMAGE, smpEncoding: 'raw' })
      it.through(cable => noisy(cable, random))
      it.handset.powerOn()
      const view = await it.restore({ encoding: 'raw' })
      const isExact = Buffer.compare(it.executable().subarray(0, IMAGE.length), IMAGE) === 0
      if (view.verified !== (view.result === 'written')) wrong.push(`seed ${seed}: ${view.result}`)
      if (view.verified && !isExact) wrong.push(`seed ${seed}: verified, and not exact`)
      if (view.verified) good += 1
      it.through(cable => cable)
      const again = await it.restore({ resume: true })
      if (!again.verified) wrong.push(`seed ${seed}, again: ${again.error?.message}`)
    }
    expect(wrong).toEqual([])
    expect(good).toBeGreaterThan(0)
    expect(good).toBeLessThan(25)
  })
})

/** Spoils about one message in fifty: a bit, a byte, all of it, or noise before it. */
function noisy(cable: ByteLink, random: Random): ByteLink {
  const spoil = (bytes: Uint8Array): Uint8Array[] => {
    const at = random.below(bytes.length)
    switch (random.below(200)) {
      case 0:
        return []
      case 1:
        return [bytes.map((byte, index) => (index === at ? byte ^ (1 << random.below(8)) : byte))]
      case 2:
        return [bytes.subarray(0, at), bytes.subarray(at + 1)]
      case 3:
        return [random.bytes(20), bytes]
      default:
        return [bytes]
    }
  }
  return {
    name: cable.name,
    baud: cable.baud,
    async write(bytes) {
      for (const piece of spoil(bytes)) await cable.write(piece)
    },
    onData: listener => cable.onData(bytes => spoil(bytes).forEach(listener)),
    onClose: listener => cable.onClose(listener),
    close: () => cable.close(),
  }
}
