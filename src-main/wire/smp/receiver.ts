import type { Clock } from '../../base/clock'
import type { SmpEncoding, SmpItem, SmpParser } from './encoding'

export interface SmpReceiverOptions {
  readonly encoding: SmpEncoding
  readonly clock: Clock
  /** A longer packet is taken for noise. */
  readonly maxPacketBytes?: number
  onItem(item: SmpItem): void
}

/** A parser at the end of a line: what silence leaves unfinished is dropped in time. */
export class SmpReceiver {
  readonly #options: SmpReceiverOptions
  readonly #parser: SmpParser
  #stopWaiting = () => {}

  constructor(options: SmpReceiverOptions) {
    this.#options = options
    this.#parser = options.encoding.createParser(options.maxPacketBytes)
  }

  receive(bytes: Uint8Array): void {
    this.#stopWaiting()
    this.#tell(this.#parser.push(bytes))
    const { encoding, clock } = this.#options
    if (encoding.silenceMs === null || !this.#parser.isOpen) return
    this.#stopWaiting = clock.after(encoding.silenceMs, () => this.giveUp())
  }

  /** What has begun does not go on: its sender has given up as well. */
  giveUp(): void {
    this.#stopWaiting()
    this.#tell(this.#parser.giveUp())
  }

  stop(): void {
    this.#stopWaiting()
  }

  #tell(items: readonly SmpItem[]): void {
    for (const item of items) this.#options.onItem(item)
  }
}
