const ROOM_AT_FIRST = 256
/** What waits beyond this is lost, as on a line without flow control. */
const WAITING_BYTES_MAX = 64 * 1024

/** The UART's side of the line: bytes for it wait outside of its FIFO, bytes from it are kept. */
export class UartLine {
  #waiting: Uint8Array = new Uint8Array(0)
  #sent = new Uint8Array(ROOM_AT_FIRST)
  #sentBytes = 0

  get waitingBytes(): number {
    return this.#waiting.length
  }

  get sentBytes(): number {
    return this.#sentBytes
  }

  receive(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    const room = WAITING_BYTES_MAX - this.#waiting.length
    const taken = bytes.subarray(0, room)
    const waiting = new Uint8Array(this.#waiting.length + taken.length)
    waiting.set(this.#waiting)
    waiting.set(taken, this.#waiting.length)
    this.#waiting = waiting
  }

  /** Gives `feed` one byte after the other while `hasRoom` says so. */
  feed(hasRoom: () => boolean, feed: (byte: number) => void): void {
    let fed = 0
    for (const byte of this.#waiting) {
      if (!hasRoom()) break
      feed(byte)
      fed += 1
    }
    if (fed > 0) this.#waiting = this.#waiting.subarray(fed)
  }

  send(byte: number): void {
    if (this.#sentBytes === this.#sent.length) {
      const larger = new Uint8Array(2 * this.#sent.length)
      larger.set(this.#sent)
      this.#sent = larger
    }
    this.#sent[this.#sentBytes] = byte
    this.#sentBytes += 1
  }

  /** What was sent since the last call. */
  takeSent(): Uint8Array {
    const sent = this.#sent.slice(0, this.#sentBytes)
    this.#sentBytes = 0
    return sent
  }
}
