import { CodedError } from '../../base/coded-error'
import type { Workbench } from '../../workbench'

/** One sentence of the story, with the time of the workbench at which it happened. */
export interface Told {
  readonly at: number
  readonly step: string
  readonly text: string
}

const LOOK_EVERY_MS = 1000

/** A workbench in virtual time on which a story is played and told. */
export class Stage {
  readonly workbench: Workbench
  readonly #tell: (told: Told) => void
  readonly #signal: AbortSignal
  #step = ''

  constructor({ workbench, tell, signal }: StageParts) {
    this.workbench = workbench
    this.#tell = tell
    this.#signal = signal
  }

  /** Sentences belong to it from now on. */
  begin(step: string): void {
    this.#step = step
  }

  async tell(text: string): Promise<void> {
    const { now } = await this.workbench.observe.clock()
    this.#tell({ at: now, step: this.#step, text })
  }

  /**
   * Moves time on until `look` gives something. Throws `STORY_STUCK` after so many milliseconds of
   * virtual time, and `CANCELLED`.
   */
  async until<T>(
    what: string,
    look: () => Promise<T | undefined>,
    withinMs: number = 3_600_000,
  ): Promise<T> {
    for (let waited = 0; waited <= withinMs; waited += LOOK_EVERY_MS) {
      const found = await look()
      if (found !== undefined) return found
      await this.pass(LOOK_EVERY_MS)
    }
    const seconds = Math.round(withinMs / 1000)
    throw new CodedError('STORY_STUCK', `Nothing came of "${what}" within ${seconds} seconds.`)
  }

  /** Moves time on. */
  async pass(milliseconds: number): Promise<void> {
    if (this.#signal.aborted) throw new CodedError('CANCELLED', 'The story was broken off.')
    await this.workbench.observe.advanceClock({ milliseconds })
  }

  /** Moves time on to an instant; does nothing where that is over. */
  async passTo(instant: number): Promise<void> {
    const { now } = await this.workbench.observe.clock()
    if (instant > now) await this.pass(instant - now)
  }
}

export interface StageParts {
  readonly workbench: Workbench
  readonly tell: (told: Told) => void
  /** Aborted where nobody wants to hear the rest. */
  readonly signal: AbortSignal
}
