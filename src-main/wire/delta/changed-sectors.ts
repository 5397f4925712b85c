import { damaged } from './delta-errors'
import { type ByteSource, type NumberWriter, readVarint } from './number-coding'
import { groupsInOrder, type RewriteGeometry, sectorsOf } from './write-order'

/** RAM for each sector of the new image: how many changed ones are before it. */
export const CHANGED_SECTOR_BYTES = 4

/** Which sectors of the new image differ from the old one, and the step that rewrites each. */
export class ChangedSectors {
  readonly #geometry: RewriteGeometry
  /** At each sector, how many before it change; one more at the end. */
  readonly #before: Uint32Array

  constructor(geometry: RewriteGeometry, isChanged: (sector: number) => boolean) {
    this.#geometry = geometry
    this.#before = new Uint32Array(sectorsOf(geometry) + 1)
    for (let sector = 0; sector + 1 < this.#before.length; sector++) {
      this.#before[sector + 1] = this.#countBefore(sector) + (isChanged(sector) ? 1 : 0)
    }
  }

  get stepCount(): number {
    return this.#before.at(-1) ?? 0
  }

  /** The step that rewrites a sector; -1 where none does, be it beyond the new image. */
  stepOf(sector: number): number {
    if (sector + 1 >= this.#before.length) return -1
    const before = this.#countBefore(sector)
    if (this.#countBefore(sector + 1) === before) return -1
    const { groupSectors } = this.#geometry
    const group = sector - (sector % groupSectors)
    const next = Math.min(group + groupSectors, this.#before.length - 1)
    return this.stepCount - this.#countBefore(next) + before - this.#countBefore(group)
  }

  /** The changed sectors in the order in which they are written. */
  *inOrder(): Generator<number> {
    for (const { firstSector, sectorCount } of groupsInOrder(this.#geometry)) {
      for (let sector = firstSector; sector < firstSector + sectorCount; sector++) {
        if (this.stepOf(sector) >= 0) yield sector
      }
    }
  }

  #countBefore(sector: number): number {
    return this.#before[sector] ?? 0
  }
}

/** Lengths of runs, of sectors that stay and that change in turn, from the start of the image. */
export function writeRuns(
  writer: NumberWriter,
  geometry: RewriteGeometry,
  sectors: ChangedSectors,
): void {
  let isChanged = false
  let run = 0
  for (let sector = 0; sector < sectorsOf(geometry); sector++) {
    if (sectors.stepOf(sector) >= 0 !== isChanged) {
      writer.varint(run)
      run = 0
      isChanged = !isChanged
    }
    run += 1
  }
  if (run > 0) writer.varint(run)
}

/** Reads what {@link writeRuns} wrote. Throws `DELTA_DAMAGED`. */
export function readRuns(source: ByteSource, geometry: RewriteGeometry): ChangedSectors {
  const sectors = sectorsOf(geometry)
  let isChanged = false
  let end = sectors > 0 ? readVarint(source) : 0
  return new ChangedSectors(geometry, sector => {
    if (sector === end) {
      const run = readVarint(source)
      if (run === 0) throw damaged('names a run of no sectors.')
      isChanged = !isChanged
      end += run
    }
    if (end > sectors) throw damaged('says of more sectors than there are whether they change.')
    return isChanged
  })
}
