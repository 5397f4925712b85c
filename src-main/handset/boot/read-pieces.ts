import type { FlashPort } from '../flash/flash-port'

/** The first `length` bytes of a region, sector by sector, for whoever must not hold them all. */
export function* readPieces(region: FlashPort, length: number): Generator<Uint8Array> {
  const { sectorBytes } = region.geometry
  for (let at = 0; at < length; at += sectorBytes) {
    yield region.read(at, Math.min(sectorBytes, length - at))
  }
}
