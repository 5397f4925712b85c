import { concatBytes } from '../../base/bytes'
import { OUTPUT_BYTES_MAX } from '../../contract/constants'

/** The newest part of what a handset sent on its line. Positions count from the handset's making. */
export class LineOutput {
  #kept: Uint8Array[] = []
  #keptBytes = 0
  #sent = 0

  /** The position behind the last byte. */
  get next(): number {
    return this.#sent
  }

  append(bytes: Uint8Array): void {
    this.#kept.push(bytes)
    this.#keptBytes += bytes.length
    this.#sent += bytes.length
    // Twice as much is let grow before the older half goes, so that appending stays cheap.
    if (this.#keptBytes > 2 * OUTPUT_BYTES_MAX) this.#trim()
  }

  /** What is kept from a position on, of the newest 64 KiB. */
  since(position: number): { readonly from: number; readonly bytes: Uint8Array } {
    this.#trim()
    const oldest = this.#sent - this.#keptBytes
    const from = Math.min(Math.max(position, oldest), this.#sent)
    return { from, bytes: concatBytes(this.#kept).slice(from - oldest) }
  }

  #trim(): void {
    const bytes = concatBytes(this.#kept).slice(-OUTPUT_BYTES_MAX)
    this.#kept = [bytes]
    this.#keptBytes = bytes.length
  }
}
