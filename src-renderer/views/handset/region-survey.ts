import type { HandsetView } from '../../../src-main/contract/handsets'

/** Software is looked at in pieces of this size: what a flash programs at once. */
const PIECE_BYTES = 256
const ERASED_PIECE = 'f'.repeat(PIECE_BYTES * 2)

/** `part`: some of it was programmed, some is still erased. */
export type SectorContent = 'erased' | 'part' | 'whole'

/** What a sector holds, from its bytes as hexadecimal digits. */
export function sectorContent(hex: string): SectorContent {
  let [erased, programmed] = [0, 0]
  for (let at = 0; at < hex.length; at += ERASED_PIECE.length) {
    const piece = hex.slice(at, at + ERASED_PIECE.length).toLowerCase()
    if (ERASED_PIECE.startsWith(piece)) erased += 1
    else programmed += 1
  }
  if (programmed === 0) return 'erased'
  return erased === 0 ? 'whole' : 'part'
}

export interface RegionPart {
  /** From the start of the flash. */
  readonly address: number
  readonly bytes: number
}

/** The sectors that the software needs, or those up to the last one that holds anything. */
export function softwarePart({ flash, software }: HandsetView): RegionPart | null {
  const region = flash.regions.find(({ name }) => name === 'executable')
  if (!region) return null
  const first = region.address / flash.sectorBytes
  const sectors = flash.sectors.slice(first, first + region.bytes / flash.sectorBytes)
  const needed = Math.ceil((software?.bytes ?? 0) / flash.sectorBytes)
  const count = Math.min(sectors.length, Math.max(needed, sectors.lastIndexOf('#') + 1))
  return count === 0 ? null : { address: region.address, bytes: count * flash.sectorBytes }
}

export interface Survey {
  readonly address: number
  readonly sectorBytes: number
  readonly contents: readonly SectorContent[]
  /** Addresses of sectors that the software needs and that are not whole. */
  readonly erased: readonly number[]
  readonly part: readonly number[]
}

/**
 * Where the software is whole and where it is not. The last sector of an image may well be partly
 * erased, so its last bytes decide for it; without a descriptor nobody knows where the image ends.
 */
export function surveyOf(
  { flash, software }: HandsetView,
  { address }: RegionPart,
  hex: string,
): Survey {
  const { sectorBytes } = flash
  const digits = sectorBytes * 2
  const count = Math.ceil(hex.length / digits)
  const end = software ? software.bytes * 2 : hex.length
  const contents = Array.from({ length: count }, (_, index) => {
    const last = end > index * digits ? Math.min(end, (index + 1) * digits) : (index + 1) * digits
    return sectorContent(hex.slice(index * digits, last))
  })
  const needed = Math.ceil(end / digits)
  const placesOf = (wanted: SectorContent) =>
    contents.flatMap((content, index) =>
      content === wanted && index < needed ? [address + index * sectorBytes] : [],
    )
  return { address, sectorBytes, contents, erased: placesOf('erased'), part: placesOf('part') }
}
