import type { Cover } from '../wire/delta/covers'
import { groupsInOrder, type RewriteGeometry, type SectorGroup } from '../wire/delta/write-order'

export interface CoverGroup extends SectorGroup {
  readonly covers: readonly Cover[]
}

/** The covers, none of which reaches over a border of groups, in the order of the file. */
export function coverGroups(covers: readonly Cover[], geometry: RewriteGeometry): CoverGroup[] {
  const groupBytes = geometry.groupSectors * geometry.sectorBytes
  const byGroup = Map.groupBy(covers, ({ newStart }) => Math.floor(newStart / groupBytes))
  return Array.from(groupsInOrder(geometry), group => ({
    ...group,
    covers: byGroup.get(group.index) ?? [],
  }))
}
