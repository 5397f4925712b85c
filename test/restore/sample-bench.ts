import { afterEach } from 'vitest'
import type { ByteLink } from '../../src-main/link/byte-link'
import { memoryPair } from '../../src-main/link/memory-link'
import type { FirmwareImage } from '../../src-main/wire/image/firmware-image'
import { SampleDevice, smpPeer } from './smp-peer'
import { binOf, LINK, noise, openWorkshop, type Workshop } from './workshop'

export const IMAGE = noise(3000)
const workshops: Workshop[] = []
afterEach(async () => {
  for (const workshop of workshops.splice(0)) await workshop.close()
})

/** Closes a workshop after the test. */
export function closing(workshop: Workshop): Workshop {
  workshops.push(workshop)
  return workshop
}

/** A workshop whose only link leads to a sample device. */
export async function bench(device = new SampleDevice(), image: FirmwareImage = binOf(IMAGE)) {
  const cables: ByteLink[] = []
  const peers: ReturnType<typeof smpPeer>[] = []
  const workshop = await openWorkshop(() => {
    const [ours, theirs] = memoryPair({ names: [LINK, 'device'] })
    cables.push(theirs)
    peers.push(smpPeer(theirs, device.answer))
    return Promise.resolve(ours)
  }, image)
  closing(workshop)
  return { ...workshop, device, cables, peers }
}

export function stagesOf({ published }: Workshop): string[] {
  const stages = published.flatMap(event =>
    event.kind === 'restore-changed' ? [event.restore.stage] : [],
  )
  return stages.filter((stage, index) => stage !== stages[index - 1])
}
