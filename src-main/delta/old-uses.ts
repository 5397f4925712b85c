import type { ChangedSectors } from '../wire/delta/changed-sectors'
import type { Cover } from '../wire/delta/covers'
import { goneRanges } from '../wire/delta/rewrite-needs'

/** What a byte that becomes a literal, or one more cover, adds to the packed file, roughly. */
export const LITERAL_COST = 0.7
export const COVER_COST = 3

/** Bytes of a cover that the stash or a backup must hold. */
export interface OldUse {
  readonly coverIndex: number
  readonly newStart: number
  readonly start: number
  readonly end: number
  /** The step that backs them up; undefined where they are in the stash. */
  readonly backedUpBy: number | undefined
  /** Bytes by which the file grows, roughly, where they become literals. */
  readonly cost: number
}

export function oldUses(
  covers: readonly Cover[],
  sectors: ChangedSectors,
  sectorBytes: number,
): OldUse[] {
  return covers.flatMap((cover, coverIndex) =>
    [...goneRanges(cover, sectors, sectorBytes)].map(({ range, newStart, backedUpBy }) => {
      const bytes = range.end - range.start
      // A whole cover is no longer written; half of one leaves another.
      const numbers = bytes === cover.length ? -COVER_COST : COVER_COST
      const cost = Math.max(0, LITERAL_COST * bytes + numbers)
      return { coverIndex, newStart, ...range, backedUpBy, cost }
    }),
  )
}

/** What remains of a cover beside what is cut out of it is worth its three numbers from here on. */
const COVER_LENGTH_MIN = 8

/** The covers with some of their uses cut out. */
export function withoutUses(covers: readonly Cover[], dropped: readonly OldUse[]): Cover[] {
  const byCover = Map.groupBy(dropped, use => use.coverIndex)
  return covers.flatMap((cover, index) => {
    const cuts = byCover.get(index)
    return cuts ? cutOut(cover, cuts) : [cover]
  })
}

function cutOut(cover: Cover, cuts: readonly OldUse[]): Cover[] {
  const { newStart, oldStart, length } = cover
  const pieces: Cover[] = []
  let from = newStart
  const keepUntil = (end: number) => {
    if (end - from < COVER_LENGTH_MIN) return
    pieces.push({ newStart: from, oldStart: oldStart + from - newStart, length: end - from })
  }
  for (const cut of cuts.toSorted((a, b) => a.newStart - b.newStart)) {
    keepUntil(cut.newStart)
    from = cut.newStart + cut.end - cut.start
  }
  keepUntil(newStart + length)
  return pieces
}
