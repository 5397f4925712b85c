import { readFileSync } from 'node:fs'
import { FaultPlan, type Fault } from '../../src-main/base/fault-plan'
import { seededRandom } from '../../src-main/base/random'
import type { Encoding } from '../../src-main/contract/restore'
import { brickChip, makeChip } from '../../src-main/handset/chip'
import { NorFlash } from '../../src-main/handset/flash/nor-flash'
import { Handset } from '../../src-main/handset/handset'
import { regionOf } from '../../src-main/handset/model/model'
import { modelNamed } from '../../src-main/handset/service/models'
import { nodeSha256 } from '../../src-main/handset/service/node-sha256'
import type { ByteLink } from '../../src-main/link/byte-link'
import { memoryPair } from '../../src-main/link/memory-link'
import { binOf, LINK, openWorkshop } from '../restore/workshop'

const model = modelNamed('k1')
const order = { model, name: 'T-0001', seed: 1, sha256: nodeSha256 }
const region = regionOf(model, 'executable')

export function firmware(file: string): Uint8Array {
  const url = new URL(`../../resources/firmware/${file}`, import.meta.url)
  return new Uint8Array(readFileSync(url))
}

/** A k1's flash with the power cut in the middle of an earlier rewrite, or with sound software. */
export function flashOf(software: Uint8Array, isBricked: boolean): NorFlash {
  const contents = makeChip({ ...order, software })
  if (isBricked) brickChip(contents, order)
  const { flash: geometry } = model
  return new NorFlash({ geometry, timing: geometry.timing, contents })
}

/** What the executable region holds, from its start. */
export function regionBytes(flash: NorFlash, length: number): Uint8Array {
  return flash.peek(region.address, length)
}

export interface RigOptions {
  readonly smpEncoding?: Encoding
  /** That the handsets state. */
  readonly bufferBytes?: number
}

/**
 * A restore service in virtual time, and handsets one after the other at its link. They have no
 * CPU: where the boot code would start the software, `reason` is `no-cpu`.
 */
export async function openRig(
  image: Uint8Array,
  { smpEncoding = 'console', bufferBytes = model.restore.smp.bufferBytes }: RigOptions = {},
) {
  const smp = { ...model.restore.smp, bufferBytes }
  // Nobody looks at a display here, and painting it takes time.
  const ourModel = { ...model, display: null, restore: { ...model.restore, smp } }

  let plugIn: () => ByteLink = () => {
    throw new Error('No handset is there yet')
  }
  const workshop = await openWorkshop(() => Promise.resolve(plugIn()), binOf(image))
  const { clock } = workshop

  /** A handset with a copy of a flash, switched on; `wrap` changes the host's end of its line. */
  function connect(flash: NorFlash, wrap: (link: ByteLink) => ByteLink = link => link) {
    const { name, sha256 } = order
    const parts = { name, link: LINK, model: ourModel, sha256, flash, clock, smpEncoding }
    const handset = new Handset(parts)
    handset.powerOn()
    const plug = (through: (link: ByteLink) => ByteLink) => {
      plugIn = () => {
        const [ours, theirs] = memoryPair({ names: [LINK, 'handset'] })
        handset.attach(theirs)
        return through(ours)
      }
    }
    plug(wrap)
    return { handset, plug }
  }
  return { ...workshop, connect }
}

/** A copy of a flash in which one fault will strike. */
export function faulty(flash: NorFlash, fault: Fault, seed: number): NorFlash {
  return flash.clone({ faults: new FaultPlan([fault]), random: seededRandom(seed) })
}

/** The sorts of a flash's operations from now on, in order. */
export function watchOperations(flash: NorFlash): ('program' | 'erase')[] {
  const seen: ('program' | 'erase')[] = []
  const program = flash.program.bind(flash)
  const erase = flash.erase.bind(flash)
  flash.program = (address, bytes) => {
    seen.push('program')
    program(address, bytes)
  }
  flash.erase = address => {
    seen.push('erase')
    erase(address)
  }
  return seen
}
