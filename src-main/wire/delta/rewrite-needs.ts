import type { ChangedSectors } from './changed-sectors'
import type { Cover } from './covers'
import { damaged } from './delta-errors'
import type { OldRange } from './rewrite-source'

/** RAM for the backup of each step, and for each range of the stash: two 32-bit numbers. */
export const OLD_RANGE_BYTES = 8
export const STASH_RANGES_MAX = 512

/** Ranges that are no further apart become one: what lies between costs less than two ranges. */
export const STASH_GAP = 16

/**
 * The old bytes that steps need and that are not where they were any more. They follow from the
 * covers and the order of the sectors, so the file does not carry them; whoever makes a file and
 * whoever reads it finds the same ones.
 */
export class RewriteNeeds {
  readonly #sectors: ChangedSectors
  readonly #sectorBytes: number
  /** Start and end for each step; both 0 where nothing is needed. */
  readonly #backups: Uint32Array
  readonly #stash: OldRange[] = []
  readonly #stashRangesMax: number
  #stashRangesSeen = 0

  constructor(sectors: ChangedSectors, sectorBytes: number, stashRangesMax: number) {
    this.#sectors = sectors
    this.#sectorBytes = sectorBytes
    this.#backups = new Uint32Array(2 * sectors.stepCount)
    this.#stashRangesMax = stashRangesMax
  }

  /** In the order of the image. */
  get stash(): readonly OldRange[] {
    return this.#stash
  }

  /** The most ranges that the stash had while it was filled, which is what its table must hold. */
  get stashRangesSeen(): number {
    return this.#stashRangesSeen
  }

  backupOf(step: number): OldRange {
    return { start: this.#backups[2 * step] ?? 0, end: this.#backups[2 * step + 1] ?? 0 }
  }

  /** Takes in one cover. Throws `DELTA_DAMAGED` where more is needed than the table holds. */
  add(cover: Cover): void {
    for (const { range, backedUpBy } of goneRanges(cover, this.#sectors, this.#sectorBytes)) {
      if (backedUpBy === undefined) this.#putAside(range)
      else this.#backUp(backedUpBy, range)
    }
  }

  #backUp(step: number, { start, end }: OldRange): void {
    const known = this.backupOf(step)
    const isFirst = known.end === 0
    this.#backups[2 * step] = isFirst ? start : Math.min(known.start, start)
    this.#backups[2 * step + 1] = Math.max(known.end, end)
  }

  #putAside(range: OldRange): void {
    const stash = this.#stash
    const first = firstReaching(stash, range.start - STASH_GAP)
    let { start, end } = range
    let last = first
    for (; (stash[last]?.start ?? Infinity) <= end + STASH_GAP; last++) {
      start = Math.min(start, stash[last]?.start ?? start)
      end = Math.max(end, stash[last]?.end ?? end)
    }
    stash.splice(first, last - first, { start, end })
    this.#stashRangesSeen = Math.max(this.#stashRangesSeen, stash.length)
    if (stash.length > this.#stashRangesMax) {
      throw damaged(`needs more than the ${this.#stashRangesMax} ranges of old bytes it announces.`)
    }
  }
}

/** The first range that ends at or after an address. */
function firstReaching(ranges: readonly OldRange[], address: number): number {
  let low = 0
  let high = ranges.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ranges[middle]?.end ?? 0) < address) low = middle + 1
    else high = middle
  }
  return low
}

export interface GoneRange {
  readonly range: OldRange
  /** The step whose backup it is in; undefined where it is in the stash. */
  readonly backedUpBy: number | undefined
  /** Where the new image needs it. */
  readonly newStart: number
}

/** The old bytes of a cover that are overwritten before, or while, their step is written. */
export function* goneRanges(
  cover: Cover,
  sectors: ChangedSectors,
  sectorBytes: number,
): Generator<GoneRange> {
  for (const { newStart, oldStart, length } of piecesBySector(cover, sectorBytes)) {
    const step = sectors.stepOf(Math.floor(newStart / sectorBytes))
    // What stays is not written, and needs nothing.
    const oldEnd = step < 0 ? oldStart : oldStart + length
    for (let start = oldStart; start < oldEnd;) {
      const sector = Math.floor(start / sectorBytes)
      const end = Math.min(oldEnd, (sector + 1) * sectorBytes)
      const writtenAt = sectors.stepOf(sector)
      if (writtenAt >= 0 && writtenAt <= step) {
        const backedUpBy = writtenAt >= step - 1 ? writtenAt : undefined
        yield { range: { start, end }, backedUpBy, newStart: newStart + start - oldStart }
      }
      start = end
    }
  }
}

/** What of a cover lies in each sector of the new image: so much is predicted at once. */
export function* piecesBySector(cover: Cover, sectorBytes: number): Generator<Cover> {
  const { newStart, oldStart, length } = cover
  for (let at = 0; at < length;) {
    const sector = Math.floor((newStart + at) / sectorBytes)
    const size = Math.min(length - at, (sector + 1) * sectorBytes - newStart - at)
    yield { newStart: newStart + at, oldStart: oldStart + at, length: size }
    at += size
  }
}
