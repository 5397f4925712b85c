import type { Clock } from '../../base/clock'
import type { HandsetState } from '../../contract/handsets'

const HISTORY_MAX = 1000

export interface Transition {
  readonly at: number
  readonly from: HandsetState
  readonly to: HandsetState
}

/** The state of a handset and how it came to it. */
export class StateHistory {
  readonly #clock: Clock
  #state: HandsetState = 'off'
  #transitions: readonly Transition[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get state(): HandsetState {
    return this.#state
  }

  /** Oldest first; the last thousand are kept. */
  get transitions(): readonly Transition[] {
    return this.#transitions
  }

  enter(state: HandsetState): void {
    const transition = { at: this.#clock.now(), from: this.#state, to: state }
    this.#transitions = [...this.#transitions.slice(1 - HISTORY_MAX), transition]
    this.#state = state
  }
}
