import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { DeltaJob } from '../../src-main/contract/delta'
import type { WorkbenchInputs } from '../../src-main/contract/index'
import { useConnection } from '../rpc/connection'

/** Work on differential files: making them, and cutting the power while they are applied. */
export const useDelta = defineStore('delta', () => {
  const connection = useConnection()
  /** Newest first. */
  const jobs = ref<DeltaJob[]>([])

  function begin(all: readonly DeltaJob[]): void {
    jobs.value = all.toSorted((a, b) => b.id - a.id)
  }

  function put(job: DeltaJob): void {
    const others = jobs.value.filter(({ id }) => id !== job.id)
    jobs.value = [...others, job].toSorted((a, b) => b.id - a.id)
  }

  /** Takes what a call answered, unless an event was faster and knows more. */
  function learn(job: DeltaJob): void {
    if (!jobs.value.some(({ id }) => id === job.id)) put(job)
  }

  const delta = () => connection.client().delta

  return {
    jobs,
    begin,
    put,
    learn,
    cuts: (input: WorkbenchInputs['delta']['cuts']) => delta().cuts(input),
    cut: (input: WorkbenchInputs['delta']['cut']) => delta().cut(input),
    cancel: (id: number) => delta().cancel({ id }),
  }
})
