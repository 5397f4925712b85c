import type { Cover } from '../wire/delta/covers'
import { writeCovers } from '../wire/delta/covers'
import { type Sha256, writeDeltaFile } from '../wire/delta/delta-file'
import {
  type DeltaHeader,
  decoderRam,
  type StreamHeader,
  type StreamName,
} from '../wire/delta/header'
import type { LzmaSettings } from '../wire/delta/lzma-decoder'
import { writeResiduals } from '../wire/delta/residuals'
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

/** Bytes of the packed streams with the first of the settings: enough to compare plans. */
export async function estimate(streams: Streams, settings: LzmaSettings): Promise<number> {
  const packed = [streams.covers, streams.residuals, streams.literals].map(bytes =>
    encodeLzma(bytes, settings),
  )
  return (await Promise.all(packed)).reduce((sum, { raw }) => sum + raw.length, 0)
}

export interface Coding {
  readonly pair: ImagePair
  readonly plan: Plan
  readonly streams: Streams
  readonly settings: readonly LzmaSettings[]
  readonly sha256: Sha256
}

/** The file of a plan, every stream with the settings that make it smallest. */
export async function encodePlan(coding: Coding): Promise<Uint8Array> {
  const { pair, plan, streams, settings, sha256 } = coding
  const covers = await smallest(streams.covers, settings)
  const residuals = await smallest(streams.residuals, settings)
  const literals = await smallest(streams.literals, settings)
  const sizes = {
    movesMax: movesIn(plan.covers, plan.moveLengthMin),
    streams: { covers: covers.header, residuals: residuals.header, literals: literals.header },
  }
  const header: DeltaHeader = {
    oldBytes: pair.old.length,
    newBytes: pair.fresh.length,
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

async function smallest(
  bytes: Uint8Array,
  settings: readonly LzmaSettings[],
): Promise<PackedStream> {
  let best: RawLzma | undefined
  for (const candidate of settings) {
    const packed = await encodeLzma(bytes, candidate)
    if (!best || packed.raw.length < best.raw.length) best = packed
  }
  if (!best) throw new Error('There are no settings to code with.')
  const packed = trimmed(best, bytes.length)
  const { settings: chosen } = best
  return {
    packed,
    header: { packedBytes: packed.length, bytes: bytes.length, settings: chosen },
  }
}
