import type { Cover } from '../wire/delta/covers'

export interface ImagePair {
  readonly old: Uint8Array
  readonly fresh: Uint8Array
}

const BASES_MAX = 2

/** Fewer pointers than this that a base explains are chance. */
const VOTES_MIN = 8
const WORDS_MAX = 20_000
const MOVES_PER_SHIFT_MAX = 16
/** Images are linked at multiples of this. */
const UNIT = 256
const MOVE_LENGTH_MIN = 64

/**
 * Addresses at which the images are probably linked: those that explain most of the 32-bit words
 * that changed by as much as some code has moved. Best first.
 */
export function findBases(pair: ImagePair, covers: readonly Cover[]): number[] {
  const movesByShift = Map.groupBy(
    covers.filter(cover => cover.length >= MOVE_LENGTH_MIN),
    cover => (cover.newStart - cover.oldStart) | 0,
  )
  let words = movedWords(pair, covers).filter(({ difference }) => movesByShift.has(difference))
  const bases: number[] = []
  while (bases.length < BASES_MAX) {
    const ranges = words.flatMap(({ word, difference }) => {
      const moves = (movesByShift.get(difference) ?? []).slice(0, MOVES_PER_SHIFT_MAX)
      return moves.map(({ oldStart, length }) => ({
        from: Math.ceil((word - oldStart - length + 1) / UNIT),
        to: Math.floor((word - oldStart) / UNIT) + 1,
      }))
    })
    const unit = mostCovered(ranges.filter(({ from, to }) => from < to))
    if (unit === undefined) break
    const base = (unit * UNIT) >>> 0
    bases.push(base)
    words = words.filter(({ word }) => {
      const target = (word - base) >>> 0
      return target >= pair.old.length
    })
  }
  return bases
}

interface MovedWord {
  readonly word: number
  readonly difference: number
}

function movedWords({ old, fresh }: ImagePair, covers: readonly Cover[]): MovedWord[] {
  const oldView = new DataView(old.buffer, old.byteOffset, old.byteLength)
  const newView = new DataView(fresh.buffer, fresh.byteOffset, fresh.byteLength)
  const words: MovedWord[] = []
  for (const { oldStart, newStart, length } of covers) {
    for (let at = -oldStart & 3; at + 4 <= length; at += 4) {
      const word = oldView.getUint32(oldStart + at, true)
      const difference = (newView.getUint32(newStart + at, true) - word) | 0
      if (difference !== 0) words.push({ word, difference })
    }
  }
  const every = Math.ceil(words.length / WORDS_MAX)
  return words.filter((_, index) => index % every === 0)
}

interface Range {
  /** In units, the end not included. */
  readonly from: number
  readonly to: number
}

/** The roundest number among those that lie in the most ranges. */
function mostCovered(ranges: readonly Range[]): number | undefined {
  const froms = Float64Array.from(ranges, range => range.from).toSorted()
  const tos = Float64Array.from(ranges, range => range.to).toSorted()
  let ended = 0
  let most = VOTES_MIN - 1
  let best: Range | undefined
  froms.forEach((from, begun) => {
    while ((tos[ended] ?? Infinity) <= from) ended += 1
    const inside = begun + 1 - ended
    if (inside <= most) return
    most = inside
    best = { from, to: Math.min(tos[ended] ?? from + 1, froms[begun + 1] ?? Infinity) }
  })
  return best && roundest(best)
}

function roundest({ from, to }: Range): number {
  for (let unit = 2 ** 24; unit > 1; unit /= 2) {
    const round = Math.ceil(from / unit) * unit
    if (round < to) return round
  }
  return from
}
