/** SHA-256 as the handset's code is given it: pure code has no platform to ask. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array
