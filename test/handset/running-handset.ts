import { asciiText } from '../../src-main/base/bytes'
import type { CpuHost } from '../../src-main/handset/cpu/cpu-port'
import { InProcessCpuHost } from '../../src-main/handset/cpu/in-process-cpu-host'
import { NorFlash } from '../../src-main/handset/flash/nor-flash'
import { Handset, type HandsetParts } from '../../src-main/handset/handset'
import { newChip, type NewChipOrder } from '../../src-main/handset/service/chip-file'
import { FetchRadio } from '../../src-main/handset/service/fetch-radio'
import { modelNamed } from '../../src-main/handset/service/models'
import { nodeSha256 } from '../../src-main/handset/service/node-sha256'
import { VirtualClock } from '../../src-main/observe/virtual-clock'

export const k1 = modelNamed('k1')

export interface RunningOptions extends Partial<
  Pick<NewChipOrder, 'model' | 'software' | 'bricked'> & Pick<HandsetParts, 'radio' | 'metadata'>
> {
  readonly cpuHost?: CpuHost
  readonly clock?: VirtualClock
  /** Of the CPU; a slow one makes seconds of a loop cheap. */
  readonly hertz?: number
  /** Origin of the carrier's server; without it the handset knows none. */
  readonly carrier?: string
  /** Changes the chip before it is fitted. */
  readonly prepare?: (chip: Uint8Array) => void
}

/** A k1, or another model, with real firmware and a CPU, in virtual time; switched off. */
export function k1Handset({
  model: asMade = k1,
  software,
  bricked = false,
  cpuHost = new InProcessCpuHost(),
  clock = new VirtualClock(),
  hertz,
  carrier,
  prepare,
  ...fitted
}: RunningOptions = {}) {
  const model = hertz === undefined ? asMade : { ...asMade, cpu: { hertz } }
  const order = { model, name: 'T-0001', seed: 7, sha256: nodeSha256 }
  const contents = newChip({ ...order, software, bricked })
  prepare?.(contents)
  const flash = new NorFlash({
    geometry: model.flash,
    timing: model.flash.timing,
    contents,
    share: bytes => cpuHost.share(bytes),
  })
  const defects: unknown[] = []
  const address = () => Promise.resolve(carrier ?? '')
  const radio = carrier === undefined ? {} : { radio: new FetchRadio({ address, clock }) }
  const handset = new Handset({
    ...radio,
    ...fitted,
    name: 'T-0001',
    link: 'virtual:T-0001',
    model,
    flash,
    clock,
    sha256: nodeSha256,
    cpuHost,
    onDefect: error => void defects.push(error),
  })
  return { clock, handset, defects, printed: () => asciiText(handset.output.since(0).bytes) }
}

/** Moves time on until the handset is in a state, for a minute at most. */
export async function untilState(
  { clock, handset }: { clock: VirtualClock; handset: Handset },
  state: string,
): Promise<void> {
  for (let waited = 0; handset.state !== state; waited += 100) {
    if (waited >= 60_000) throw new Error(`It is ${handset.state} and not ${state}`)
    await clock.advance(100)
  }
}
