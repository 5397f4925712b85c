import type { ByteLink } from './byte-link'
import { LinkSignals, linkLost } from './link-signals'

export interface MemoryPairOptions {
  readonly names?: readonly [string, string]
  /** Hands bytes over in pieces of at most so many. */
  readonly chunkBytes?: number
  /** What both ends say of their rate; nothing is slowed down. */
  readonly baud?: number
}

/** Two ends of one line in memory. Bytes arrive in order and never within the call that sent them. */
export function memoryPair(options: MemoryPairOptions = {}): readonly [ByteLink, ByteLink] {
  const [nameA, nameB] = options.names ?? ['memory:a', 'memory:b']
  const a = new MemoryEnd(nameA, options)
  const b = new MemoryEnd(nameB, options)
  a.join(b)
  b.join(a)
  return [a, b]
}

class MemoryEnd implements ByteLink {
  readonly name: string
  readonly baud: number | null
  readonly #chunkBytes: number
  readonly #signals = new LinkSignals()
  /** Everything that is on its way to the other side, in order. */
  #delivery: Promise<void> = Promise.resolve()
  #other: MemoryEnd | undefined

  constructor(name: string, options: MemoryPairOptions) {
    this.name = name
    this.baud = options.baud ?? null
    this.#chunkBytes = options.chunkBytes ?? Number.MAX_SAFE_INTEGER
  }

  join(other: MemoryEnd): void {
    this.#other = other
  }

  write(bytes: Uint8Array): Promise<void> {
    const refusal = this.#signals.refusal(this.name)
    if (refusal) return Promise.reject(refusal)
    // The sender may use its buffer again at once.
    const sent = bytes.slice()
    for (let at = 0; at < sent.length; at += this.#chunkBytes) {
      const piece = sent.subarray(at, at + this.#chunkBytes)
      this.#delivery = this.#delivery.then(() => this.#other?.receive(piece))
    }
    return this.#delivery
  }

  receive(bytes: Uint8Array): void {
    this.#signals.deliver(bytes)
  }

  onData(listener: (bytes: Uint8Array) => void): () => void {
    return this.#signals.onData(listener)
  }

  onClose: ByteLink['onClose'] = listener => this.#signals.onClose(listener)

  async close(): Promise<void> {
    if (this.#signals.ended) return
    this.#signals.end(null)
    // What was written before still arrives.
    await this.#delivery
    this.#other?.lose()
  }

  lose(): void {
    this.#signals.end(linkLost(this.name, 'the other side closed it'))
  }
}
