import { seededRandom } from '../../../src-main/base/random'
import { nodeSha256 } from '../../../src-main/handset/service/node-sha256'
import type { ReadOld } from '../../../src-main/wire/delta/predictor'
import type {
  OldRange,
  RewritePlan,
  RewriteSource,
  RewriteStep,
} from '../../../src-main/wire/delta/rewrite-source'

const SECTOR_BYTES = 256

export interface RewriteCase {
  readonly name: string
  readonly old: Uint8Array
  readonly fresh: Uint8Array
  /** A new one for every time that the file comes. */
  readonly source: () => RewriteSource
}

/** New bytes that are old ones and what is added to them. */
interface Copy {
  readonly from: number
  readonly to: number
  readonly length: number
}

interface Recipe {
  readonly old: Uint8Array
  readonly fresh: Uint8Array
  /** In the order of the new image. */
  readonly copies: readonly Copy[]
  /** Sectors in the order in which they are written. */
  readonly order: readonly number[]
}

/** Bytes with vectors that the tiny model could begin with. */
export function tinyImage(bytes: number, seed: number): Uint8Array {
  const image = seededRandom(seed).bytes(bytes)
  image.set([0x00, 0x40, 0x00, 0x20, 0x09, 0x02, 0x00, 0x10], 0x100)
  return image
}

/** New software whose bytes are near to old ones that lie elsewhere. */
function freshFrom(old: Uint8Array, bytes: number, copies: readonly Copy[]): Uint8Array {
  const fresh = tinyImage(bytes, 99)
  for (const { from, to, length } of copies) {
    for (let at = 0; at < length; at++) fresh[to + at] = (old[from + at]! + (at % 5)) & 0xff
  }
  return tinyVectors(fresh)
}

function tinyVectors(image: Uint8Array): Uint8Array {
  image.set(tinyImage(0x108, 1).subarray(0x100), 0x100)
  return image
}

export function caseOf(name: string, recipe: Recipe): RewriteCase {
  const { old, fresh } = recipe
  return { name, old, fresh, source: () => sourceOf(recipe) }
}

function sourceOf(recipe: Recipe): RewriteSource {
  const plan = planOf(recipe)
  const { old, fresh, copies } = recipe
  return {
    plan,
    *pieces(step: number, readOld: ReadOld) {
      const { sector, bytes } = plan.steps[step]!
      const start = sector * SECTOR_BYTES
      for (let at = start; at < start + bytes;) {
        const copy = copies.find(({ to, length }) => at >= to && at < to + length)
        const next = Math.min(...copies.map(({ to }) => to).filter(to => to > at), start + bytes)
        const end = copy ? Math.min(copy.to + copy.length, start + bytes) : next
        const piece = fresh.slice(at, end)
        if (copy)
          addOld(piece, old.subarray(copy.from + at - copy.to), {
            readOld,
            at: copy.from + at - copy.to,
          })
        yield piece
        at = end
      }
    },
  }
}

/** The piece by way of the old bytes as the flash has them: wrong ones make a wrong piece. */
function addOld(
  piece: Uint8Array,
  expected: Uint8Array,
  { readOld, at }: { readonly readOld: ReadOld; readonly at: number },
): void {
  const found = new Uint8Array(piece.length)
  readOld(at, found)
  for (const [index, byte] of found.entries()) {
    piece[index] = (piece[index]! - expected[index]! + byte) & 0xff
  }
}

function planOf({ old, fresh, copies, order }: Recipe): RewritePlan {
  const stash: OldRange[] = []
  const backups = new Map<number, { start: number; end: number }>()
  for (const [step, sector] of order.entries()) {
    for (const { start, end } of oldRanges(copies, sector)) {
      const writtenAt = order.indexOf(Math.floor(start / SECTOR_BYTES))
      if (writtenAt < 0 || writtenAt > step) continue
      if (writtenAt < step - 1) stash.push({ start, end })
      else backups.set(writtenAt, union(backups.get(writtenAt), { start, end }))
    }
  }
  const steps = order.map((sector, step): RewriteStep => {
    const bytes = Math.max(0, Math.min(SECTOR_BYTES, fresh.length - sector * SECTOR_BYTES))
    return { sector, bytes, backup: backups.get(step) ?? { start: 0, end: 0 } }
  })
  const images = {
    oldBytes: old.length,
    oldDigest: nodeSha256([old]),
    newBytes: fresh.length,
    newDigest: nodeSha256([fresh]),
  }
  return { sectorBytes: SECTOR_BYTES, ...images, stash, steps }
}

/** What a sector of the new image needs of the old one, sector by sector of that. */
function* oldRanges(copies: readonly Copy[], sector: number): Generator<OldRange> {
  for (const { from, to, length } of copies) {
    const first = Math.max(to, sector * SECTOR_BYTES)
    const end = Math.min(to + length, (sector + 1) * SECTOR_BYTES)
    for (let at = first; at < end;) {
      const start = from + at - to
      const count = Math.min(end - at, SECTOR_BYTES - (start % SECTOR_BYTES))
      yield { start, end: start + count }
      at += count
    }
  }
}

function union(a: OldRange | undefined, b: OldRange): OldRange {
  return a ? { start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) } : b
}

function made(
  name: string,
  bytes: { readonly old: number; readonly fresh: number },
  how: Pick<Recipe, 'copies' | 'order'>,
): RewriteCase {
  const old = tinyImage(bytes.old, 5)
  const fresh = freshFrom(old, bytes.fresh, how.copies)
  for (let at = 0; at < fresh.length; at += SECTOR_BYTES) {
    const isKept = !how.order.includes(at / SECTOR_BYTES)
    if (isKept) fresh.set(old.subarray(at, at + SECTOR_BYTES), at)
  }
  return caseOf(name, { old, fresh, ...how })
}

/** Everything moves up by 100 bytes; written from the end, each step needs the one before it. */
export const shifted = made(
  'shifted',
  { old: 1900, fresh: 2000 },
  { copies: [{ from: 0, to: 100, length: 1900 }], order: [7, 6, 5, 4, 3, 2, 1, 0] },
)

/** The same in the other order: what a step needs was overwritten by it and the step before. */
export const shiftedForwards = made(
  'shifted, written forwards',
  { old: 1900, fresh: 2000 },
  { copies: [{ from: 0, to: 100, length: 1900 }], order: [0, 1, 2, 3, 4, 5, 6, 7] },
)

/** Parts change their places, so that much is needed long after it was overwritten; two stay. */
export const shuffled = made(
  'shuffled',
  { old: 2048, fresh: 1700 },
  {
    copies: [
      { from: 1600, to: 0, length: 200 },
      { from: 300, to: 600, length: 500 },
      { from: 10, to: 1400, length: 230 },
    ],
    order: [0, 2, 3, 4, 5, 6],
  },
)

/** Two sectors change places. */
export const tiny = made(
  'tiny',
  { old: 700, fresh: 700 },
  {
    copies: [
      { from: 0, to: 300, length: 200 },
      { from: 280, to: 20, length: 180 },
      { from: 530, to: 560, length: 100 },
    ],
    order: [1, 0, 2],
  },
)

/** All bytes are new, whatever was there before. */
export const full = made('full', { old: 600, fresh: 900 }, { copies: [], order: [0, 1, 2, 3] })
