/**
 * SHA-256 over pieces in order, as the handset's code is given it: pure code has no platform to
 * ask, and boot code never holds a whole region in RAM.
 */
export type Sha256 = (pieces: Iterable<Uint8Array>) => Uint8Array

export const SHA256_BYTES = 32
