import { seededRandom } from '../../base/random'

/** Cells between 0 and 1: they read one way now and may read the other way later. */
export interface WeakCells {
  /** A 1 for each weak bit of the sector. */
  readonly bits: Uint8Array
  /** How many of them flip at each later power-up. */
  readonly percent: number
  readonly seed: number
  /** Since they became weak. */
  readonly powerUps: number
}

/** What is wrong with a sector and cannot be seen in its bytes. An erase that succeeds ends it. */
export interface SectorFlaws {
  readonly weak: readonly WeakCells[]
  /** Its erase was cut short: the next program leaves so many bits of a million as they are. */
  readonly weakErase?: { readonly ppm: number; readonly seed: number }
  /** It holds something else than the code that uses it was told: the chip lied or a bit flipped. */
  readonly isAstray: boolean
}

export const NO_FLAWS: SectorFlaws = { weak: [], isAstray: false }

/** Adds weak cells. A bit is weak once: the newest takes it over. */
export function withWeakCells({ weak, ...rest }: SectorFlaws, added: WeakCells): SectorFlaws {
  const others = weak.map(cells => ({
    ...cells,
    bits: cells.bits.map((bits, at) => bits & ~(added.bits[at] ?? 0)),
  }))
  return { ...rest, weak: [...others, added].filter(({ bits }) => countBits(bits) > 0) }
}

export function countWeakCells({ weak }: SectorFlaws): number {
  return weak.reduce((total, { bits }) => total + countBits(bits), 0)
}

/**
 * The power comes on: which bits of a sector read otherwise now, and its flaws from here on. The
 * first power-up after a cut is the one at which the cells read as the cut left them.
 */
export function decay(
  flaws: SectorFlaws,
  sectorBytes: number,
): { readonly flips: Uint8Array; readonly flaws: SectorFlaws } {
  const flips = new Uint8Array(sectorBytes)
  const weak = flaws.weak.map(cells => {
    if (cells.powerUps > 0) drawFlips(cells, flips)
    return { ...cells, powerUps: cells.powerUps + 1 }
  })
  // Code that begins anew has been told nothing: it must look.
  return { flips, flaws: { ...flaws, weak, isAstray: false } }
}

/** What is missing of a program into a sector whose erase was cut short: ones that had to fall. */
export function unprogrammed(
  falling: Uint8Array,
  { ppm, seed }: { readonly ppm: number; readonly seed: number },
): Uint8Array {
  const random = seededRandom(seed)
  return falling.map(bits => drawBits(bits, () => random.below(1_000_000) < ppm))
}

export function countBits(bytes: Uint8Array): number {
  let count = 0
  for (const byte of bytes) {
    for (let rest = byte; rest !== 0; rest &= rest - 1) count += 1
  }
  return count
}

/** Those of the bits of a byte for which a coin says yes. */
export function drawBits(bits: number, coin: () => boolean): number {
  let drawn = 0
  for (let bit = 1; bit <= bits; bit <<= 1) {
    if ((bits & bit) !== 0 && coin()) drawn |= bit
  }
  return drawn
}

function drawFlips({ bits, percent, seed, powerUps }: WeakCells, flips: Uint8Array): void {
  const random = seededRandom(seed + Math.imul(powerUps, 0x9e37_79b1))
  for (const [at, weak] of bits.entries()) {
    if (weak !== 0) flips[at] = (flips[at] ?? 0) ^ drawBits(weak, () => random.below(100) < percent)
  }
}
