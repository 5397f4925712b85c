import type { Random } from '../../base/random'

/** Bytes that a program operation moves at a time. */
const WORD_BYTES = 2
const LAST_BYTES_MAX = 64

/**
 * What a page may hold when the power fails while it is programmed: some of the bits that had to
 * fall have fallen. Chips promise no order, so either the first words are done and one is torn, or
 * any subset of all bits has fallen.
 */
export function tearProgram(before: Uint8Array, wanted: Uint8Array, random: Random): Uint8Array {
  const mask = random.bytes(before.length)
  const inOrder = random.below(2) === 0
  const torn = random.below(Math.ceil(before.length / WORD_BYTES)) * WORD_BYTES
  return before.map((old, at) => {
    const target = wanted[at] ?? 0xff
    if (inOrder && at < torn) return old & target
    if (inOrder && at >= torn + WORD_BYTES) return old
    const falling = old & ~target
    return old & ~(falling & (mask[at] ?? 0))
  })
}

/**
 * What a sector may hold when the power fails while it is erased. A chip first programs everything
 * to 0, seen to happen from the end, and then lets all bits rise.
 */
export function tearErase(before: Uint8Array, random: Random): Uint8Array {
  const mask = random.bytes(before.length)
  const edge = random.below(before.length + 1)
  const tail = before.length - 1 - random.below(Math.min(LAST_BYTES_MAX, before.length))
  const maskAt = (at: number) => mask[at] ?? 0
  const shapes: ((old: number, at: number) => number)[] = [
    (old, at) => old & maskAt(at),
    (old, at) => (at < edge ? old : 0),
    (old, at) => (at < edge ? 0 : old),
    (_old, at) => maskAt(at),
    (_old, at) => (at < edge ? 0xff : 0),
    (_old, at) => (at < tail ? 0xff : maskAt(at)),
  ]
  const shape = shapes[random.below(shapes.length)]
  return shape ? before.map(shape) : before
}
