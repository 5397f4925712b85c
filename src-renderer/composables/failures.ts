import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { problemOf, type Problem } from '../rpc/problem'

/** What failed with no better place to say it: commands of menu and palette, single buttons. */
export const useFailures = defineStore('failures', () => {
  const problem = shallowRef<Problem | null>(null)

  function report(thrown: unknown): void {
    problem.value = problemOf(thrown)
    // What carries no code is a defect: it must show in the browser's own console too.
    if (problem.value.code === 'UNEXPECTED') {
      queueMicrotask(() => {
        throw thrown
      })
    }
  }

  return { problem, report, dismiss: () => void (problem.value = null) }
})
