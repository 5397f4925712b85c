import type { Random } from '../../base/random'
import type { SectorFlaws } from './sector-flaws'
import { tearInOrder, WORD_BYTES, wordsOf, type Change } from './torn'

/** More than one batch of a rewrite; what is older is over. */
const OPERATIONS_MAX = 1024
/** Share of an erase that goes by before the bits rise: 4 s of 5 s on an Am28F256A. */
const ZEROING_SHARE = 0.8
/** Cells so near to their turn are between 0 and 1. */
const WEAK_SHARE = 0.05

/** An operation that is done in the cells and still takes its time on the handset's clock. */
export interface ExecutedOperation {
  readonly kind: 'program' | 'erase'
  readonly sector: number
  /** Within the sector: what the operation changed, as it was before. */
  readonly offset: number
  readonly before: Uint8Array
  /** The chip left the cells alone, whatever it said. */
  readonly isIdle: boolean
  readonly flawsBefore: SectorFlaws | undefined
  readonly wearBefore: number
  readonly milliseconds: number
}

/** Where a power cut finds the operations of a window. */
export interface Interruption {
  /** Newest first. */
  readonly notBegun: readonly ExecutedOperation[]
  readonly inProgress: { readonly operation: ExecutedOperation; readonly share: number } | undefined
}

/** The operations since the handset last waited for its flash, one after another. */
export class OperationWindow {
  #operations: ExecutedOperation[] = []
  /** When the first of them began, in milliseconds since the window was opened. */
  #began = 0

  get operations(): readonly ExecutedOperation[] {
    return this.#operations
  }

  push(operation: ExecutedOperation): void {
    this.#operations.push(operation)
    if (this.#operations.length < 2 * OPERATIONS_MAX) return
    for (const { milliseconds } of this.#operations.splice(0, OPERATIONS_MAX)) {
      this.#began += milliseconds
    }
  }

  close(): void {
    this.#operations = []
    this.#began = 0
  }

  at(elapsedMilliseconds: number): Interruption {
    let begin = this.#began
    for (const [index, operation] of this.#operations.entries()) {
      const end = begin + operation.milliseconds
      if (elapsedMilliseconds < end) {
        const hasBegun = elapsedMilliseconds > begin
        const notBegun = this.#operations.slice(hasBegun ? index + 1 : index).toReversed()
        const share = (elapsedMilliseconds - begin) / operation.milliseconds
        return { notBegun, inProgress: hasBegun ? { operation, share } : undefined }
      }
      begin = end
    }
    return { notBegun: [], inProgress: undefined }
  }
}

export interface TornPart {
  readonly bytes: Uint8Array
  /** A 1 for each bit that is between 0 and 1. */
  readonly weak: Uint8Array
}

/** What a program leaves after a share of its time: the first words, and one that is torn. */
export function programAt(change: Change, share: number, random: Random): TornPart {
  const { before, wanted } = change
  const words = Math.floor(share * wordsOf(change))
  const weak = before.map((old, at) => {
    return Math.floor(at / WORD_BYTES) === words ? old & ~(wanted[at] ?? old) : 0
  })
  return { bytes: tearInOrder(change, random, words), weak }
}

/** What an erase leaves after a share of its time: zeros from the end on, then rising ones. */
export function eraseAt(before: Uint8Array, share: number, random: Random): TornPart {
  if (share >= ZEROING_SHARE) {
    return risingAt(before.length, (share - ZEROING_SHARE) / (1 - ZEROING_SHARE), random)
  }
  const zeros = Math.floor((share / ZEROING_SHARE) * before.length)
  const torn = before.length - 1 - zeros
  const bytes = before.map((old, at) => (at <= torn ? old : 0))
  const weak = before.map((old, at) => (at === torn ? old : 0))
  const mask = random.below(0x100)
  return { bytes: bytes.map((byte, at) => (at === torn ? byte & mask : byte)), weak }
}

/** All bits rise together, each at its own moment. */
function risingAt(length: number, share: number, random: Random): TornPart {
  const bytes = new Uint8Array(length)
  const weak = new Uint8Array(length)
  for (let at = 0; at < length; at++) {
    for (let bit = 1; bit < 0x100; bit <<= 1) {
      const turn = random.below(0x1_0000) / 0x1_0000
      if (turn < share) bytes[at] = (bytes[at] ?? 0) | bit
      if (Math.abs(turn - share) < WEAK_SHARE) weak[at] = (weak[at] ?? 0) | bit
    }
  }
  return { bytes, weak }
}
