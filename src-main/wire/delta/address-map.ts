import type { Cover } from './covers'

/** RAM for one move on the handset: three 32-bit numbers. */
export const MOVE_BYTES = 12

/**
 * Where the code of the old image is in the new one, as far as the longer covers tell. Addresses
 * between two moves follow the nearer one.
 */
export class AddressMap {
  readonly #oldStarts: Uint32Array
  readonly #oldEnds: Uint32Array
  readonly #shifts: Int32Array
  #last = 0

  constructor(moves: readonly Cover[]) {
    const apart = movesApart(moves)
    this.#oldStarts = Uint32Array.from(apart, move => move.oldStart)
    this.#oldEnds = Uint32Array.from(apart, move => move.oldStart + move.length)
    this.#shifts = Int32Array.from(apart, move => move.newStart - move.oldStart)
  }

  get size(): number {
    return this.#shifts.length
  }

  /** The new address of an old one; the same where nothing is known. */
  moved(address: number): number {
    if (this.#shifts.length === 0) return address
    const at = this.#lastFrom(address)
    return address + (this.#shifts[this.#nearest(at, address)] ?? 0)
  }

  /** The last move that begins at or before the address; -1 where none does. */
  #lastFrom(address: number): number {
    const starts = this.#oldStarts
    // Most addresses asked for in a row are near each other.
    const guess = this.#last
    if ((starts[guess] ?? 0) <= address && address < (starts[guess + 1] ?? Infinity)) return guess
    let low = 0
    let high = starts.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((starts[middle] ?? 0) <= address) low = middle + 1
      else high = middle
    }
    if (low > 0) this.#last = low - 1
    return low - 1
  }

  #nearest(at: number, address: number): number {
    if (at < 0) return 0
    const past = address - (this.#oldEnds[at] ?? 0)
    if (past < 0) return at
    const ahead = (this.#oldStarts[at + 1] ?? Infinity) - address
    return ahead <= past ? at + 1 : at
  }
}

/**
 * The moves in the order of the old image, none overlapping another there: of two that do, the
 * longer one is believed and the other keeps what is left after it, or before it.
 */
function movesApart(moves: readonly Cover[]): Cover[] {
  const sorted = moves.toSorted((a, b) => a.oldStart - b.oldStart || a.newStart - b.newStart)
  const apart: Cover[] = []
  for (const move of sorted) putApart(apart, move)
  return apart
}

function putApart(apart: Cover[], move: Cover): void {
  const last = apart.at(-1)
  const overlap = last ? last.oldStart + last.length - move.oldStart : 0
  if (!last || overlap <= 0) {
    apart.push(move)
  } else if (move.length <= last.length) {
    const { oldStart, newStart, length } = move
    if (overlap >= length) return
    apart.push({
      oldStart: oldStart + overlap,
      newStart: newStart + overlap,
      length: length - overlap,
    })
  } else {
    apart.pop()
    if (overlap >= last.length) return putApart(apart, move)
    apart.push({ ...last, length: last.length - overlap }, move)
  }
}
