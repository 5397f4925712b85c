import type { Clock } from '../../base/clock'
import { CodedError } from '../../base/coded-error'
import type { HandsetState, HandsetView } from '../../contract/handsets'
import type { Handset } from '../handset'
import { heldSoftware } from '../handset-view'
import { askSoftware } from './ask-software'

interface SoftwareName {
  readonly name: string
  readonly version: string
}

/** States in which what the flash holds is not what runs. */
const BETWEEN: ReadonlySet<HandsetState> = new Set(['off', 'starting', 'rewriting', 'judging'])

/** What others reach of a handset over the mobile network, without its cable. */
export class HandsetFace {
  readonly #handset: Handset
  readonly #clock: Clock
  /** A notice came that the handset has not asked after yet. */
  #isNoticed = false
  /** Test signals follow one another: the software has one line. */
  #asking: Promise<unknown> = Promise.resolve()

  constructor(handset: Handset, clock: Clock) {
    this.#handset = handset
    this.#clock = clock
    handset.onChange(() => this.#ask())
  }

  get terminalId(): string {
    return this.#handset.terminalId
  }

  /** Power is on and a radio cell is in reach. */
  get isReachable(): boolean {
    return this.#handset.state !== 'off' && this.#handset.board.radio
  }

  /** Null while none runs, and where it does not say what it is. */
  get software(): SoftwareName | null {
    const { state, reason } = this.#handset
    // Without a CPU nothing ever runs; its sound software counts as what would.
    const runs = reason === null ? !BETWEEN.has(state) : reason === 'no-cpu'
    return runs ? nameOf(heldSoftware(this.#handset)) : null
  }

  /** There is an update: it is asked for as soon as the handset can, unless the power goes before. */
  notice(): void {
    this.#isNoticed = true
    this.#ask()
  }

  /**
   * Sends a test signal to the software that runs, and asks it who it is (decision 11). Null where it
   * does not run, or does not answer in time.
   */
  async testSignal(
    signal: string,
  ): Promise<{ readonly answer: string | null; readonly software: SoftwareName | null }> {
    const order = { clock: this.#clock, text: signal }
    const asking = this.#asking.then(() => askSoftware(this.#handset, order))
    this.#asking = asking.catch(() => undefined)
    const answered = await asking
    if (!answered) return { answer: null, software: null }
    const name = this.software?.name ?? answered.model
    return { answer: answered.text, software: { name, version: answered.version } }
  }

  #ask(): void {
    if (!this.#isNoticed) return
    if (this.#handset.state === 'off') this.#isNoticed = false
    else if (this.#startsUpdate()) this.#isNoticed = false
  }

  /** False while it cannot: an update goes on, or it has no software to ask for. */
  #startsUpdate(): boolean {
    try {
      this.#handset.startUpdate()
      return true
    } catch (error) {
      if (error instanceof CodedError) return false
      throw error
    }
  }
}

function nameOf(held: HandsetView['software']): SoftwareName | null {
  return held && { name: held.name, version: held.version }
}
