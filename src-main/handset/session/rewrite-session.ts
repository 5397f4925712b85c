import type { Clock } from '../../base/clock'
import type { RewriteProgress } from '../boot/rewriter'
import { PowerCut } from '../flash/flash-port'
import type { NorFlash } from '../flash/nor-flash'

export interface RewriteSessionParts {
  /** Begins the rewriter, which does a few operations of the flash at a time. */
  readonly begin: () => Iterator<RewriteProgress, void>
  readonly flash: NorFlash
  readonly clock: Clock
  /** Steps of the rewriter that are done at once; the flash takes its time for all of them. */
  readonly stepsAtOnce: number
  /** Until then a slice of the halted software may still go on; undefined: none does. */
  readonly cpuRests: Promise<void> | undefined
  readonly onProgress: (progress: RewriteProgress) => void
  readonly onDone: () => void
  readonly onPowerCut: () => void
  /** The rewriter refused the file, the flash failed, or the protected code is defective. */
  readonly onFailure: (error: unknown) => void
}

/** The protected code that rewrites the executable region: no other code runs meanwhile (S0-21). */
export class RewriteSession {
  readonly #parts: RewriteSessionParts
  #steps: Iterator<RewriteProgress, void> | undefined
  /** When the flash began with the operations that are waited for. */
  #busySince = 0
  #cancelWait: (() => void) | undefined
  #isOver = false
  #slice: Promise<void> | undefined

  constructor(parts: RewriteSessionParts) {
    this.#parts = parts
    this.#slice = parts.cpuRests
    void this.#begin()
  }

  /** Of the halted software, which writes into the memory until it ends. */
  get slice(): Promise<void> | undefined {
    return this.#slice
  }

  /** Milliseconds that the flash has been busy with the newest operations; 0 where it rests. */
  get flashElapsed(): number {
    return this.#cancelWait ? this.#parts.clock.now() - this.#busySince : 0
  }

  stop(): void {
    this.#isOver = true
    this.#cancelWait?.()
    this.#cancelWait = undefined
  }

  async #begin(): Promise<void> {
    const end = this.#parts.clock.busy()
    await this.#slice
    this.#slice = undefined
    end()
    this.#advance()
  }

  #advance(): void {
    if (this.#isOver) return
    const { flash, clock, onPowerCut, onFailure } = this.#parts
    const busyBefore = flash.busyMilliseconds
    this.#busySince = clock.now()
    try {
      const step = this.#step()
      flash.markBusy()
      const wait = flash.busyMilliseconds - busyBefore
      this.#cancelWait = clock.after(wait, () => this.#follow(step))
    } catch (error) {
      this.#isOver = true
      if (error instanceof PowerCut) onPowerCut()
      else onFailure(error)
    }
  }

  #step(): IteratorResult<RewriteProgress, void> {
    this.#steps ??= this.#parts.begin()
    let step = this.#steps.next()
    for (let count = 1; count < this.#parts.stepsAtOnce && !step.done; count++) {
      step = this.#steps.next()
    }
    return step
  }

  #follow({ done = false, value }: IteratorResult<RewriteProgress, void>): void {
    this.#cancelWait = undefined
    this.#parts.flash.settle()
    if (value) this.#parts.onProgress(value)
    if (!done) {
      this.#advance()
      return
    }
    this.#isOver = true
    this.#parts.onDone()
  }
}
