import type { OldUse } from './old-uses'
import { PAGE_BYTES } from './rewrite-erases'

/** Bytes of the file that saving one erase is worth. */
const ERASE_WORTH = 300

/**
 * The uses of old bytes, all of one sector, that would make its backup long for little: without
 * them more backups share a sector of the ring. A backup is one range.
 */
export function outliers(uses: readonly OldUse[], sectorBytes: number): OldUse[] {
  const sorted = uses.toSorted((a, b) => a.start - b.start)
  const total = sorted.reduce((sum, use) => sum + use.cost, 0)
  let best: Window = { kept: [], price: total }
  for (let sharing = Math.floor(sectorBytes / PAGE_BYTES); sharing > 0; sharing--) {
    const bytes = Math.floor(sectorBytes / sharing / PAGE_BYTES) * PAGE_BYTES
    const { kept, price } = bestWindow(sorted, bytes)
    const whole = price + ERASE_WORTH / sharing
    if (whole < best.price) best = { kept, price: whole }
  }
  const kept = new Set(best.kept)
  return sorted.filter(use => !kept.has(use))
}

interface Window {
  readonly kept: readonly OldUse[]
  /** Cost of the uses that are not kept. */
  readonly price: number
}

/** The uses within so many bytes of old image that would cost most as literals. */
function bestWindow(sorted: readonly OldUse[], bytes: number): Window {
  const total = sorted.reduce((sum, use) => sum + use.cost, 0)
  let best: Window = { kept: [], price: total }
  sorted.forEach(({ start }, first) => {
    const limit = start + bytes
    let price = total
    let last = first
    for (let use = sorted[last]; use && use.start < limit; use = sorted[++last]) {
      if (use.end <= limit) price -= use.cost
    }
    if (price >= best.price) return
    best = { kept: sorted.slice(first, last).filter(use => use.end <= limit), price }
  })
  return best
}
