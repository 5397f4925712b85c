import { CodedError } from '../base/coded-error'
import { AddressMap } from '../wire/delta/address-map'
import type { Cover } from '../wire/delta/covers'
import { DELTA_IMAGE_BYTES_MAX } from '../wire/delta/header'
import { type DecoderBudget, decoderBudget } from './decoder-budget'
import { encodePlan, estimate, type Streams, streamsOf } from './encode-plan'
import { findCovers } from './find-covers'
import { encodeLzma } from './lzma-encoder'
import { Matcher } from './matcher'
import { nodeSha256 } from './node-sha256'
import { findRules, mapOf, movedOld, type Plan } from './plan'
import type { ImagePair } from './pointer-bases'

export interface MakeOrder extends ImagePair {
  /** RAM that the handset can give the decoder. */
  readonly ramBytes: number
}

export interface MadeDelta {
  readonly file: Uint8Array
  /** The whole new image packed with LZMA and a dictionary as large as itself. */
  readonly fullBytes: number
}

/** Told between the steps; `share` rises from 0 to 1. */
export type OnStep = (step: string, share: number) => void

const FIRST_THRESHOLD = 8
const THRESHOLDS = [4, 6, 8, 14, 24]

/**
 * Makes the smallest file that this program knows; the same images always give the same file.
 * Throws `OPTION_UNFIT` or `IMAGE_TOO_LARGE`.
 */
export async function makeDelta(order: MakeOrder, onStep: OnStep): Promise<MadeDelta> {
  const { old, fresh } = order
  checkSizes(order)
  const budget = decoderBudget(order.ramBytes)
  const { plan, streams } = await bestPlan(order, budget, onStep)
  onStep('coding', 0.75)
  const shared = { pair: order, sha256: nodeSha256 }
  const delta = await encodePlan({ ...shared, plan, streams, settings: budget.settings })
  onStep('comparing', 0.9)
  const fullBytes = await packedWhole(fresh)
  const isWorthIt = delta.length < fullBytes
  const file = isWorthIt ? delta : await smallerOf(delta, { old, fresh }, budget)
  onStep('done', 1)
  return { file, fullBytes }
}

function checkSizes({ old, fresh }: ImagePair): void {
  const bytes = Math.max(old.length, fresh.length)
  if (bytes <= DELTA_IMAGE_BYTES_MAX) return
  const message = `An image has ${bytes} bytes; differential files are made of images of at most ${DELTA_IMAGE_BYTES_MAX}.`
  throw new CodedError('IMAGE_TOO_LARGE', message, { bytes, limit: DELTA_IMAGE_BYTES_MAX })
}

interface Candidate {
  readonly plan: Plan
  readonly streams: Streams
}

async function bestPlan(
  pair: ImagePair,
  { probe, movesMax }: DecoderBudget,
  onStep: OnStep,
): Promise<Candidate> {
  onStep('sorting', 0)
  const first = new Matcher(pair.old, pair.fresh)
  onStep('matching', 0.15)
  const firstPlan = planOf(pair, findCovers(first, FIRST_THRESHOLD), movesMax)
  onStep('sorting moved code', 0.3)
  const second = new Matcher(movedOld(pair.old, firstPlan), pair.fresh)
  let best: Candidate = { plan: firstPlan, streams: streamsOf(pair, firstPlan) }
  let fewest = await estimate(best.streams, probe)
  const { rules } = planOf(pair, findCovers(second, FIRST_THRESHOLD), movesMax)
  for (const [index, threshold] of THRESHOLDS.entries()) {
    onStep('matching moved code', 0.45 + (0.3 * index) / THRESHOLDS.length)
    const covers = findCovers(second, threshold)
    const plan = { covers, ...mapOf(covers, movesMax), rules }
    const streams = streamsOf(pair, plan)
    const bytes = await estimate(streams, probe)
    if (bytes >= fewest) continue
    fewest = bytes
    best = { plan, streams }
  }
  return best
}

function planOf(pair: ImagePair, covers: readonly Cover[], movesMax: number): Plan {
  const { map, moveLengthMin } = mapOf(covers, movesMax)
  return { covers, map, moveLengthMin, rules: findRules(pair, covers, map) }
}

/** A file of literals only, with a dictionary as large as the handset's RAM allows. */
async function smallerOf(
  delta: Uint8Array,
  pair: ImagePair,
  { fullSettings }: DecoderBudget,
): Promise<Uint8Array> {
  const rules = { kinds: 0, bases: [] }
  const plan: Plan = { covers: [], map: new AddressMap([]), moveLengthMin: 0, rules }
  const streams = streamsOf(pair, plan)
  const coding = { pair, plan, streams, settings: fullSettings, sha256: nodeSha256 }
  const full = await encodePlan(coding)
  return full.length < delta.length ? full : delta
}

const FULL_CONTEXT = { lc: 3, lp: 0, pb: 2 }
const FULL_DICTIONARY_MIN = 4096

async function packedWhole(fresh: Uint8Array): Promise<number> {
  const dictionaryBytes = 2 ** Math.ceil(Math.log2(Math.max(fresh.length, FULL_DICTIONARY_MIN)))
  return (await encodeLzma(fresh, { ...FULL_CONTEXT, dictionaryBytes })).raw.length
}
