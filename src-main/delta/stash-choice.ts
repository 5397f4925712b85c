import type { ChangedSectors } from '../wire/delta/changed-sectors'
import type { Cover } from '../wire/delta/covers'
import { RewriteNeeds, STASH_GAP } from '../wire/delta/rewrite-needs'
import type { RewriteGeometry } from '../wire/delta/write-order'
import { outliers } from './backup-trim'
import { coverGroups } from './cover-groups'
import { type OldUse, oldUses, withoutUses } from './old-uses'

/** How much of the old image can be put aside before anything is erased. */
export interface StashRoom {
  readonly stashBytes: number
  readonly stashRangesMax: number
}

export interface SectorOrder {
  readonly geometry: RewriteGeometry
  readonly sectors: ChangedSectors
}

export interface FittingCovers {
  readonly covers: readonly Cover[]
  readonly needs: RewriteNeeds
}

/**
 * The covers without those bytes that are not to be had any more when their sector is written:
 * they become literals, those first that are used least for the room they take in the stash.
 */
export function coversThatFit(
  covers: readonly Cover[],
  { geometry, sectors }: SectorOrder,
  room: StashRoom,
): FittingCovers {
  const { sectorBytes } = geometry
  const uses = oldUses(covers, sectors, sectorBytes)
  const byStep = Map.groupBy(uses, ({ backedUpBy }) => backedUpBy)
  const stashed = byStep.get(undefined) ?? []
  byStep.delete(undefined)
  const far = [...byStep.values()].flatMap(ofStep => outliers(ofStep, sectorBytes))
  let { stashBytes, stashRangesMax } = room
  for (;;) {
    const dropped = [...far, ...excess(stashed, sectorBytes, { stashBytes, stashRangesMax })]
    const kept = withoutUses(covers, dropped)
    const needs = new RewriteNeeds(sectors, sectorBytes, Infinity)
    // In the order of the file: so many ranges as are seen here its reader will see.
    for (const group of coverGroups(kept, geometry)) group.covers.forEach(cover => needs.add(cover))
    // The table needs more room while it fills, and gaps between ranges are stashed with them.
    const ranges = needs.stashRangesSeen - room.stashRangesMax
    const bytes = stashedBytes(needs) - room.stashBytes
    if (ranges <= 0 && bytes <= 0) return { covers: kept, needs }
    stashRangesMax -= Math.max(0, ranges)
    stashBytes -= Math.max(0, bytes)
  }
}

/** Uses of one piece of the old image, which is stashed or not as a whole. */
interface StashAtom {
  readonly uses: readonly OldUse[]
  readonly bytes: number
  readonly cost: number
}

/** The uses that do not fit: of too many bytes the least used ones, of too many ranges the cheapest. */
function excess(uses: readonly OldUse[], sectorBytes: number, room: StashRoom): OldUse[] {
  const atoms = atomsOf(uses, sectorBytes).toSorted((a, b) => a.cost / a.bytes - b.cost / b.bytes)
  let bytes = atoms.reduce((sum, atom) => sum + atom.bytes, 0)
  let fitting = 0
  for (; bytes > room.stashBytes && fitting < atoms.length; fitting++) {
    bytes -= atoms[fitting]?.bytes ?? 0
  }
  const byCost = atoms.slice(fitting).toSorted((a, b) => a.cost - b.cost)
  const surplus = Math.max(0, byCost.length - Math.max(0, room.stashRangesMax))
  return [...atoms.slice(0, fitting), ...byCost.slice(0, surplus)].flatMap(atom => atom.uses)
}

function atomsOf(uses: readonly OldUse[], sectorBytes: number): StashAtom[] {
  const atoms: StashAtom[] = []
  let atom: OldUse[] = []
  let start = 0
  let end = 0
  const close = () => {
    const cost = atom.reduce((sum, use) => sum + use.cost, 0)
    if (atom.length > 0) atoms.push({ uses: atom, bytes: end - start, cost })
    atom = []
  }
  for (const use of uses.toSorted((a, b) => a.start - b.start)) {
    const isSameSector = Math.floor(use.start / sectorBytes) === Math.floor(start / sectorBytes)
    if (use.start > end + STASH_GAP || !isSameSector) {
      close()
      start = use.start
    }
    atom.push(use)
    end = Math.max(end, use.end)
  }
  close()
  return atoms
}

function stashedBytes({ stash }: RewriteNeeds): number {
  return stash.reduce((sum, { start, end }) => sum + end - start, 0)
}
