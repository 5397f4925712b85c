import { CodedError } from '../base/coded-error'
import type { Cover } from '../wire/delta/covers'
import { DELTA_IMAGE_BYTES_MAX, SECTOR_BITS_MAX, SECTOR_BITS_MIN } from '../wire/delta/header'
import { type DecoderBudget, decoderBudget, leastForWhole, wholeSettings } from './decoder-budget'
import {
  type Candidate,
  type DeliveryWay,
  type Encoded,
  rewriteInPlace,
  useSecondSlot,
} from './delivery-ways'
import { estimate, streamsOf } from './encode-plan'
import { findCovers } from './find-covers'
import { encodeLzma } from './lzma-encoder'
import { Matcher } from './matcher'
import { findRules, mapOf, movedOld, type Plan } from './plan'
import type { ImagePair } from './pointer-bases'

export interface MakeOrder extends ImagePair {
  /** RAM that the handset can give the decoder. */
  readonly ramBytes: number
  /** What the flash erases at once. */
  readonly sectorBytes: number
  /** Flash for old bytes that a rewrite in place needs later; eight sectors where it is not said. */
  readonly stashBytes?: number | undefined
  /** Whether the only region there is is rewritten; else the new image goes to a second slot. */
  readonly inPlace: boolean
}

export interface MadeDelta {
  readonly file: Uint8Array
  /** Erases of all kinds, where nothing disturbs the update. */
  readonly sectorErases: number
  /** The whole new image packed with LZMA and a dictionary as large as itself. */
  readonly fullBytes: number
}

/** Told between the steps; `share` rises from 0 to 1. */
export type OnStep = (step: string, share: number) => void

const FIRST_THRESHOLD = 8
/** Prediction is tried on so much of the covers: enough to see which kinds there are. */
const SAMPLE_BYTES = 384 * 1024
/** Enough for the first search, whose rules are found again. */
const SMALL_SAMPLE_BYTES = 128 * 1024
const THRESHOLDS = [4, 6, 8, 14, 24]

/**
 * Makes the smallest file that this program knows; the same images always give the same file.
 * Throws `OPTION_UNFIT` or `IMAGE_TOO_LARGE`.
 */
export async function makeDelta(order: MakeOrder, onStep: OnStep): Promise<MadeDelta> {
  checkSizes(order)
  if (order.inPlace) checkSector(order.sectorBytes)
  const way = order.inPlace ? rewriteInPlace(order) : useSecondSlot(order)
  const isWhole = order.old.length === 0
  const made = isWhole ? await makeWhole(order, way, onStep) : await makeOfBoth(order, way, onStep)
  onStep('done', 1)
  return made
}

async function makeWhole(order: MakeOrder, way: DeliveryWay, onStep: OnStep): Promise<MadeDelta> {
  onStep('coding', 0)
  const whole = await wholeFile(order, way)
  onStep('comparing', 0.9)
  return { ...whole, fullBytes: await packedWhole(order.fresh) }
}

async function makeOfBoth(order: MakeOrder, way: DeliveryWay, onStep: OnStep): Promise<MadeDelta> {
  const budget = decoderBudget(order.ramBytes, way.ramBytes)
  const best = await bestPlan(order, budget, onStep)
  onStep('coding', 0.75)
  const delta = await way.encode(best, budget)
  onStep('comparing', 0.9)
  const fullBytes = await packedWhole(order.fresh)
  const isWorthIt = delta.file.length < fullBytes
  // Of a large image of which little changes, its steps may take more RAM than all of the decoders.
  const isToBeHad = leastForWhole(way.wholeRamBytes) <= order.ramBytes
  if (isWorthIt || !isToBeHad) return { ...delta, fullBytes }
  const whole = await wholeFile(order, way)
  return { ...(whole.file.length < delta.file.length ? whole : delta), fullBytes }
}

async function wholeFile({ ramBytes, fresh }: MakeOrder, way: DeliveryWay): Promise<Encoded> {
  const image = { bytes: fresh.length, reservedBytes: way.wholeRamBytes }
  return way.encodeWhole(wholeSettings(ramBytes, image))
}

function checkSizes({ old, fresh }: ImagePair): void {
  const bytes = Math.max(old.length, fresh.length)
  if (bytes <= DELTA_IMAGE_BYTES_MAX) return
  const message = `An image has ${bytes} bytes; differential files are made of images of at most ${DELTA_IMAGE_BYTES_MAX}.`
  throw new CodedError('IMAGE_TOO_LARGE', message, { bytes, limit: DELTA_IMAGE_BYTES_MAX })
}

function checkSector(sectorBytes: number): void {
  const bits = Math.log2(sectorBytes)
  if (Number.isInteger(bits) && bits >= SECTOR_BITS_MIN && bits <= SECTOR_BITS_MAX) return
  const [least, most] = [2 ** SECTOR_BITS_MIN, 2 ** SECTOR_BITS_MAX]
  const message = `Flash that is rewritten in place has sectors of a power of two from ${least} to ${most} bytes; give such a size instead of ${sectorBytes}.`
  throw new CodedError('OPTION_UNFIT', message, { sectorBytes })
}

async function bestPlan(
  pair: ImagePair,
  { probe, movesMax }: DecoderBudget,
  onStep: OnStep,
): Promise<Candidate> {
  onStep('sorting', 0)
  const first = new Matcher(pair.old, pair.fresh)
  onStep('matching', 0.15)
  const firstCovers = findCovers(first, FIRST_THRESHOLD)
  const firstPlan = planOf(pair, firstCovers, movesMax, SMALL_SAMPLE_BYTES)
  onStep('sorting moved code', 0.3)
  const second = new Matcher(movedOld(pair.old, firstPlan), pair.fresh)
  const firstStreams = streamsOf(pair, firstPlan)
  const firstBytes = await estimate(firstStreams, probe)
  let best: Candidate = { plan: firstPlan, streams: firstStreams, bytes: firstBytes }
  const movedCovers = findCovers(second, FIRST_THRESHOLD)
  const { rules } = planOf(pair, movedCovers, movesMax, SAMPLE_BYTES)
  for (const [index, threshold] of THRESHOLDS.entries()) {
    onStep('matching moved code', 0.45 + (0.3 * index) / THRESHOLDS.length)
    const covers = threshold === FIRST_THRESHOLD ? movedCovers : findCovers(second, threshold)
    const plan = { covers, ...mapOf(covers, movesMax), rules }
    const streams = streamsOf(pair, plan)
    const bytes = await estimate(streams, probe)
    if (bytes < best.bytes) best = { plan, streams, bytes }
  }
  return best
}

function planOf(
  pair: ImagePair,
  covers: readonly Cover[],
  movesMax: number,
  sampleBytes: number,
): Plan {
  const { map, moveLengthMin } = mapOf(covers, movesMax)
  return { covers, map, moveLengthMin, rules: findRules(pair, { covers, map, sampleBytes }) }
}

const FULL_CONTEXT = { lc: 3, lp: 0, pb: 2 }
const FULL_DICTIONARY_MIN = 4096

async function packedWhole(fresh: Uint8Array): Promise<number> {
  const dictionaryBytes = 2 ** Math.ceil(Math.log2(Math.max(fresh.length, FULL_DICTIONARY_MIN)))
  return (await encodeLzma(fresh, { ...FULL_CONTEXT, dictionaryBytes })).raw.length
}
