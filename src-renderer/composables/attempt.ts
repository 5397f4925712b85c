import { shallowRef, type ShallowRef } from 'vue'
import { problemOf, type Problem } from '../rpc/problem'

export interface Attempts {
  /** Why the last attempt failed; null after a success. */
  readonly problem: ShallowRef<Problem | null>
  /** Runs the work; keeps its failure. Answers whether it succeeded. */
  readonly attempt: (work: () => Promise<unknown>) => Promise<boolean>
}

/** For what a person starts and must see fail. */
export function useProblem(): Attempts {
  const problem = shallowRef<Problem | null>(null)

  async function attempt(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work()
      problem.value = null
      return true
    } catch (error) {
      problem.value = problemOf(error)
      return false
    }
  }

  return { problem, attempt }
}
