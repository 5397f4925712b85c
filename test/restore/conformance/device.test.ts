import { expect, test } from 'vitest'
import { sleep } from '../../../src-main/base/clock'
import type { Encoding } from '../../../src-main/contract/restore'
import { Handset } from '../../../src-main/handset/handset'
import { nodeSha256 } from '../../../src-main/handset/service/node-sha256'
import { memoryPair } from '../../../src-main/link/memory-link'
import { VirtualClock } from '../../../src-main/observe/virtual-clock'
import { smallFlash, smallModel } from '../../handset/small-handset'
import { readNotebook, traceNamed, type Trace } from './notebook'
import { Script } from './script'

const TRACES = readNotebook('restore-mode.trace')
const smp = { bufferBytes: 128, bufferCount: 2 }
const model = { ...smallModel, restore: { protocols: ['smp'] as const, smp } }

/** A handset without software, which is in restore mode. */
function bench(smpEncoding: Encoding = 'console') {
  const clock = new VirtualClock()
  const flash = smallFlash()
  const handset = new Handset({
    name: 'bench',
    link: 'virtual:bench',
    model,
    flash,
    clock,
    sha256: nodeSha256,
    smpEncoding,
  })
  /** Puts a cable in, plays one side of a trace and hears that nothing follows. */
  const play = async (trace: Trace) => {
    const [host, device] = memoryPair()
    handset.attach(device)
    const script = new Script('host', { link: host, clock })
    const problem = await clock.runUntil(script.play(trace))
    await clock.runUntil(sleep(clock, 1000))
    return problem ?? script.rest
  }
  handset.powerOn()
  return { flash, handset, play }
}

const AFTER_POWER_LOSS = 'the expected offset after a power loss'

test.each(TRACES.filter(({ name }) => name !== AFTER_POWER_LOSS))(
  'restore mode with a host that shows: $name',
  async trace => {
    expect(await bench().play(trace)).toBe('')
  },
)

test.each(readNotebook('restore-mode-raw.trace'))(
  'restore mode with a host that sends raw packets and shows: $name',
  async trace => {
    expect(await bench('raw').play(trace)).toBe('')
  },
)

test('restore mode wants the first byte after the power was away', async () => {
  const { handset, play } = bench()
  expect(await play(traceNamed(TRACES, 'start over at offset 0'))).toBe('')
  handset.powerOff()
  handset.powerOn()
  expect(await play(traceNamed(TRACES, AFTER_POWER_LOSS))).toBe('')
})

test.each(['larger than the slot', 'no offset', 'state by write', 'no CBOR', 'a wrong CRC'])(
  'a host that shows %s changes nothing in the flash',
  async name => {
    const { flash, play } = bench()
    expect(await play(traceNamed(TRACES, name))).toBe('')
    expect(flash.operations).toBe(0)
  },
)
