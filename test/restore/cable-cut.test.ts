import { describe, expect, test } from 'vitest'
import type { ByteLink } from '../../src-main/link/byte-link'
import { linkLost, LinkSignals } from '../../src-main/link/link-signals'
import { memoryPair } from '../../src-main/link/memory-link'
import type { RestoreView } from '../../src-main/contract/restore'
import { SMP_ENCODINGS } from '../../src-main/wire/smp/encodings'
import { SampleDevice, smpPeer } from './smp-peer'
import { binOf, LINK, noise, openWorkshop } from './workshop'

const IMAGE = noise(400)
/** Longer than every patience together. */
const LIMIT_MS = 90_000
const DONE = new Set(['restored', 'written'])

/** What a failure must say: in which phase, and what to do next. */
const PHASE = /[Ww]hile (connecting|identifying|writing|verifying|rebooting)|to identify the device/
const NEXT_STEP = /(Check|Restore again|restore again|start again)[^.]*\.( |$)/

describe.each(['console', 'raw'] as const)('a %s line', name => {
  /** A line on which only so many bytes pass from here, or from the device. */
  async function bench(cutAt: { sent: number; received: number }, isTold: boolean) {
    const device = new SampleDevice()
    let isCut = true
    const workshop = await openWorkshop(() => {
      const [ours, theirs] = memoryPair({ names: [LINK, 'device'] })
      smpPeer(theirs, device.answer, SMP_ENCODINGS[name])
      return Promise.resolve(isCut ? cut(ours, cutAt, isTold) : ours)
    }, binOf(IMAGE))
    const mend = () => void (isCut = false)
    return { ...workshop, device, mend }
  }

  test.each([
    ['every third byte', 'sent', 'the port tells', 3],
    ['every third byte', 'received', 'the port tells', 3],
    // Every patience runs out each time, so not as many of them.
    ['many a byte', 'sent', 'there is but silence', 13],
    ['many a byte', 'received', 'there is but silence', 13],
  ] as const)(
    'that vanishes at %s that is %s, and %s, is never a success, hangs nobody, and one more restore succeeds',
    async (_many, side, how, step) => {
      const isTold = how === 'the port tells'
      const problems: string[] = []
      let wholeAt = 0
      for (let at = 0; wholeAt === 0; at += step) {
        const limits = { sent: Number.POSITIVE_INFINITY, received: Number.POSITIVE_INFINITY }
        const it = await bench({ ...limits, [side]: at }, isTold)
        const before = it.clock.now()
        const view = await it.restore({ encoding: name })
        if (it.clock.now() - before > LIMIT_MS) problems.push(`${at}: hangs`)
        if (view.result === 'restored') wholeAt = at
        problems.push(...flawsOf(view, it.device).map(flaw => `${at}: ${flaw}`))
        it.mend()
        const again = await it.restore({ encoding: name, resume: true })
        const isWhole = Buffer.compare(it.device.received, IMAGE) === 0
        const isGood = again.result === 'restored' || again.result === 'up-to-date'
        if (!isGood || !isWhole) problems.push(`${at}, again: ${again.result}`)
        await it.close()
      }
      expect(problems).toEqual([])
      expect(wholeAt).toBeGreaterThan(200)
    },
    120_000,
  )
})

function flawsOf(view: RestoreView, device: SampleDevice): string[] {
  const isWhole = Buffer.compare(device.received, IMAGE) === 0
  if (view.result !== null && DONE.has(view.result)) {
    return view.verified && isWhole ? [] : [`${view.result} without proof`]
  }
  const message = view.error?.message ?? ''
  const missing = [PHASE, NEXT_STEP].filter(pattern => !pattern.test(message))
  return missing.map(pattern => `"${message}" has no ${pattern.source}`)
}

/** A cable that ends after so many bytes: the port says so, or there is nothing but silence. */
function cut(cable: ByteLink, at: { sent: number; received: number }, isTold: boolean): ByteLink {
  const signals = new LinkSignals()
  const left = { ...at }
  const passing = (side: 'sent' | 'received', bytes: Uint8Array) => {
    const passed = bytes.subarray(0, left[side])
    left[side] -= passed.length
    if (passed.length === bytes.length) return passed
    left.sent = 0
    left.received = 0
    if (isTold) signals.end(linkLost(LINK, 'the port closed'))
    return passed
  }
  cable.onData(bytes => signals.deliver(passing('received', bytes)))
  cable.onClose(cause => signals.end(cause))
  return {
    name: cable.name,
    baud: cable.baud,
    write: bytes => {
      const refusal = signals.refusal(LINK)
      return refusal ? Promise.reject(refusal) : cable.write(passing('sent', bytes))
    },
    onData: listener => signals.onData(listener),
    onClose: listener => signals.onClose(listener),
    close: () => cable.close(),
  }
}
