/**
 * The suffix array of `text` by induced sorting (SA-IS: Nong, Zhang, Chan 2009), in linear time:
 * the starts of all suffixes in the order of the suffixes. Symbols are 0 … `largest`.
 */
export function suffixArray(text: Uint8Array | Int32Array, largest: number): Int32Array {
  const size = text.length
  if (size === 0) return new Int32Array(0)
  if (size === 1) return new Int32Array(1)
  const sorter = new InducedSorter(text, largest)
  const starts = sorter.lmsStarts()
  sorter.induce(starts)
  if (starts.length > 0) sorter.induce(sortedLms(sorter, starts))
  return sorter.suffixes
}

/** The leftmost-S suffixes in their true order, by sorting the names of the pieces between them. */
function sortedLms(sorter: InducedSorter, starts: Int32Array): Int32Array {
  const { suffixes, text } = sorter
  const count = starts.length
  const order = new Int32Array(count)
  let ordered = 0
  for (let at = 0; at < suffixes.length; at++) {
    const start = suffixes[at] ?? 0
    if (sorter.isLms(start)) order[ordered++] = start
  }
  // No two of them are next to each other, so that half of the places suffice.
  const number = new Int32Array((text.length >> 1) + 1)
  for (let index = 0; index < count; index++) number[(starts[index] ?? 0) >> 1] = index
  const names = new Int32Array(count)
  const endOf = (start: number) => starts[(number[start >> 1] ?? 0) + 1] ?? text.length
  let name = 0
  for (let at = 1; at < count; at++) {
    const before = order[at - 1] ?? 0
    const start = order[at] ?? 0
    const length = endOf(before) - before
    const isSame = length === endOf(start) - start && samePiece(text, before, start, length)
    if (!isSame) name += 1
    names[number[start >> 1] ?? 0] = name
  }
  return suffixArray(names, name).map(index => starts[index] ?? 0)
}

function samePiece(
  text: Uint8Array | Int32Array,
  before: number,
  start: number,
  length: number,
): boolean {
  // A piece that reaches the end of the text differs from all others.
  if (Math.max(before, start) + length === text.length) return false
  for (let at = 0; at <= length; at++) {
    if (text[before + at] !== text[start + at]) return false
  }
  return true
}

class InducedSorter {
  readonly text: Uint8Array | Int32Array
  readonly suffixes: Int32Array
  /** 1 where a suffix is smaller than the one after it. */
  readonly #smaller: Uint8Array
  /** Where the suffixes of each symbol begin, and where the smaller ones among them do. */
  readonly #begins: Int32Array
  readonly #smallerBegins: Int32Array

  constructor(text: Uint8Array | Int32Array, largest: number) {
    this.text = text
    this.suffixes = new Int32Array(text.length)
    this.#smaller = new Uint8Array(text.length)
    this.#begins = new Int32Array(largest + 2)
    this.#smallerBegins = new Int32Array(largest + 2)
    const smaller = this.#smaller
    for (let at = text.length - 2; at >= 0; at--) {
      const symbol = text[at] ?? 0
      const next = text[at + 1] ?? 0
      smaller[at] = symbol === next ? (smaller[at + 1] ?? 0) : symbol < next ? 1 : 0
    }
    this.#countSymbols()
  }

  #countSymbols(): void {
    const { text } = this
    const smaller = this.#smaller
    const total = this.#begins
    const larger = this.#smallerBegins
    for (let at = 0; at < text.length; at++) {
      const symbol = text[at] ?? 0
      total[symbol + 1] = (total[symbol + 1] ?? 0) + 1
      if (smaller[at] === 0) larger[symbol] = (larger[symbol] ?? 0) + 1
    }
    for (let symbol = 1; symbol < total.length; symbol++) {
      total[symbol] = (total[symbol] ?? 0) + (total[symbol - 1] ?? 0)
    }
    for (let symbol = 0; symbol < larger.length; symbol++) {
      larger[symbol] = (larger[symbol] ?? 0) + (total[symbol] ?? 0)
    }
  }

  lmsStarts(): Int32Array {
    let count = 0
    for (let at = 1; at < this.text.length; at++) if (this.isLms(at)) count += 1
    const starts = new Int32Array(count)
    count = 0
    for (let at = 1; at < this.text.length; at++) if (this.isLms(at)) starts[count++] = at
    return starts
  }

  /** Whether a suffix is the leftmost of smaller ones in a row. */
  isLms(at: number): boolean {
    return this.#smaller[at] === 1 && this.#smaller[at - 1] === 0
  }

  /** Sorts all suffixes from the order of the leftmost-S ones. */
  induce(lms: Int32Array): void {
    const { text, suffixes } = this
    suffixes.fill(-1)
    const places = this.#smallerBegins.slice()
    for (let at = 0; at < lms.length; at++) {
      const start = lms[at] ?? 0
      const symbol = text[start] ?? 0
      const place = places[symbol] ?? 0
      places[symbol] = place + 1
      suffixes[place] = start
    }
    this.#induceLarger()
    this.#induceSmaller()
  }

  #induceLarger(): void {
    const { text, suffixes } = this
    const places = this.#begins.slice()
    const last = text.length - 1
    const smaller = this.#smaller
    // Round -1 stands for the end of the text, which is before all suffixes.
    for (let at = -1; at <= last; at++) {
      const start = at < 0 ? last : (suffixes[at] ?? -1) - 1
      if (start < 0 || smaller[start] === 1) continue
      const symbol = text[start] ?? 0
      const place = places[symbol] ?? 0
      places[symbol] = place + 1
      suffixes[place] = start
    }
  }

  #induceSmaller(): void {
    const { text, suffixes } = this
    const ends = this.#begins.slice()
    const smaller = this.#smaller
    for (let at = text.length - 1; at >= 0; at--) {
      const start = (suffixes[at] ?? -1) - 1
      if (start < 0 || smaller[start] === 0) continue
      const symbol = text[start] ?? 0
      const place = (ends[symbol + 1] ?? 0) - 1
      ends[symbol + 1] = place
      suffixes[place] = start
    }
  }
}
