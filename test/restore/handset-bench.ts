import { afterEach } from 'vitest'
import type { Encoding } from '../../src-main/contract/restore'
import { throttleLink } from '../../src-main/handset/link-throttle'
import type { ByteLink } from '../../src-main/link/byte-link'
import { binOf, brickedHandset, openWorkshop, type Workshop } from './workshop'

const workshops: Workshop[] = []
afterEach(async () => {
  for (const workshop of workshops.splice(0)) await workshop.close()
})

export interface HandsetBenchOptions {
  readonly image: Uint8Array
  readonly smpEncoding?: Encoding
  /** Of the line; without it nothing takes time but the flash. */
  readonly baud?: number
}

/** A workshop with a bricked virtual handset on its cable. */
export async function handsetBench({ image, smpEncoding = 'console', baud }: HandsetBenchOptions) {
  const cables: ByteLink[] = []
  let open: () => Promise<ByteLink> = () => Promise.reject(new Error('no handset yet'))
  let wrap = (cable: ByteLink) => cable
  const workshop = await openWorkshop(async () => {
    const plain = await open()
    const { clock } = workshop
    const cable = wrap(baud === undefined ? plain : throttleLink(plain, { baud, clock }))
    cables.push(cable)
    return cable
  }, binOf(image))
  workshops.push(workshop)
  const bricked = brickedHandset(workshop.clock, smpEncoding)
  open = bricked.open
  const through = (wrapper: typeof wrap) => void (wrap = wrapper)
  return { ...workshop, ...bricked, cables, through }
}
