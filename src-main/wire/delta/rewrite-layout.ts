import { AddressMap } from './address-map'
import { type ChangedSectors, readRuns } from './changed-sectors'
import { type Cover, CoverReader } from './covers'
import { type DeltaFile, decoderOf } from './delta-file'
import { damaged } from './delta-errors'
import type { DeltaHeader, RewriteHeader } from './header'
import type { LzmaDecoder } from './lzma-decoder'
import { RewriteNeeds } from './rewrite-needs'
import { groupsInOrder, type RewriteGeometry } from './write-order'

/** A file whose header says that it rewrites in place. */
export interface InPlaceFile extends DeltaFile {
  readonly header: DeltaHeader & { readonly rewrite: RewriteHeader }
}

/** What the covers of an in-place file say before anything is decoded. */
export interface RewriteLayout {
  readonly geometry: RewriteGeometry
  readonly sectors: ChangedSectors
  readonly needs: RewriteNeeds
  readonly map: AddressMap
}

export function isInPlace(delta: DeltaFile): delta is InPlaceFile {
  return delta.header.rewrite !== undefined
}

/**
 * Reads all covers of an in-place file for a first time: addresses move to places that come later,
 * and what a step backs up depends on the one after it. Throws `DELTA_DAMAGED`.
 */
export function readLayout(delta: InPlaceFile): RewriteLayout {
  const { header } = delta
  const { sectorBytes, stepCount, stashRanges } = header.rewrite
  const decoder = decoderOf(delta, 'covers')
  const { geometry, sectors, covers } = openCovers(delta, decoder)
  if (sectors.stepCount !== stepCount) {
    throw damaged(`changes ${sectors.stepCount} sectors and announces ${stepCount}.`)
  }
  const needs = new RewriteNeeds(sectors, sectorBytes, stashRanges)
  const moves: Cover[] = []
  for (const { start, end } of groupsInOrder(geometry)) {
    covers.enterGroup(start, end)
    for (let cover = covers.next(); cover; cover = covers.next()) {
      needs.add(cover)
      if (cover.length < header.moveLengthMin) continue
      if (moves.length === header.movesMax) throw damaged('holds more moves than it announces.')
      moves.push(cover)
    }
  }
  decoder.finish()
  return { geometry, sectors, needs, map: new AddressMap(moves) }
}

/** What stands before the covers, and the reader that is behind it. */
export function openCovers(
  { header }: InPlaceFile,
  decoder: LzmaDecoder,
): { geometry: RewriteGeometry; sectors: ChangedSectors; covers: CoverReader } {
  const { newBytes, rewrite } = header
  const { sectorBytes, groupSectors } = rewrite
  const geometry = { newBytes, sectorBytes, groupSectors }
  const sectors = readRuns(decoder, geometry)
  return { geometry, sectors, covers: new CoverReader(decoder, header) }
}
