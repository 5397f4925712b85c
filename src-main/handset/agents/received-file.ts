import { CodedError } from '../../base/coded-error'
import type { SecuredArea } from './agent-host'

/** A file that comes piece by piece, in the secured area of the RAM and nowhere else (S0-06, S0-07). */
export class ReceivedFile {
  readonly bytes: number
  readonly #area: SecuredArea
  #received = 0

  constructor(area: SecuredArea, bytes: number) {
    this.#area = area
    this.bytes = bytes
  }

  get received(): number {
    return this.#received
  }

  get isWhole(): boolean {
    return this.#received === this.bytes
  }

  /** All of it as it lies in RAM. */
  get content(): Uint8Array {
    return this.#area.first(this.bytes)
  }

  /** What comes next is the first byte again. */
  restart(): void {
    this.#received = 0
  }

  /** Throws a CodedError `UPDATE_FILE_SIZE` for a piece beyond the announced size; none of it is kept. */
  take(piece: Uint8Array): void {
    if (this.#received + piece.length > this.bytes) {
      const message = `The server sends more than the ${this.bytes} bytes that it announced. Ask for the update again.`
      throw new CodedError('UPDATE_FILE_SIZE', message, { bytes: this.bytes })
    }
    this.#area.write(this.#received, piece)
    this.#received += piece.length
  }
}
