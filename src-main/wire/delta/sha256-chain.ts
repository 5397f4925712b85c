import { viewOf } from '../../base/bytes'

/** Bytes that SHA-256 takes in at once; its state can be kept and taken up only between them. */
const BLOCK_BYTES = 64
const STATE_WORDS = 8
const SCHEDULE_WORDS = 64
const LENGTH_BYTES = 8

export const CHAINING_STATE_BYTES = 4 * STATE_WORDS
/** RAM of one {@link Sha256Chain}: state, block, schedule and the count of bytes. */
export const SHA256_CHAIN_BYTES =
  CHAINING_STATE_BYTES + BLOCK_BYTES + 4 * SCHEDULE_WORDS + LENGTH_BYTES

// Roots of the first primes, as FIPS 180-4 (4.2.2 and 5.3.3) wants them.
const PRIMES = firstPrimes(SCHEDULE_WORDS)
const CONSTANTS = Uint32Array.from(PRIMES, prime => fraction32(Math.cbrt(prime)))
const FIRST_STATE = Uint32Array.from(PRIMES.slice(0, STATE_WORDS), prime =>
  fraction32(Math.sqrt(prime)),
)

function firstPrimes(count: number): number[] {
  const primes: number[] = []
  for (let number = 2; primes.length < count; number++) {
    if (primes.every(prime => number % prime !== 0)) primes.push(number)
  }
  return primes
}

function fraction32(root: number): number {
  return Math.floor((root % 1) * 2 ** 32)
}

/**
 * SHA-256 (FIPS 180-4) that can begin in the middle: from the chaining state that the bytes before
 * led to. So an image that is decoded from its end to its start is proved by the digest of the
 * whole, which is taken from its start to its end.
 */
export class Sha256Chain {
  readonly #state: Uint32Array
  readonly #schedule = new Uint32Array(SCHEDULE_WORDS)
  readonly #block = new Uint8Array(BLOCK_BYTES)
  readonly #blockView = viewOf(this.#block)
  #bytes: number

  /** Goes on after `bytesBefore` bytes, a multiple of 64, that led to the 32 bytes of `state`. */
  constructor(state?: Uint8Array, bytesBefore = 0) {
    const view = state && viewOf(state)
    this.#state = FIRST_STATE.map((word, index) => view?.getUint32(4 * index) ?? word)
    this.#bytes = bytesBefore
  }

  update(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const filled = this.#bytes % BLOCK_BYTES
      const piece = bytes.subarray(at, at + BLOCK_BYTES - filled)
      this.#block.set(piece, filled)
      this.#bytes += piece.length
      at += piece.length
      if (this.#bytes % BLOCK_BYTES === 0) this.#mix()
    }
  }

  /** The state after all bytes so far, which are whole blocks, as 32 bytes. */
  chainingState(): Uint8Array {
    const state = new Uint8Array(CHAINING_STATE_BYTES)
    const view = viewOf(state)
    this.#state.forEach((word, index) => view.setUint32(4 * index, word))
    return state
  }

  /** Ends the hash: nothing can be added afterwards. */
  digest(): Uint8Array {
    const bits = this.#bytes * 8
    const filled = this.#bytes % BLOCK_BYTES
    const zeros = (2 * BLOCK_BYTES - LENGTH_BYTES - 1 - filled) % BLOCK_BYTES
    const end = new Uint8Array(1 + zeros + LENGTH_BYTES)
    end[0] = 0x80
    viewOf(end).setUint32(1 + zeros, Math.floor(bits / 2 ** 32))
    viewOf(end).setUint32(1 + zeros + 4, bits >>> 0)
    this.update(end)
    return this.chainingState()
  }

  #mix(): void {
    const schedule = this.#schedule
    for (let at = 0; at < 16; at++) schedule[at] = this.#blockView.getUint32(4 * at)
    for (let at = 16; at < SCHEDULE_WORDS; at++) {
      const early = schedule[at - 15] ?? 0
      const late = schedule[at - 2] ?? 0
      const small = rotated(early, 7) ^ rotated(early, 18) ^ (early >>> 3)
      const large = rotated(late, 17) ^ rotated(late, 19) ^ (late >>> 10)
      schedule[at] = (schedule[at - 16] ?? 0) + small + (schedule[at - 7] ?? 0) + large
    }
    this.#rounds()
  }

  #rounds(): void {
    const state = this.#state
    let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state
    for (let at = 0; at < SCHEDULE_WORDS; at++) {
      const upper = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
      const choice = (e & f) ^ (~e & g)
      const first = (h + upper + choice + (CONSTANTS[at] ?? 0) + (this.#schedule[at] ?? 0)) | 0
      const lower = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
      const majority = (a & b) ^ (a & c) ^ (b & c)
      h = g
      g = f
      f = e
      e = (d + first) | 0
      d = c
      c = b
      b = a
      a = (first + lower + majority) | 0
    }
    const mixed = [a, b, c, d, e, f, g, h]
    mixed.forEach((word, index) => (state[index] = (state[index] ?? 0) + word))
  }
}

function rotated(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits))
}
