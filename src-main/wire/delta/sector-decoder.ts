import type { Cover, CoverReader } from './covers'
import { decoderOf } from './delta-file'
import type { LzmaDecoder } from './lzma-decoder'
import { BLOCK_BYTES, Predictor, type ReadOld } from './predictor'
import { ResidualReader } from './residuals'
import { type InPlaceFile, openCovers, type RewriteLayout } from './rewrite-layout'
import type { SectorGroup } from './write-order'

/** Bytes of the new image that come from one place: the literals, or the old image. */
export interface SectorPart {
  readonly newStart: number
  readonly length: number
  /** Undefined for literals. */
  readonly oldStart: number | undefined
}

/**
 * Decodes an in-place file once, in the order in which its sectors are written, in memory that the
 * header's `ramBytes` bounds.
 */
export class SectorDecoder {
  readonly #coverBytes: LzmaDecoder
  readonly #covers: CoverReader
  readonly #residualBytes: LzmaDecoder
  readonly #residuals: ResidualReader
  readonly #literals: LzmaDecoder
  #at = 0
  #cover: Cover | undefined

  constructor(delta: InPlaceFile) {
    this.#coverBytes = decoderOf(delta, 'covers')
    this.#covers = openCovers(delta, this.#coverBytes).covers
    this.#residualBytes = decoderOf(delta, 'residuals')
    this.#residuals = new ResidualReader(this.#residualBytes)
    this.#literals = decoderOf(delta, 'literals')
  }

  enterGroup({ start, end }: SectorGroup): void {
    this.#covers.enterGroup(start, end)
    this.#cover = this.#covers.next()
    this.#at = start
  }

  /**
   * The parts up to a sector's end. Every byte of a part must be taken with {@link byteOf} before
   * the next part is asked for.
   */
  *parts(end: number): Generator<SectorPart> {
    while (this.#at < end) {
      const part = this.#nextPart(end)
      this.#at += part.length
      yield part
      const cover = this.#cover
      if (cover && cover.newStart + cover.length === this.#at) this.#cover = this.#covers.next()
    }
  }

  #nextPart(end: number): SectorPart {
    const newStart = this.#at
    const cover = this.#cover
    if (!cover || cover.newStart > newStart) {
      const length = Math.min(cover?.newStart ?? end, end) - newStart
      return { newStart, length, oldStart: undefined }
    }
    const length = Math.min(cover.newStart + cover.length, end) - newStart
    return { newStart, length, oldStart: cover.oldStart + newStart - cover.newStart }
  }

  /** The next literal, or the next residual of a part that comes from the old image. */
  byteOf({ oldStart }: SectorPart): number {
    return oldStart === undefined ? this.#literals.next() : this.#residuals.next()
  }

  /** Checks that all streams were used up. */
  finish(): void {
    this.#coverBytes.finish()
    this.#residualBytes.finish()
    this.#residuals.finish()
    this.#literals.finish()
  }
}

/** Puts the bytes of parts together with what the old image lets expect. */
export class PartBuilder {
  readonly #predictor: Predictor
  #readOld: ReadOld = () => undefined

  constructor({ header }: InPlaceFile, { map }: RewriteLayout) {
    const { oldBytes, kinds, bases } = header
    const readOld: ReadOld = (offset, into) => this.#readOld(offset, into)
    this.#predictor = new Predictor({ readOld, oldBytes, map, kinds, bases })
  }

  /** Pieces of at most 1024 bytes, each good until the next one is asked for. */
  *pieces(part: SectorPart, next: () => number, readOld: ReadOld): Generator<Uint8Array> {
    const { newStart, oldStart, length } = part
    if (oldStart === undefined) return yield* this.#literalPieces(length, next)
    this.#readOld = readOld
    for (const block of this.#predictor.blocks({ newStart, oldStart, length })) {
      for (let at = 0; at < block.length; at++) block[at] = (block[at] ?? 0) + next()
      yield block
    }
  }

  *#literalPieces(length: number, next: () => number): Generator<Uint8Array> {
    const { block } = this.#predictor
    for (let left = length; left > 0; left -= BLOCK_BYTES) {
      const size = Math.min(left, BLOCK_BYTES)
      for (let at = 0; at < size; at++) block[at] = next()
      yield block.subarray(0, size)
    }
  }
}
