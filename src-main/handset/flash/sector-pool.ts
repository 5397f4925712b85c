import { toHex } from '../../base/bytes'
import type { Sha256 } from '../digest'

/** Contents of sectors, each kept once however many chips hold it. Nobody changes them. */
export class SectorPool {
  readonly #sha256: Sha256
  readonly #sectors = new Map<string, Uint8Array>()

  constructor(sha256: Sha256) {
    this.#sha256 = sha256
  }

  /** A sector of the same bytes: the first one that came. */
  same(sector: Uint8Array): Uint8Array {
    const digest = toHex(this.#sha256([sector]))
    const known = this.#sectors.get(digest)
    if (known) return known
    this.#sectors.set(digest, sector)
    return sector
  }
}
