import { asciiText } from '../../src-main/base/bytes'
import type { CpuHost } from '../../src-main/handset/cpu/cpu-port'
import { InProcessCpuHost } from '../../src-main/handset/cpu/in-process-cpu-host'
import { NorFlash } from '../../src-main/handset/flash/nor-flash'
import { Handset } from '../../src-main/handset/handset'
import { newChip, type NewChipOrder } from '../../src-main/handset/service/chip-file'
import { modelNamed } from '../../src-main/handset/service/models'
import { nodeSha256 } from '../../src-main/handset/service/node-sha256'
import { VirtualClock } from '../../src-main/observe/virtual-clock'

export const k1 = modelNamed('k1')

export interface RunningOptions extends Partial<Pick<NewChipOrder, 'software' | 'bricked'>> {
  readonly cpuHost?: CpuHost
  /** Of the CPU; a slow one makes seconds of a loop cheap. */
  readonly hertz?: number
  /** Changes the chip before it is fitted. */
  readonly prepare?: (chip: Uint8Array) => void
}

/** A k1 with real firmware and a CPU, in virtual time; switched off. */
export function k1Handset({
  software,
  bricked = false,
  cpuHost = new InProcessCpuHost(),
  hertz,
  prepare,
}: RunningOptions = {}) {
  const clock = new VirtualClock()
  const model = hertz === undefined ? k1 : { ...k1, cpu: { hertz } }
  const order = { model, name: 'T-0001', seed: 7, sha256: nodeSha256 }
  const contents = newChip({ ...order, software, bricked })
  prepare?.(contents)
  const flash = new NorFlash({
    geometry: k1.flash,
    timing: k1.flash.timing,
    contents,
    share: bytes => cpuHost.share(bytes),
  })
  const defects: unknown[] = []
  const handset = new Handset({
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
