import { concatBytes } from '../base/bytes'
import { writeRuns } from '../wire/delta/changed-sectors'
import { type Cover, writeCoverGroups, writeCovers } from '../wire/delta/covers'
import { type Sha256, writeDeltaFile } from '../wire/delta/delta-file'
import {
  type DeltaHeader,
  decoderRam,
  type RewriteHeader,
  type StreamHeader,
  type StreamName,
} from '../wire/delta/header'
import type { LzmaSettings } from '../wire/delta/lzma-decoder'
import { NumberWriter } from '../wire/delta/number-coding'
import { writeResiduals } from '../wire/delta/residuals'
import { piecesBySector } from '../wire/delta/rewrite-needs'
import { coverGroups } from './cover-groups'
import type { StreamSettings } from './decoder-budget'
import type { InPlacePlan } from './in-place-plan'
import { encodeLzma, type RawLzma, trimmed } from './lzma-encoder'
import { literalsOf, type Plan, residualsOf } from './plan'
import type { ImagePair } from './pointer-bases'

/** The three streams of a plan, not yet packed. */
export type Streams = Readonly<Record<StreamName, Uint8Array>>

export function streamsOf(pair: ImagePair, plan: Plan): Streams {
  return {
    covers: writeCovers(plan.covers),
    residuals: writeResiduals(residualsOf(pair, plan.covers, plan)),
    literals: literalsOf(pair.fresh, plan.covers),
  }
}

/** The same in the order in which the sectors are written, each predicted by itself. */
export function rewriteStreamsOf(
  pair: ImagePair,
  { plan, geometry, sectors }: InPlacePlan,
): Streams {
  const groups = coverGroups(plan.covers, geometry)
  const writer = new NumberWriter()
  writeRuns(writer, geometry, sectors)
  writeCoverGroups(writer, groups)
  const pieces = groups.flatMap(({ covers }) =>
    covers.flatMap(cover => [...piecesBySector(cover, geometry.sectorBytes)]),
  )
  return {
    covers: writer.taken(),
    residuals: writeResiduals(residualsOf(pair, pieces, plan)),
    literals: concatBytes(
      groups.map(({ covers, start, end }) => literalsOf(pair.fresh, covers, { start, end })),
    ),
  }
}

/** Bytes of the packed streams with the first of the settings: enough to compare plans. */
export async function estimate(streams: Streams, settings: LzmaSettings): Promise<number> {
  const packed = [streams.covers, streams.residuals, streams.literals].map(bytes =>
    encodeLzma(bytes, settings, 'quick'),
  )
  return (await Promise.all(packed)).reduce((sum, { raw }) => sum + raw.length, 0)
}

export interface Coding {
  readonly pair: ImagePair
  readonly plan: Plan
  readonly streams: Streams
  readonly rewrite: RewriteHeader | undefined
  readonly settings: StreamSettings
  readonly sha256: Sha256
}

/** The file of a plan, every stream with the settings that make it smallest. */
export async function encodePlan(coding: Coding): Promise<Uint8Array> {
  const { pair, plan, streams, rewrite, settings, sha256 } = coding
  const covers = await smallest(streams.covers, settings.covers)
  const residuals = await smallest(streams.residuals, settings.residuals)
  const literals = await smallest(streams.literals, settings.literals)
  const sizes = {
    newBytes: pair.fresh.length,
    rewrite,
    movesMax: movesIn(plan.covers, plan.moveLengthMin),
    streams: { covers: covers.header, residuals: residuals.header, literals: literals.header },
  }
  const header: DeltaHeader = {
    oldBytes: pair.old.length,
    oldDigest: sha256([pair.old]),
    newDigest: sha256([pair.fresh]),
    ramBytes: decoderRam(sizes),
    kinds: plan.rules.kinds,
    bases: plan.rules.bases,
    moveLengthMin: plan.moveLengthMin,
    ...sizes,
  }
  const packed = { covers: covers.packed, residuals: residuals.packed, literals: literals.packed }
  return writeDeltaFile({ header, packed }, sha256)
}

function movesIn(covers: readonly Cover[], moveLengthMin: number): number {
  return covers.filter(cover => cover.length >= moveLengthMin).length
}

interface PackedStream {
  readonly packed: Uint8Array
  readonly header: StreamHeader
}

/** Settings that did best in a quick try and are given a real one. */
const FINALISTS = 3

async function smallest(
  bytes: Uint8Array,
  settings: readonly LzmaSettings[],
): Promise<PackedStream> {
  const quick = await Promise.all(settings.map(each => encodeLzma(bytes, each, 'quick')))
  quick.sort((a, b) => a.raw.length - b.raw.length)
  let best: RawLzma | undefined
  for (const { settings: likely } of quick.slice(0, FINALISTS)) {
    const candidate = await encodeLzma(bytes, likely)
    if (!best || candidate.raw.length < best.raw.length) best = candidate
  }
  if (!best) throw new Error('There are no settings to code with.')
  const packed = trimmed(best, bytes.length)
  const { settings: chosen } = best
  return {
    packed,
    header: { packedBytes: packed.length, bytes: bytes.length, settings: chosen },
  }
}
