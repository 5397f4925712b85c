import type { ByteLink } from '../../src-main/link/byte-link'
import { linkLost, LinkSignals } from '../../src-main/link/link-signals'

export type Side = 'sent' | 'received'

export interface CutPlan {
  /** How many of the bytes of a frame pass; fewer than all of them end the line. */
  passes(side: Side, bytes: Uint8Array): number
  /** Whether the port tells that it is gone; else there is but silence. */
  readonly isTold: boolean
  /** Told of the end, once. */
  onCut?(): void
}

/** The host's end of a line that ends where the plan says, for both directions at once. */
export function cutLink(cable: ByteLink, plan: CutPlan): ByteLink {
  const signals = new LinkSignals()
  let isCut = false
  const passing = (side: Side, bytes: Uint8Array) => {
    if (isCut) return bytes.subarray(0, 0)
    const passed = bytes.subarray(0, plan.passes(side, bytes))
    if (passed.length < bytes.length) {
      isCut = true
      plan.onCut?.()
      if (plan.isTold) signals.end(linkLost(cable.name, 'the port closed'))
    }
    return passed
  }
  cable.onData(bytes => signals.deliver(passing('received', bytes)))
  cable.onClose(cause => signals.end(cause))
  return {
    name: cable.name,
    baud: cable.baud,
    write(bytes) {
      const refusal = signals.refusal(cable.name)
      if (refusal) return Promise.reject(refusal)
      const passed = passing('sent', bytes)
      return passed.length === 0 ? Promise.resolve() : cable.write(passed)
    },
    onData: listener => signals.onData(listener),
    onClose: listener => signals.onClose(listener),
    close: () => cable.close(),
  }
}
