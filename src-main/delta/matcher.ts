import { suffixArray } from './suffix-array'

/** Longer matches are found piece by piece: it bounds what one comparison costs. */
const MATCH_LENGTH_MAX = 1024

/** Finds the longest piece of the old image that equals what stands in the new one. */
export class Matcher {
  readonly old: Uint8Array
  readonly fresh: Uint8Array
  readonly #suffixes: Int32Array
  /** What was found at each new offset: several searches pass the same places. */
  readonly #lengths: Int16Array
  readonly #starts: Int32Array

  constructor(old: Uint8Array, fresh: Uint8Array) {
    this.old = old
    this.fresh = fresh
    this.#suffixes = suffixArray(old, 255)
    this.#lengths = new Int16Array(fresh.length).fill(-1)
    this.#starts = new Int32Array(fresh.length)
  }

  /** The length of the longest match at an offset of the new image, at most 1024. */
  lengthAt(offset: number): number {
    const known = this.#lengths[offset] ?? 0
    return known >= 0 ? known : this.#search(offset)
  }

  /** Where that match begins in the old image. */
  startAt(offset: number): number {
    this.lengthAt(offset)
    return this.#starts[offset] ?? 0
  }

  #search(offset: number): number {
    const suffixes = this.#suffixes
    let low = 0
    let high = suffixes.length
    let lowCommon = 0
    let highCommon = 0
    let best = 0
    let bestStart = 0
    while (low < high) {
      const middle = (low + high) >>> 1
      const start = suffixes[middle] ?? 0
      const common = this.#common(start, offset, Math.min(lowCommon, highCommon))
      if (common > best) {
        best = common
        bestStart = start
      }
      if (common === MATCH_LENGTH_MAX) break
      if (this.#isBefore(start + common, offset + common)) {
        low = middle + 1
        lowCommon = common
      } else {
        high = middle
        highCommon = common
      }
    }
    this.#lengths[offset] = best
    this.#starts[offset] = bestStart
    return best
  }

  #common(start: number, offset: number, known: number): number {
    const { old, fresh } = this
    const limit = Math.min(MATCH_LENGTH_MAX, old.length - start, fresh.length - offset)
    let common = known
    while (common < limit && old[start + common] === fresh[offset + common]) common += 1
    return common
  }

  #isBefore(oldAt: number, newAt: number): boolean {
    if (newAt >= this.fresh.length) return false
    return oldAt >= this.old.length || (this.old[oldAt] ?? 0) < (this.fresh[newAt] ?? 0)
  }
}
