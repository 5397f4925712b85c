import type { ByteRange } from '../../site/byte-range'

/** Holes that are remembered; an agent that leaves more fetches some bytes twice. */
const ISLANDS_MAX = 64

/** Which bytes of a file went out to a device, in whatever order it asked for them. */
export class Coverage {
  #prefix: number
  /** Beyond the prefix, apart from each other and in order. */
  #islands: ByteRange[] = []

  /** The first so many bytes are known to be out. */
  constructor(prefix: number) {
    this.#prefix = prefix
  }

  /** All bytes before this one are out. */
  get prefix(): number {
    return this.#prefix
  }

  add({ from, to }: ByteRange): void {
    if (to <= this.#prefix || from >= to) return
    const islands = [...this.#islands, { from, to }].toSorted((a, b) => a.from - b.from)
    const merged: ByteRange[] = []
    for (const island of islands) {
      const last = merged.at(-1)
      if (island.from <= this.#prefix) this.#prefix = Math.max(this.#prefix, island.to)
      else if (last && island.from <= last.to) {
        merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, island.to) }
      } else merged.push(island)
    }
    this.#islands = merged.slice(0, ISLANDS_MAX)
  }
}
