import { AddressMap } from '../wire/delta/address-map'
import { ChangedSectors } from '../wire/delta/changed-sectors'
import type { RewriteHeader } from '../wire/delta/header'
import { rewriteRam } from '../wire/delta/header'
import { RewriteNeeds } from '../wire/delta/rewrite-needs'
import { Sha256Chain } from '../wire/delta/sha256-chain'
import { groupsInOrder, type RewriteGeometry, sectorsOf } from '../wire/delta/write-order'
import { type DecoderBudget, SMALLEST_DECODER_BYTES, type StreamSettings } from './decoder-budget'
import { encodePlan, rewriteStreamsOf, type Streams, streamsOf } from './encode-plan'
import { changedSectors, type InPlacePlan, planInPlace } from './in-place-plan'
import { nodeSha256 } from './node-sha256'
import type { Plan } from './plan'
import type { ImagePair } from './pointer-bases'
import { countErases } from './rewrite-erases'

/** The best plan for a second slot, and what its streams take, packed. */
export interface Candidate {
  readonly plan: Plan
  readonly streams: Streams
  readonly bytes: number
}

export interface Encoded {
  readonly file: Uint8Array
  readonly sectorErases: number
}

/** Where the new image goes, and so how a plan becomes a file. */
export interface DeliveryWay {
  /** RAM beside decoding. */
  readonly ramBytes: number
  /** RAM of a file of literals only, beside decoding these. */
  readonly wholeRamBytes: number
  encode(best: Candidate, budget: DecoderBudget): Promise<Encoded>
  /** A file of literals only, which takes any old image where it is rewritten in place. */
  encodeWhole(settings: StreamSettings): Promise<Encoded>
}

const NOTHING: Plan = {
  covers: [],
  map: new AddressMap([]),
  moveLengthMin: 0,
  rules: { kinds: 0, bases: [] },
}

interface Target extends ImagePair {
  readonly sectorBytes: number
  /** What can be put aside before the first erase; the usual where it is not said. */
  readonly stashBytes?: number | undefined
}

/** To a second slot, of which every sector is erased once. */
export function useSecondSlot(target: Target): DeliveryWay {
  const { old, fresh, sectorBytes } = target
  const pair = { old, fresh }
  const sectorErases = Math.ceil(fresh.length / sectorBytes)
  const coding = { pair, rewrite: undefined, sha256: nodeSha256 }
  return {
    ramBytes: 0,
    wholeRamBytes: 0,
    async encode({ plan, streams }, { settings }) {
      return { file: await encodePlan({ ...coding, plan, streams, settings }), sectorErases }
    },
    async encodeWhole(settings) {
      const streams = streamsOf(pair, NOTHING)
      const file = await encodePlan({ ...coding, plan: NOTHING, streams, settings })
      return { file, sectorErases }
    },
  }
}

/** Sectors of the stash that handsets keep free, unless told otherwise (decision 0003). */
const STASH_SECTORS = 8
const STASH_RANGES_MAX = 128

/** To the place of the old image itself. */
export function rewriteInPlace(target: Target): DeliveryWay {
  const { old, fresh, sectorBytes, stashBytes = STASH_SECTORS * sectorBytes } = target
  const pair = { old, fresh }
  const stepCount = changedSectors(pair, sectorBytes).filter(Boolean).length
  const stashRanges = Math.min(STASH_RANGES_MAX, stashBytes)
  const whole = wholeRewrite(fresh.length, sectorBytes)
  return {
    ramBytes: rewriteRam(fresh.length, { sectorBytes, stepCount, stashRanges }),
    // Besides the literals, one more stream says which sectors change.
    wholeRamBytes: rewriteRam(fresh.length, headerOf(whole, fresh)) + SMALLEST_DECODER_BYTES,
    async encode(best, { movesMax, settings }) {
      const reserve = { sectorBytes, stashBytes, stashRangesMax: stashRanges, movesMax }
      return encodeRewrite(pair, planInPlace(pair, best, reserve), settings)
    },
    async encodeWhole(settings) {
      return encodeRewrite({ old: new Uint8Array(0), fresh }, whole, settings)
    },
  }
}

async function encodeRewrite(
  pair: ImagePair,
  inPlace: InPlacePlan,
  settings: StreamSettings,
): Promise<Encoded> {
  const { plan, sectorErases } = inPlace
  const streams = rewriteStreamsOf(pair, inPlace)
  const rewrite = headerOf(inPlace, pair.fresh)
  const file = await encodePlan({ pair, plan, streams, rewrite, settings, sha256: nodeSha256 })
  return { file, sectorErases }
}

/** The new image as literals: it takes any old one, and every sector is written. */
function wholeRewrite(newBytes: number, sectorBytes: number): InPlacePlan {
  const all = Math.max(1, Math.ceil(newBytes / sectorBytes))
  const geometry = { newBytes, sectorBytes, groupSectors: all }
  const sectors = new ChangedSectors(geometry, () => true)
  const needs = new RewriteNeeds(sectors, sectorBytes, 0)
  const backups = Array.from({ length: sectorsOf(geometry) }, () => ({ start: 0, end: 0 }))
  const sectorErases = countErases({ sectorBytes, backups, stash: [] })
  return { plan: NOTHING, geometry, sectors, needs, sectorErases }
}

function headerOf({ geometry, sectors, needs }: InPlacePlan, fresh: Uint8Array): RewriteHeader {
  const { sectorBytes, groupSectors } = geometry
  return {
    sectorBytes,
    groupSectors,
    stepCount: sectors.stepCount,
    stashRanges: needs.stashRangesSeen,
    states: chainingStates(fresh, geometry),
  }
}

/** SHA-256 at the start of each group but the first, in the order of the image. */
function chainingStates(fresh: Uint8Array, geometry: RewriteGeometry): Uint8Array[] {
  const hash = new Sha256Chain()
  const groups = [...groupsInOrder(geometry)].toReversed()
  return groups.slice(0, -1).map(({ start, end }) => {
    hash.update(fresh.subarray(start, end))
    return hash.chainingState()
  })
}
