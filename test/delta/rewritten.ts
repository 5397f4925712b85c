import type { OldRange, RewriteSource } from '../../src-main/wire/delta/rewrite-source'
import type { ReadOld } from '../../src-main/wire/delta/predictor'

interface Chunk {
  readonly range: OldRange
  readonly bytes: Uint8Array
}

/**
 * What a region holds after all steps, where the old bytes of a step come from nowhere but the
 * places that the plan allows: itself, the backups of this step and the one before, the stash.
 * Anything else throws.
 */
export function rewritten(old: Uint8Array, source: RewriteSource): Uint8Array {
  const { plan } = source
  const { sectorBytes, steps, newBytes } = plan
  const bytes = Math.max(old.length, newBytes)
  const region = new Uint8Array(Math.ceil(bytes / sectorBytes) * sectorBytes).fill(0xff)
  region.set(old)
  const kept = ({ start, end }: OldRange): Chunk => ({
    range: { start, end },
    bytes: region.slice(start, end),
  })
  const stash = plan.stash.map(kept)
  const stepOf = new Map(steps.map(({ sector }, step) => [sector, step]))
  const backups: Chunk[] = []
  steps.forEach(({ sector, bytes: size, backup }, step) => {
    backups.push(kept(backup))
    const byteAt = (at: number): number => {
      const writtenAt = stepOf.get(Math.floor(at / sectorBytes)) ?? Infinity
      if (writtenAt > step) return region[at] ?? 0
      const chunks = writtenAt >= step - 1 ? [backups[writtenAt]!] : stash
      const chunk = chunks.find(({ range }) => range.start <= at && at < range.end)
      if (!chunk) throw new Error(`Step ${step} needs the old byte at ${at}, which is gone.`)
      return chunk.bytes[at - chunk.range.start] ?? 0
    }
    const readOld: ReadOld = (offset, into) => {
      for (let at = 0; at < into.length; at++) into[at] = byteAt(offset + at)
    }
    const start = sector * sectorBytes
    const content = Array.from(source.pieces(step, readOld), piece => piece.slice())
    region.fill(0xff, start, start + sectorBytes)
    let at = start
    for (const piece of content) {
      region.set(piece, at)
      at += piece.length
    }
    if (at !== start + size) throw new Error(`Step ${step} gives ${at - start} bytes, not ${size}.`)
  })
  return region.slice(0, newBytes)
}
