import { ChangedSectors } from '../wire/delta/changed-sectors'
import type { Cover } from '../wire/delta/covers'
import { piecesBySector, type RewriteNeeds } from '../wire/delta/rewrite-needs'
import { chainingStatesOf, type RewriteGeometry, sectorsOf } from '../wire/delta/write-order'
import { COVER_COST, LITERAL_COST } from './old-uses'
import { mapOf, type Plan } from './plan'
import type { ImagePair } from './pointer-bases'
import { countErases } from './rewrite-erases'
import { coversThatFit, type StashRoom } from './stash-choice'

/** What the handset gives to a rewrite in place. */
export interface RewriteReserve extends StashRoom {
  readonly sectorBytes: number
  readonly movesMax: number
}

/** A plan whose steps find all the old bytes they need. */
export interface InPlacePlan {
  readonly plan: Plan
  readonly geometry: RewriteGeometry
  readonly sectors: ChangedSectors
  readonly needs: RewriteNeeds
  readonly sectorErases: number
}

const GROUP_SECTORS = [1, 2, 4, 8, 16, 32, 64]
const STATE_BYTES = 32
/** Orders whose files differ by less than this share are told apart by their erases. */
const NEAR = 0.02

/** Tries all orders and takes the one with the smallest file; of near ones that with fewer erases. */
export function planInPlace(
  pair: ImagePair,
  plain: { readonly plan: Plan; readonly bytes: number },
  reserve: RewriteReserve,
): InPlacePlan {
  const { sectorBytes } = reserve
  const changed = changedSectors(pair, sectorBytes)
  const sectors = Math.max(1, changed.length)
  const orders = [...GROUP_SECTORS.filter(count => count < sectors), sectors].map(groupSectors =>
    orderedPlan(plain.plan, {
      geometry: { newBytes: pair.fresh.length, sectorBytes, groupSectors },
      changed,
      reserve,
    }),
  )
  const smallest = Math.min(...orders.map(({ cost }) => cost))
  const near = orders.filter(({ cost }) => cost <= smallest + NEAR * plain.bytes)
  const fewest = Math.min(...near.map(({ sectorErases }) => sectorErases))
  const [best] = near
    .filter(({ sectorErases }) => sectorErases === fewest)
    .toSorted((a, b) => a.cost - b.cost)
  if (!best) throw new Error('There is no order to write in.')
  return best
}

/** For each sector of the new image whether it differs from the old one, or has another length. */
export function changedSectors({ old, fresh }: ImagePair, sectorBytes: number): boolean[] {
  const count = sectorsOf({ newBytes: fresh.length, sectorBytes, groupSectors: 1 })
  return Array.from({ length: count }, (_, sector) => {
    const range = [sector * sectorBytes, (sector + 1) * sectorBytes] as const
    return Buffer.compare(old.subarray(...range), fresh.subarray(...range)) !== 0
  })
}

interface Ordering {
  readonly geometry: RewriteGeometry
  readonly changed: readonly boolean[]
  readonly reserve: RewriteReserve
}

interface OrderedPlan extends InPlacePlan {
  /** Bytes that this order adds to the packed file, estimated. */
  readonly cost: number
}

function orderedPlan(plan: Plan, { geometry, changed, reserve }: Ordering): OrderedPlan {
  const { sectorBytes } = geometry
  const sectors = new ChangedSectors(geometry, sector => changed[sector] ?? false)
  const split = plan.covers.flatMap(cover => splitByGroup(cover, geometry))
  const { covers, needs } = coversThatFit(split, { geometry, sectors }, reserve)
  const backups = Array.from({ length: sectors.stepCount }, (_, step) => needs.backupOf(step))
  const lost = coveredBytes(split) - coveredBytes(covers)
  const cost =
    STATE_BYTES * chainingStatesOf(geometry) +
    LITERAL_COST * lost +
    COVER_COST * (covers.length - plan.covers.length)
  const sectorErases = countErases({ sectorBytes, backups, stash: needs.stash })
  const { rules } = plan
  return {
    plan: { covers, ...mapOf(covers, reserve.movesMax), rules },
    geometry,
    sectors,
    needs,
    sectorErases,
    cost,
  }
}

function splitByGroup(cover: Cover, { groupSectors, sectorBytes }: RewriteGeometry): Cover[] {
  return [...piecesBySector(cover, groupSectors * sectorBytes)]
}

function coveredBytes(covers: readonly Cover[]): number {
  return covers.reduce((sum, { length }) => sum + length, 0)
}
