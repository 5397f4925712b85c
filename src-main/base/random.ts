/** A seeded source of numbers: the same seed gives the same run, everywhere. */
export interface Random {
  /** A whole number from 0 up to, not including, `limit` (1 … 2^32). */
  below(limit: number): number
  bytes(length: number): Uint8Array
}

/** sfc32 (PractRand's small fast counter), seeded by one 32-bit number. Not for secrets. */
export function seededRandom(seed: number): Random {
  let [a, b, c, counter] = [seed | 0, 0x9e3779b9 | 0, 0x243f6a88 | 0, 1]
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return sum >>> 0
  }
  // The first outputs still show the seed's pattern.
  for (let warmUp = 0; warmUp < 12; warmUp++) next()
  return {
    below: limit => Math.floor((next() / 0x1_0000_0000) * limit),
    bytes: length => Uint8Array.from({ length }, () => next() & 0xff),
  }
}
