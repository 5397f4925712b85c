import { afterEach, describe, expect, test } from 'vitest'
import { seededRandom, type Random } from '../../src-main/base/random'
import type { ByteLink } from '../../src-main/link/byte-link'
import { binOf, brickedHandset, noise, openWorkshop } from './workshop'

const IMAGE = noise(24_000)
const openOnes: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of openOnes.splice(0)) await one.close()
})

/** Spoils about one message in ten: bits, bytes, whole messages, order, or noise between them. */
function noisy(cable: ByteLink, random: Random): ByteLink {
  const spoil = (bytes: Uint8Array): Uint8Array[] => {
    const at = random.below(bytes.length)
    switch (random.below(50)) {
      case 0:
        return []
      case 1:
        return [bytes.map((byte, index) => (index === at ? byte ^ (1 << random.below(8)) : byte))]
      case 2:
        return [bytes.subarray(0, at), bytes.subarray(at + 1)]
      case 3:
        return [bytes, bytes]
      case 4:
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

describe('a restore over a bad cable', () => {
  test('ends written, verified and exact, whatever the noise', async () => {
    const failures: string[] = []
    let retries = 0
    for (let seed = 1; seed <= 30; seed++) {
      let open: () => Promise<ByteLink> = () => Promise.reject(new Error('no handset yet'))
      const opener = async () => noisy(await open(), seededRandom(seed))
      const workshop = await openWorkshop(opener, binOf(IMAGE))
      openOnes.push(workshop)
      const { handset, executable, open: plugIn } = brickedHandset(workshop.clock)
      open = plugIn
      handset.powerOn()
      const view = await workshop.restore()
      const isExact = Buffer.compare(executable().subarray(0, IMAGE.length), IMAGE) === 0
      retries += view.retries
      if (view.result !== 'written' || !view.verified || !isExact) {
        failures.push(`seed ${seed}: ${view.result}, exact: ${isExact}, ${view.error?.message}`)
      }
    }
    expect(failures).toEqual([])
    expect(retries).toBeGreaterThan(30)
  })
})
