import type { Clock } from '../../base/clock'
import { CodedError } from '../../base/coded-error'
import type { Board } from '../board'
import type { AddressRange } from '../cpu/cpu-port'
import type { HandsetModel } from '../model/model'
import { RamMap } from './ram-map'

/** Running software that has not stopped its tasks by then never will. */
const STOP_MS_MAX = 2000

export interface RamControlParts {
  readonly ram: HandsetModel['ram']
  readonly board: Board
  readonly clock: Clock
  /** The software must look at its pins and its locked area again. */
  readonly onInputs: () => void
}

/**
 * Secures an area of the RAM while software runs: asks it to stop tasks, waits until it has, and
 * locks the area, which makes every access of the software a fault.
 */
export class RamControl {
  readonly map: RamMap
  readonly #parts: RamControlParts
  #wanted = 0
  #stopped: (() => void) | undefined

  constructor(parts: RamControlParts) {
    this.#parts = parts
    this.map = new RamMap(parts.ram)
  }

  /** The secured area, as the CPU sees it. */
  get locked(): AddressRange | undefined {
    return this.map.secured
  }

  /**
   * Resolves with the area. Rejects with `RAM_INSUFFICIENT` where it cannot be had and with
   * `RAM_SECURED` where one is; everything is then as it was (S0-05).
   */
  async secure(bytes: number, softwareRuns: boolean): Promise<AddressRange> {
    const plan = this.map.plan(bytes)
    const tasks = this.map.limitedTasks
    if (softwareRuns && tasks !== 0) {
      await this.#stopTasks(tasks)
      // Whoever gave it back may have begun to secure another area since.
      if (!this.map.holds(plan))
        throw insufficient('The area was given back before it was secured.')
      if (!this.#areStopped(tasks)) {
        this.map.abandon(plan)
        this.#limit(0)
        throw insufficient(
          'The software did not stop the tasks that hold the RAM. Switch it off and on.',
        )
      }
    }
    const area = this.map.secure(plan)
    this.#parts.onInputs()
    return area
  }

  /** Gives the area back; the limited tasks run again. */
  release(): void {
    this.map.release()
    this.#limit(0)
    this.#stopped?.()
  }

  /** As after a reset: no task is limited and nothing is secured. */
  reset(): void {
    this.map.release()
    this.#wanted = 0
    this.#parts.board.limitTasks(0)
    this.#stopped?.()
  }

  /** The software may have stopped what it was asked to stop. */
  stoppedTasksChanged(): void {
    if (this.#areStopped(this.#wanted)) this.#stopped?.()
  }

  /** Resolves when they are stopped, or nobody waits for that any more. */
  async #stopTasks(tasks: number): Promise<void> {
    this.#limit(tasks)
    await new Promise<void>(done => {
      const cancel = this.#parts.clock.after(STOP_MS_MAX, done)
      this.#stopped = () => {
        this.#stopped = undefined
        cancel()
        done()
      }
      this.stoppedTasksChanged()
    })
  }

  /** Words of 32 bits, whatever their sign. */
  #areStopped(tasks: number): boolean {
    return (~this.#parts.board.stoppedTasks & tasks) === 0
  }

  #limit(tasks: number): void {
    this.#wanted = tasks
    this.#parts.board.limitTasks(tasks)
    this.#parts.onInputs()
  }
}

function insufficient(message: string): CodedError {
  return new CodedError('RAM_INSUFFICIENT', message)
}
