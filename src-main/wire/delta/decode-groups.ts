import { equalBytes } from '../../base/bytes'
import { damaged } from './delta-errors'
import type { ReadOld } from './predictor'
import { type InPlaceFile, readLayout } from './rewrite-layout'
import { PartBuilder, SectorDecoder } from './sector-decoder'
import { Sha256Chain } from './sha256-chain'
import { type SectorGroup, sectorsInOrder } from './write-order'

/** Told each piece and where it begins in the new image; it is good until the next one. */
export type OnPiece = (at: number, piece: Uint8Array) => void

/**
 * Decodes an in-place file against the old image and proves it: each group is hashed from the state
 * that the file gives for its start, and must end in the state of the next group's start, the last
 * one in the digest itself. So the digest of the image in its own order is proved although the last
 * group comes first. Sectors without a step must hold what they held.
 *
 * Throws `DELTA_DAMAGED`.
 */
export function decodeGroups(delta: InPlaceFile, readOld: ReadOld, onPiece: OnPiece): void {
  const layout = readLayout(delta)
  const decoder = new SectorDecoder(delta)
  const builder = new PartBuilder(delta, layout)
  const proof = new GroupProof(delta)
  let at = 0
  for (const { sector, group, isFirst, end } of sectorsInOrder(layout.geometry)) {
    if (isFirst) {
      decoder.enterGroup(group)
      proof.enterGroup(group)
      at = group.start
    }
    const stays = layout.sectors.stepOf(sector) < 0
    for (const part of decoder.parts(end)) {
      for (const piece of builder.pieces(part, () => decoder.byteOf(part), readOld)) {
        if (stays) checkSame(delta, readOld, { at, piece })
        proof.update(piece)
        onPiece(at, piece)
        at += piece.length
      }
    }
    if (end === group.end) proof.leaveGroup(group)
  }
  decoder.finish()
  if (layout.geometry.newBytes === 0) proof.leaveNothing()
}

function checkSame(
  { header }: InPlaceFile,
  readOld: ReadOld,
  { at, piece }: { readonly at: number; readonly piece: Uint8Array },
): void {
  const old = new Uint8Array(piece.length)
  const isInside = at + piece.length <= header.oldBytes
  if (isInside) readOld(at, old)
  if (!isInside || !equalBytes(old, piece)) {
    throw damaged(`keeps a sector that changes, at offset ${at}.`, { offset: at })
  }
}

class GroupProof {
  readonly #header: InPlaceFile['header']
  #hash = new Sha256Chain()

  constructor({ header }: InPlaceFile) {
    this.#header = header
  }

  enterGroup({ index, start }: SectorGroup): void {
    this.#hash = new Sha256Chain(this.#header.rewrite.states[index - 1], start)
  }

  update(piece: Uint8Array): void {
    this.#hash.update(piece)
  }

  leaveGroup({ index, end }: SectorGroup): void {
    const { newBytes, newDigest, rewrite } = this.#header
    const isLast = end === newBytes
    const reached = isLast ? this.#hash.digest() : this.#hash.chainingState()
    const expected = isLast ? newDigest : rewrite.states[index]
    if (!expected || !equalBytes(reached, expected)) throw wrongResult()
  }

  leaveNothing(): void {
    if (!equalBytes(this.#hash.digest(), this.#header.newDigest)) throw wrongResult()
  }
}

function wrongResult(): Error {
  return damaged('gives another image than the one it names.')
}
