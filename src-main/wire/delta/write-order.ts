/** How a file for rewriting in place cuts the new image. */
export interface RewriteGeometry {
  readonly newBytes: number
  /** What the flash erases at once: a power of two. */
  readonly sectorBytes: number
  /** Sectors that are written in rising order before those below them are. */
  readonly groupSectors: number
}

/** Sectors that are next to each other and written in rising order. */
export interface SectorGroup {
  /** Counted from the start of the image. */
  readonly index: number
  readonly firstSector: number
  readonly sectorCount: number
  /** Bytes of the new image in it. */
  readonly start: number
  readonly end: number
}

export function sectorsOf({ newBytes, sectorBytes }: RewriteGeometry): number {
  return Math.ceil(newBytes / sectorBytes)
}

/** Chaining states of SHA-256 that the file carries: one for each group but the first. */
export function chainingStatesOf(geometry: RewriteGeometry): number {
  return Math.max(0, Math.ceil(sectorsOf(geometry) / geometry.groupSectors) - 1)
}

/**
 * The groups in the order in which they are written: the last one first. Code that moves to higher
 * addresses, as most does, is read before it is overwritten.
 */
export function* groupsInOrder(geometry: RewriteGeometry): Generator<SectorGroup> {
  const { newBytes, sectorBytes, groupSectors } = geometry
  const sectors = sectorsOf(geometry)
  for (let index = Math.ceil(sectors / groupSectors) - 1; index >= 0; index--) {
    const firstSector = index * groupSectors
    const sectorCount = Math.min(groupSectors, sectors - firstSector)
    const start = firstSector * sectorBytes
    const end = Math.min(newBytes, start + sectorCount * sectorBytes)
    yield { index, firstSector, sectorCount, start, end }
  }
}

export interface SectorPlace {
  readonly sector: number
  readonly group: SectorGroup
  readonly isFirst: boolean
  /** Where it ends in the new image. */
  readonly end: number
}

/** All sectors of the new image, those that stay too, in the order of the streams. */
export function* sectorsInOrder(geometry: RewriteGeometry): Generator<SectorPlace> {
  for (const group of groupsInOrder(geometry)) {
    for (let index = 0; index < group.sectorCount; index++) {
      const sector = group.firstSector + index
      const end = Math.min(group.end, (sector + 1) * geometry.sectorBytes)
      yield { sector, group, isFirst: index === 0, end }
    }
  }
}
