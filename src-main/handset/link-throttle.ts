import type { Clock } from '../base/clock'
import type { ByteLink } from '../link/byte-link'

/** Start bit, eight data bits, stop bit (decision 0003). */
const BITS_PER_BYTE = 10
/** A carrier may hand over at once what a line carries one byte after the other. */
const SLICE_BYTES = 256
/** What comes in while so much waits is lost: a carrier that is no line does not hold up its sender. */
const WAITING_BYTES_MAX = 64 * 1024

/**
 * When bytes have passed a line of this rate: a token bucket of no depth, so nothing bursts. Times
 * are milliseconds of one clock.
 */
export class LineRate {
  readonly #millisecondsPerByte: number
  #freeAt = 0

  constructor(baud: number) {
    this.#millisecondsPerByte = (1000 * BITS_PER_BYTE) / baud
  }

  /** The time at which the last of so many bytes is through, when they are sent now. */
  pass(bytes: number, now: number): number {
    this.#freeAt = Math.max(this.#freeAt, now) + bytes * this.#millisecondsPerByte
    return this.#freeAt
  }
}

export interface ThrottleOptions {
  readonly baud: number
  readonly clock: Clock
}

/**
 * The same link at a line's rate in both directions; a write resolves when its bytes are out. Of
 * what comes in at most 64 KiB wait; `onLost` is told of so many bytes that found
 * no place, as a UART that overruns counts them.
 */
export function throttleLink(
  link: ByteLink,
  { baud, clock, onLost }: ThrottleOptions & { readonly onLost?: (bytes: number) => void },
): ByteLink {
  const throttled = throttleWrites(link, { baud, clock })
  const incoming = new DelayLine(new LineRate(baud), clock)
  const listeners = new Set<(bytes: Uint8Array) => void>()
  const stopListening = link.onData(offered => {
    const bytes = offered.subarray(0, WAITING_BYTES_MAX - incoming.waitingBytes)
    if (bytes.length < offered.length) onLost?.(offered.length - bytes.length)
    for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
      const slice = bytes.subarray(at, at + SLICE_BYTES)
      incoming.send(slice.length, () => {
        for (const listener of listeners) listener(slice)
      })
    }
  })
  link.onClose(() => void incoming.drop())
  return {
    ...throttled,
    onData(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close() {
      stopListening()
      return link.close()
    },
  }
}

/** The same link, whose writes go out at a line's rate and resolve when their bytes are out. */
export function throttleWrites(link: ByteLink, { baud, clock }: ThrottleOptions): ByteLink {
  const outgoing = new DelayLine(new LineRate(baud), clock)
  link.onClose(() => outgoing.release())
  return {
    name: link.name,
    baud,
    write: bytes =>
      new Promise((resolve, reject) => {
        outgoing.send(bytes.length, () => void link.write(bytes).then(resolve, reject))
      }),
    onData: listener => link.onData(listener),
    onClose: listener => link.onClose(listener),
    close: () => link.close(),
  }
}

/** Lets pieces through in order, each when the line has carried it. */
class DelayLine {
  readonly #rate: LineRate
  readonly #clock: Clock
  #waiting: { readonly at: number; readonly bytes: number; readonly arrive: () => void }[] = []
  #waitingBytes = 0
  #cancel: (() => void) | undefined

  constructor(rate: LineRate, clock: Clock) {
    this.#rate = rate
    this.#clock = clock
  }

  get waitingBytes(): number {
    return this.#waitingBytes
  }

  send(bytes: number, arrive: () => void): void {
    this.#waiting.push({ at: this.#rate.pass(bytes, this.#clock.now()), bytes, arrive })
    this.#waitingBytes += bytes
    this.#await()
  }

  /** Lets everything through at once. */
  release(): void {
    const released = this.drop()
    for (const { arrive } of released) arrive()
  }

  drop() {
    this.#cancel?.()
    this.#cancel = undefined
    const dropped = this.#waiting
    this.#waiting = []
    this.#waitingBytes = 0
    return dropped
  }

  /** All that is due: a timer that fires late must not hold up what follows. */
  #arrive(): void {
    const now = this.#clock.now()
    for (let next = this.#waiting[0]; next && next.at <= now; next = this.#waiting[0]) {
      this.#waiting.shift()
      this.#waitingBytes -= next.bytes
      next.arrive()
    }
  }

  #await(): void {
    const [next] = this.#waiting
    if (!next || this.#cancel) return
    this.#cancel = this.#clock.after(Math.max(0, next.at - this.#clock.now()), () => {
      this.#cancel = undefined
      this.#arrive()
      this.#await()
    })
  }
}
