import type { Clock } from '../../base/clock'
import { RadioLost, type Radio, type RadioAnswer, type RadioRequest } from './radio'
import { pass, StopSignal } from './stop-signal'

/** A third-generation packet bearer: what it carries, and how long a request is under way. */
const BITS_PER_SECOND = 384_000
const LATENCY_MS = 150
/** Carried at once; smaller than a sector, so that a cell can go out of reach within one. */
const PIECE_BYTES = 512
/** A connection that carries less than this in any such time is given up. */
const FLOOR_BYTES = 1024
const FLOOR_MS = 10_000

export interface MobileRadioParts {
  /** What carries the bytes once they are in the air. */
  readonly carrier: Radio
  readonly clock: Clock
  /** A radio cell is in reach. */
  readonly isInReach: () => boolean
  /** Carried at once; few where it is left out. */
  readonly pieceBytes?: number
}

/** The emulated air between a handset and the carrier: it takes time, and it can be gone. */
export class MobileRadio implements Radio {
  readonly #parts: MobileRadioParts
  readonly #connections = new Set<StopSignal>()

  constructor(parts: MobileRadioParts) {
    this.#parts = parts
  }

  /** A radio cell has come into reach, or gone out of it. */
  reachChanged(): void {
    if (this.#parts.isInReach()) return
    for (const connection of this.#connections) connection.stop(outOfReach())
    this.#connections.clear()
  }

  async send(request: RadioRequest, stop: StopSignal): Promise<RadioAnswer> {
    if (stop.reason) throw stop.reason
    if (!this.#parts.isInReach()) throw outOfReach()
    const connection = new StopSignal()
    this.#connections.add(connection)
    const forget = stop.onStop(reason => connection.stop(reason))
    const end = () => {
      forget()
      this.#connections.delete(connection)
    }
    try {
      await pass(this.#parts.clock, LATENCY_MS, connection)
      const sent = this.#parts.carrier.send(request, connection)
      const answer = await this.#limited(sent, connection, this.#parts.clock.now())
      const pieces = () => this.#pieces(answer, connection, end)
      return { status: answer.status, header: name => answer.header(name), pieces }
    } catch (error) {
      end()
      // What the carrier still holds of the request is let go.
      connection.stop(new RadioLost('The connection was given up.'))
      throw error
    }
  }

  /** As fast as the air carries them. */
  async *#pieces(answer: RadioAnswer, connection: StopSignal, end: () => void) {
    const { clock, pieceBytes = PIECE_BYTES } = this.#parts
    const began = clock.now()
    const source = answer.pieces()[Symbol.asyncIterator]()
    let carried = 0
    let heard = { at: began, bytes: 0 }
    try {
      for (;;) {
        const { value: bytes, done = false } = await this.#limited(
          source.next(),
          connection,
          heard.at,
        )
        if (done) return
        for (let at = 0; at < bytes.length; at += pieceBytes) {
          const piece = bytes.subarray(at, at + pieceBytes)
          carried += piece.length
          const due = began + (carried * 8 * 1000) / BITS_PER_SECOND
          await pass(clock, Math.max(0, due - clock.now()), connection)
          yield piece
        }
        // A carrier that drips would keep a handset waiting for ever.
        if (carried - heard.bytes >= FLOOR_BYTES) heard = { at: clock.now(), bytes: carried }
      }
    } finally {
      end()
      connection.stop(new RadioLost('The connection was closed.'))
    }
  }

  /** Gives work up that too little was heard of since then. */
  #limited<T>(work: Promise<T>, connection: StopSignal, since: number): Promise<T> {
    const { clock } = this.#parts
    const cancel = clock.after(Math.max(0, since + FLOOR_MS - clock.now()), () => {
      const seconds = FLOOR_MS / 1000
      const message = `The carrier sent less than ${FLOOR_BYTES} bytes in ${seconds} seconds.`
      connection.stop(new RadioLost(message))
    })
    return connection.unlessStopped(work).finally(cancel)
  }
}

function outOfReach(): RadioLost {
  return new RadioLost('No radio cell is in reach.')
}
