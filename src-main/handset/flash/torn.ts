import type { Random } from '../../base/random'

/** Bytes that a program operation moves at a time. */
export const WORD_BYTES = 2
const LAST_BYTES_MAX = 64

/** What an operation changes: the bytes it reaches, before and when it is done. */
export interface Change {
  readonly before: Uint8Array
  readonly wanted: Uint8Array
}

export function wordsOf({ before }: Change): number {
  return Math.ceil(before.length / WORD_BYTES)
}

/** One word has some of the bits that had to fall, no other word has any. */
export function tearWord(change: Change, random: Random, word?: number): Uint8Array {
  const torn = Math.min(wordsOf(change) - 1, word ?? random.below(wordsOf(change)))
  return tearWords(change, random, at => (at === torn ? 'torn' : 'untouched'))
}

/** The first words are done, the next one has some of its bits. */
export function tearInOrder(change: Change, random: Random, words?: number): Uint8Array {
  const torn = words ?? random.below(wordsOf(change))
  return tearWords(change, random, at => {
    if (at === torn) return 'torn'
    return at < torn ? 'done' : 'untouched'
  })
}

/** Chips promise no order: each word is done, torn or untouched. */
export function tearInNoOrder(change: Change, random: Random): Uint8Array {
  const states = Array.from({ length: wordsOf(change) }, () => WORD_STATES[random.below(3)])
  return tearWords(change, random, at => states[at] ?? 'untouched')
}

/** Any state that a program may leave when the power fails. */
export function tearProgram(change: Change, random: Random): Uint8Array {
  const tears = [tearWord, tearInOrder, tearInNoOrder, tearBits]
  return (tears[random.below(tears.length)] ?? tearBits)(change, random)
}

export interface ErasedPart {
  readonly shape?: number | undefined
  readonly bytes?: number | undefined
}

/**
 * The first part of an erase: everything is programmed to 0. Shape 0: bits anywhere; 1: from the
 * end, as it was seen on chips; 2: from the start.
 */
export function tearZeroing(before: Uint8Array, random: Random, part: ErasedPart = {}): Uint8Array {
  const shape = part.shape ?? random.below(3)
  const zeros = Math.min(before.length, part.bytes ?? random.below(before.length + 1))
  if (shape === 1) return before.map((old, at) => (at < before.length - zeros ? old : 0))
  if (shape === 2) return before.map((old, at) => (at < zeros ? 0 : old))
  const mask = random.bytes(before.length)
  return before.map((old, at) => old & (mask[at] ?? 0))
}

/**
 * The second part of an erase: all bits rise. Shape 0: ones anywhere; 1: ones from the start; 2:
 * all but some of the last 1–64 bytes.
 */
export function tearRising(before: Uint8Array, random: Random, part: ErasedPart = {}): Uint8Array {
  const { length } = before
  const shape = part.shape ?? random.below(3)
  const ones = Math.min(length, part.bytes ?? random.below(length + 1))
  if (shape === 1) return before.map((_, at) => (at < ones ? 0xff : 0))
  const mask = random.bytes(length)
  if (shape === 0) return mask
  const longest = Math.min(length, LAST_BYTES_MAX)
  const last = Math.min(longest, Math.max(1, part.bytes ?? 1 + random.below(longest)))
  return mask.map((risen, at) => (at < length - last ? 0xff : risen))
}

/** Any state that an erase may leave when the power fails. */
export function tearErase(before: Uint8Array, random: Random): Uint8Array {
  return random.below(2) === 0 ? tearZeroing(before, random) : tearRising(before, random)
}

const WORD_STATES = ['untouched', 'torn', 'done'] as const

function tearWords(
  { before, wanted }: Change,
  random: Random,
  stateOf: (word: number) => (typeof WORD_STATES)[number],
): Uint8Array {
  const mask = random.bytes(before.length)
  return before.map((old, at) => {
    const target = wanted[at] ?? old
    const state = stateOf(Math.floor(at / WORD_BYTES))
    if (state === 'untouched') return old
    return state === 'done' ? target : old & ~(old & ~target & (mask[at] ?? 0))
  })
}

/** Any of the bits that had to fall. */
function tearBits(change: Change, random: Random): Uint8Array {
  return tearWords(change, random, () => 'torn')
}
