import { equalBytes, toHex } from '../../base/bytes'
import { CodedError } from '../../base/coded-error'
import { AddressMap } from './address-map'
import { type Cover, CoverReader } from './covers'
import { decodeGroups, type OnPiece } from './decode-groups'
import { decoderOf, type DeltaFile, readDeltaFile, type Sha256 } from './delta-file'
import { damaged } from './delta-errors'
import type { LzmaDecoder } from './lzma-decoder'
import { BLOCK_BYTES, Predictor, type ReadOld } from './predictor'
import { ResidualReader } from './residuals'
import { isInPlace } from './rewrite-layout'

/** The old image where it lies, be it in flash. */
export interface OldImage {
  readonly bytes: number
  readonly read: ReadOld
}

export function oldImageOf(bytes: Uint8Array): OldImage {
  const read: ReadOld = (offset, into) => into.set(bytes.subarray(offset, offset + into.length))
  return { bytes: bytes.length, read }
}

/**
 * The new image from the old one and a differential file; all of it, proved by its digest, or an
 * error: `DELTA_WRONG_OLD`, `DELTA_DAMAGED`, `DELTA_UNSUPPORTED`.
 */
export function applyDelta(old: OldImage, file: Uint8Array, sha256: Sha256): Uint8Array {
  const delta = readDeltaFile(file, sha256)
  checkOld(old, delta, sha256)
  const fresh = new Uint8Array(delta.header.newBytes)
  decodeProved(old, delta, { sha256, onPiece: (at, piece) => fresh.set(piece, at) })
  return fresh
}

/**
 * Proves that a file gives the new image it names, in bounded memory and writing nothing. An
 * in-place file that holds the whole new image is proved whatever the old one is.
 */
export function proveDelta(old: OldImage, file: Uint8Array, sha256: Sha256): DeltaFile {
  const delta = readDeltaFile(file, sha256)
  checkOld(old, delta, sha256)
  decodeProved(old, delta, { sha256, onPiece: () => undefined })
  return delta
}

interface Proof {
  readonly sha256: Sha256
  readonly onPiece: OnPiece
}

function decodeProved(old: OldImage, delta: DeltaFile, { sha256, onPiece }: Proof): void {
  if (isInPlace(delta)) return decodeGroups(delta, old.read, onPiece)
  const told = function* (): Generator<Uint8Array> {
    let at = 0
    for (const piece of new PlainDecoder(old, delta).pieces()) {
      onPiece(at, piece)
      at += piece.length
      yield piece
    }
  }
  if (!equalBytes(sha256(told()), delta.header.newDigest)) {
    throw damaged('gives another image than the one it names.')
  }
}

function checkOld(old: OldImage, { header }: DeltaFile, sha256: Sha256): void {
  // An in-place file without an old image holds all of the new one.
  if (header.rewrite && header.oldBytes === 0) return
  const isRight =
    old.bytes === header.oldBytes && equalBytes(sha256(oldPieces(old)), header.oldDigest)
  if (isRight) return
  const expected = toHex(header.oldDigest)
  const message = `The old image is not the one that the differential file was made from: that has ${header.oldBytes} bytes and SHA-256 ${expected}. Give that one.`
  throw new CodedError('DELTA_WRONG_OLD', message, { bytes: header.oldBytes, sha256: expected })
}

function* oldPieces({ bytes, read }: OldImage): Generator<Uint8Array> {
  const block = new Uint8Array(BLOCK_BYTES)
  for (let at = 0; at < bytes; at += BLOCK_BYTES) {
    const piece = block.subarray(0, Math.min(BLOCK_BYTES, bytes - at))
    read(at, piece)
    yield piece
  }
}

/**
 * Gives the pieces of the new image in order, each good until the next one is asked for. They are
 * worth nothing until their digest is the header's. Memory is bounded by the header's `ramBytes`.
 */
class PlainDecoder {
  readonly #delta: DeltaFile
  readonly #covers: CoverReader
  readonly #coverBytes: LzmaDecoder
  readonly #residualBytes: LzmaDecoder
  readonly #residuals: ResidualReader
  readonly #literals: LzmaDecoder
  readonly #predictor: Predictor
  readonly #block: Uint8Array

  constructor(old: OldImage, delta: DeltaFile) {
    this.#delta = delta
    const { oldBytes, kinds, bases } = delta.header
    const map = readMap(delta)
    this.#coverBytes = decoderOf(delta, 'covers')
    this.#covers = new CoverReader(this.#coverBytes, delta.header)
    this.#residualBytes = decoderOf(delta, 'residuals')
    this.#residuals = new ResidualReader(this.#residualBytes)
    this.#literals = decoderOf(delta, 'literals')
    this.#predictor = new Predictor({ readOld: old.read, oldBytes, map, kinds, bases })
    this.#block = this.#predictor.block
  }

  *pieces(): Generator<Uint8Array> {
    let at = 0
    for (let cover = this.#covers.next(); cover; cover = this.#covers.next()) {
      yield* this.#literalPieces(cover.newStart - at)
      yield* this.#coverPieces(cover)
      at = cover.newStart + cover.length
    }
    yield* this.#literalPieces(this.#delta.header.newBytes - at)
    this.#coverBytes.finish()
    this.#residualBytes.finish()
    this.#residuals.finish()
    this.#literals.finish()
  }

  *#literalPieces(bytes: number): Generator<Uint8Array> {
    for (let left = bytes; left > 0; left -= BLOCK_BYTES) {
      const size = Math.min(left, BLOCK_BYTES)
      for (let at = 0; at < size; at++) this.#block[at] = this.#literals.next()
      yield this.#block.subarray(0, size)
    }
  }

  *#coverPieces(cover: Cover): Generator<Uint8Array> {
    for (const block of this.#predictor.blocks(cover)) {
      for (let at = 0; at < block.length; at++) {
        block[at] = (block[at] ?? 0) + this.#residuals.next()
      }
      yield block
    }
  }
}

/** Reads the covers a first time: addresses move to places that come later. */
function readMap(delta: DeltaFile): AddressMap {
  const { header } = delta
  const covers = new CoverReader(decoderOf(delta, 'covers'), header)
  const moves: Cover[] = []
  for (let cover = covers.next(); cover; cover = covers.next()) {
    if (cover.length < header.moveLengthMin) continue
    if (moves.length === header.movesMax) throw damaged('holds more moves than it announces.')
    moves.push(cover)
  }
  return new AddressMap(moves)
}
