import type { Cover } from '../wire/delta/covers'
import type { Matcher } from './matcher'

/**
 * Covers by the scan of bsdiff (Percival 2003): a match begins where it agrees in more than
 * `threshold` bytes beyond what the last cover would give there, and every cover is extended both
 * ways as long as half of its bytes agree.
 */
export function findCovers(matcher: Matcher, threshold: number): Cover[] {
  return new CoverScan(matcher, threshold).run()
}

interface Anchor {
  readonly offset: number
  readonly start: number
}

class CoverScan {
  readonly #matcher: Matcher
  readonly #threshold: number
  readonly #covers: Cover[] = []
  #last: Anchor = { offset: 0, start: 0 }

  constructor(matcher: Matcher, threshold: number) {
    this.#matcher = matcher
    this.#threshold = threshold
  }

  run(): Cover[] {
    const { fresh } = this.#matcher
    let offset = 0
    let length = 0
    while (offset < fresh.length) {
      const found = this.#nextAnchor(offset + length)
      offset = found.offset
      length = found.length
      if (!found.isContinuation || offset >= fresh.length) this.#close(offset)
    }
    return this.#covers
  }

  /** Goes on until a match is much better than the last cover, or the same. */
  #nextAnchor(from: number): { offset: number; length: number; isContinuation: boolean } {
    const matcher = this.#matcher
    const { old, fresh } = matcher
    const shift = this.#last.start - this.#last.offset
    let agreeing = 0
    let counted = from
    for (let offset = from; offset < fresh.length; offset++) {
      const length = matcher.lengthAt(offset)
      for (; counted < offset + length; counted++) {
        if (old[counted + shift] === fresh[counted]) agreeing += 1
      }
      if (length === agreeing && length > 0) return { offset, length, isContinuation: true }
      if (length > agreeing + this.#threshold) return { offset, length, isContinuation: false }
      if (old[offset + shift] === fresh[offset]) agreeing -= 1
    }
    return { offset: fresh.length, length: 0, isContinuation: false }
  }

  #close(offset: number): void {
    const next: Anchor = {
      offset,
      start: offset < this.#matcher.fresh.length ? this.#matcher.startAt(offset) : 0,
    }
    const last = this.#last
    let forward = this.#forward(last, offset)
    let backward = this.#backward(last, next)
    const overlap = last.offset + forward - (offset - backward)
    if (overlap > 0) {
      const kept = this.#bestSplit(last, next, { forward, backward, overlap })
      forward += kept - overlap
      backward -= kept
    }
    if (forward > 0) {
      this.#covers.push({ newStart: last.offset, oldStart: last.start, length: forward })
    }
    this.#last = { offset: offset - backward, start: next.start - backward }
  }

  #forward(last: Anchor, limit: number): number {
    const { old, fresh } = this.#matcher
    const most = Math.min(limit - last.offset, old.length - last.start)
    let same = 0
    let bestScore = 0
    let best = 0
    for (let at = 0; at < most;) {
      if (old[last.start + at] === fresh[last.offset + at]) same += 1
      at += 1
      if (2 * same - at > bestScore) {
        bestScore = 2 * same - at
        best = at
      }
    }
    return best
  }

  #backward(last: Anchor, next: Anchor): number {
    const { old, fresh } = this.#matcher
    if (next.offset >= fresh.length) return 0
    const most = Math.min(next.offset - last.offset, next.start)
    let same = 0
    let bestScore = 0
    let best = 0
    for (let at = 1; at <= most; at++) {
      if (old[next.start - at] === fresh[next.offset - at]) same += 1
      if (2 * same - at > bestScore) {
        bestScore = 2 * same - at
        best = at
      }
    }
    return best
  }

  /** How many of the bytes that both could have go to the first. */
  #bestSplit(
    last: Anchor,
    next: Anchor,
    { forward, backward, overlap }: { forward: number; backward: number; overlap: number },
  ): number {
    const { old, fresh } = this.#matcher
    let score = 0
    let bestScore = 0
    let best = 0
    for (let at = 0; at < overlap; at++) {
      const first = forward - overlap + at
      if (fresh[last.offset + first] === old[last.start + first]) score += 1
      const second = at - backward
      if (fresh[next.offset + second] === old[next.start + second]) score -= 1
      if (score > bestScore) {
        bestScore = score
        best = at + 1
      }
    }
    return best
  }
}
