import { concatBytes } from '../base/bytes'
import { oldImageOf } from '../wire/delta/apply'
import { AddressMap } from '../wire/delta/address-map'
import type { Cover } from '../wire/delta/covers'
import { PREDICTION_KINDS } from '../wire/delta/kinds'
import { Predictor } from '../wire/delta/predictor'
import { findBases, type ImagePair } from './pointer-bases'

/** How a new image is made of an old one, before it is coded. */
export interface Plan {
  readonly covers: readonly Cover[]
  readonly map: AddressMap
  readonly moveLengthMin: number
  readonly rules: PredictionRules
}

export interface PredictionRules {
  readonly kinds: number
  readonly bases: readonly number[]
}

const MOVE_LENGTH_MIN = 32
const SAMPLE_COVER_BYTES = 4096
/** A kind must save at least one of so many residuals. */
const WORTHWHILE = 500

/** Chooses the moves that fit into the handset's map, the longest first. */
export function mapOf(
  covers: readonly Cover[],
  movesMax: number,
): { readonly map: AddressMap; readonly moveLengthMin: number } {
  const lengths = covers.map(cover => cover.length).toSorted((a, b) => b - a)
  const moveLengthMin = Math.max(MOVE_LENGTH_MIN, (lengths[movesMax] ?? 0) + 1)
  const moves = covers.filter(cover => cover.length >= moveLengthMin)
  return { map: new AddressMap(moves), moveLengthMin }
}

interface PredictionTrial {
  readonly covers: readonly Cover[]
  readonly map: AddressMap
  /** So much of the covers is predicted. */
  readonly sampleBytes: number
}

/** Tries the kinds one after the other and keeps those that leave fewer bytes to correct. */
export function findRules(
  pair: ImagePair,
  { covers, map, sampleBytes }: PredictionTrial,
): PredictionRules {
  const bases = findBases(pair, covers)
  const sample = sampleOf(covers, sampleBytes)
  const wrongWith = (rules: PredictionRules) =>
    countWrong(residualsOf(pair, sample, { map, rules }))
  let best: PredictionRules = { kinds: 0, bases: [] }
  let fewest = wrongWith(best)
  const attempt = (rules: PredictionRules) => {
    const wrong = wrongWith(rules)
    if (wrong >= fewest - fewest / WORTHWHILE) return
    fewest = wrong
    best = rules
  }
  PREDICTION_KINDS.forEach(({ usesBases }, index) => {
    const kinds = best.kinds | (1 << index)
    if (!usesBases) attempt({ ...best, kinds })
    else bases.forEach((_, count) => attempt({ kinds, bases: bases.slice(0, count + 1) }))
  })
  return best
}

function countWrong(residuals: Uint8Array): number {
  let wrong = 0
  for (let at = 0; at < residuals.length; at++) if (residuals[at] !== 0) wrong += 1
  return wrong
}

function sampleOf(covers: readonly Cover[], sampleBytes: number): Cover[] {
  const pieces = covers.flatMap(({ oldStart, newStart, length }) =>
    Array.from({ length: Math.ceil(length / SAMPLE_COVER_BYTES) }, (_, index): Cover => {
      const at = index * SAMPLE_COVER_BYTES
      const size = Math.min(SAMPLE_COVER_BYTES, length - at)
      return { oldStart: oldStart + at, newStart: newStart + at, length: size }
    }),
  )
  const bytes = pieces.reduce((sum, { length }) => sum + length, 0)
  const every = Math.ceil(bytes / sampleBytes)
  return pieces.filter((_, index) => index % every === 0)
}

/** New bytes minus predicted bytes, over all covers in order. */
export function residualsOf(
  { old, fresh }: ImagePair,
  covers: readonly Cover[],
  { map, rules }: Pick<Plan, 'map' | 'rules'>,
): Uint8Array {
  const residuals = new Uint8Array(covers.reduce((sum, { length }) => sum + length, 0))
  const predictor = predictorOf(old, { map, rules })
  let at = 0
  for (const cover of covers) {
    let newAt = cover.newStart
    for (const block of predictor.blocks(cover)) {
      for (let index = 0; index < block.length; index++) {
        residuals[at++] = (fresh[newAt++] ?? 0) - (block[index] ?? 0)
      }
    }
  }
  return residuals
}

/** The bytes between covers that lie, in order, in a part of the new image. */
export function literalsOf(
  fresh: Uint8Array,
  covers: readonly Cover[],
  { start, end } = { start: 0, end: fresh.length },
): Uint8Array {
  const ends = [start, ...covers.map(({ newStart, length }) => newStart + length)]
  const starts = [...covers.map(({ newStart }) => newStart), end]
  return concatBytes(starts.map((next, index) => fresh.subarray(ends[index], next)))
}

/**
 * The old image as it would be with every reference already changed. Code whose references all
 * moved looks like the new one there, so that a second search finds what the first could not.
 */
export function movedOld(old: Uint8Array, { map, rules }: Pick<Plan, 'map' | 'rules'>): Uint8Array {
  const moved = new Uint8Array(old.length)
  const predictor = predictorOf(old, { map, rules })
  const shiftAt = (offset: number) => map.moved(offset) - offset
  for (let start = 0; start < old.length;) {
    const shift = shiftAt(start)
    let end = start
    // References lie at multiples of 4, mostly.
    while (end < old.length && shiftAt(end) === shift) end += 4
    const length = Math.min(end, old.length) - start
    for (const block of predictor.blocks({ oldStart: start, newStart: start + shift, length })) {
      moved.set(block, start)
      start += block.length
    }
  }
  return moved
}

function predictorOf(old: Uint8Array, { map, rules }: Pick<Plan, 'map' | 'rules'>): Predictor {
  return new Predictor({ readOld: oldImageOf(old).read, oldBytes: old.length, map, ...rules })
}
