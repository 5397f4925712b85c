import type { NetworkDevice } from '../contract/network'

type Software = NonNullable<NetworkDevice['software']>

/** Software that has come whole and is what it was said to be. */
export interface ReceivedSoftware extends NonNullable<NetworkDevice['recorded']> {
  readonly delivery: 'record' | 'install'
}

/**
 * What takes software itself: a PC, an information terminal, a network device (S1-24). Of software
 * that was sent, its length and digest are kept; nothing here executes it. The installer that is
 * embedded in software (¶0088) makes it the running one.
 */
export class SoftwareDevice {
  #running: Software | null
  #recorded: NetworkDevice['recorded'] = null

  constructor(running: Software | null) {
    this.#running = running
  }

  get running(): Software | null {
    return this.#running
  }

  /** On its disk, not running. */
  get recorded(): NetworkDevice['recorded'] {
    return this.#recorded
  }

  /** S5: keeps it, or has its installer install it (S1-15, S1-41). */
  take({ delivery, ...software }: ReceivedSoftware): void {
    if (delivery === 'record') {
      this.#recorded = software
      return
    }
    this.#running = { name: software.name, version: software.version }
    this.#recorded = null
  }

  /** Running software sends a test signal back (S33); null: nothing runs that could. */
  answerTo(signal: string): string | null {
    return this.#running ? signal : null
  }
}
