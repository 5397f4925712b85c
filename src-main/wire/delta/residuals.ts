import { damaged } from './delta-errors'
import { type ByteSource, NumberWriter, readVarint } from './number-coding'

/**
 * Residuals (new byte minus predicted byte, modulo 256) are mostly 0: a byte that is not 0 stands
 * for itself, a 0 is followed by the number of zeros that come after it.
 */
export function writeResiduals(residuals: Uint8Array): Uint8Array {
  const writer = new NumberWriter()
  for (let at = 0; at < residuals.length;) {
    const byte = residuals[at++] ?? 0
    writer.byte(byte)
    if (byte !== 0) continue
    const first = at
    while (at < residuals.length && residuals[at] === 0) at += 1
    writer.varint(at - first)
  }
  return writer.taken()
}

/** Reads what {@link writeResiduals} wrote, one at a time. Throws `DELTA_DAMAGED`. */
export class ResidualReader {
  readonly #source: ByteSource
  #zeros = 0

  constructor(source: ByteSource) {
    this.#source = source
  }

  next(): number {
    if (this.#zeros > 0) {
      this.#zeros -= 1
      return 0
    }
    const byte = this.#source.next()
    if (byte === 0) this.#zeros = readVarint(this.#source)
    return byte
  }

  /** Checks that no zeros are left over. */
  finish(): void {
    if (this.#zeros > 0) throw damaged('holds more residuals than it uses.')
  }
}
