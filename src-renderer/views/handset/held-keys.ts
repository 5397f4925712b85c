import type { HandsetKey } from '../../../src-main/contract/handsets'

/** Tells a handset that one of its keys went down or came up. */
export type SendKey = (key: HandsetKey, pressed: boolean) => void

/**
 * Keys that are held here, each by whatever holds it: a pointer, a key of the keyboard. A key that
 * two hold is down until both have let go.
 */
export class HeldKeys {
  readonly #holders = new Map<string, HandsetKey>()
  readonly #send: SendKey

  constructor(send: SendKey) {
    this.#send = send
  }

  /** The holder holds this key, and no other. */
  hold(holder: string, key: HandsetKey): void {
    if (this.#holders.get(holder) === key) return
    this.letGo(holder)
    const wasHeld = this.#isHeld(key)
    this.#holders.set(holder, key)
    if (!wasHeld) this.#send(key, true)
  }

  letGo(holder: string): void {
    const key = this.#holders.get(holder)
    if (key === undefined) return
    this.#holders.delete(holder)
    if (!this.#isHeld(key)) this.#send(key, false)
  }

  letGoAll(): void {
    for (const holder of this.#holders.keys()) this.letGo(holder)
  }

  #isHeld(key: HandsetKey): boolean {
    return [...this.#holders.values()].includes(key)
  }
}
