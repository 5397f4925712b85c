import { equalBytes } from '../../base/bytes'
import type { ReadOld } from '../../wire/delta/predictor'
import type { RewritePlan, RewriteSource } from '../../wire/delta/rewrite-source'

interface OldBytes {
  readonly offset: number
  readonly bytes: Uint8Array
}

/** What came of a step, and of which old bytes. */
interface KnownStep {
  readonly read: readonly OldBytes[]
  readonly pieces: readonly Uint8Array[]
}

/**
 * Steps of a decoded file for many handsets: what a step makes follows from the old bytes that it
 * reads, so where a handset has the same ones it gets the same pieces. Each handset's own are read.
 */
export class SharedSource implements RewriteSource {
  readonly #source: RewriteSource
  readonly #known = new Map<number, KnownStep>()

  /** Takes a source whose steps can be asked for in any order, again and again. */
  constructor(source: RewriteSource) {
    this.#source = source
  }

  get plan(): RewritePlan {
    return this.#source.plan
  }

  *pieces(step: number, readOld: ReadOld): Generator<Uint8Array> {
    const known = this.#known.get(step)
    if (known && known.read.every(old => isThere(old, readOld))) {
      yield* known.pieces
      return
    }
    const read: OldBytes[] = []
    const pieces: Uint8Array[] = []
    const noted: ReadOld = (offset, into) => {
      readOld(offset, into)
      read.push({ offset, bytes: into.slice() })
    }
    for (const piece of this.#source.pieces(step, noted)) {
      pieces.push(piece.slice())
      yield piece
    }
    this.#known.set(step, { read, pieces })
  }
}

function isThere({ offset, bytes }: OldBytes, readOld: ReadOld): boolean {
  const found = new Uint8Array(bytes.length)
  readOld(offset, found)
  return equalBytes(found, bytes)
}
