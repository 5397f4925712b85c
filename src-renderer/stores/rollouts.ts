import { defineStore } from 'pinia'
import { ref, shallowReactive } from 'vue'
import type { WorkbenchInputs } from '../../src-main/contract/index'
import type { Rollout } from '../../src-main/contract/rollouts'
import { useConnection } from '../rpc/connection'

type Inputs = WorkbenchInputs['carrier']

/** How many rollouts the window keeps; the workbench may know more. */
const WINDOW_ROLLOUTS_MAX = 500

/** Vendors' releases at the carrier, and whom the carrier knows. */
export const useRollouts = defineStore('rollouts', () => {
  const connection = useConnection()
  /** Newest first. */
  const list = ref<Rollout[]>([])
  /** By rollout: rises when some of its tasks changed. */
  const taskChanges = shallowReactive(new Map<number, number>())

  function begin(all: readonly Rollout[]): void {
    list.value = all.toSorted((a, b) => b.id - a.id)
    taskChanges.clear()
  }

  function put(rollout: Rollout): void {
    const others = list.value.filter(({ id }) => id !== rollout.id)
    list.value = [...others, rollout].toSorted((a, b) => b.id - a.id).slice(0, WINDOW_ROLLOUTS_MAX)
  }

  function noteTasks(rolloutId: number): void {
    taskChanges.set(rolloutId, (taskChanges.get(rolloutId) ?? 0) + 1)
  }

  const calls = () => connection.client().carrier
  const putting = async (answer: Promise<Rollout>) => {
    const rollout = await answer
    put(rollout)
    return rollout
  }

  return {
    list,
    taskChanges,
    begin,
    put,
    noteTasks,
    history: (id: number) => calls().history({ id }),
    tasks: (input: Inputs['tasks']) => calls().tasks(input),
    defaults: () => calls().rolloutDefaults(),
    setDefaults: (input: Inputs['setRolloutDefaults']) => calls().setRolloutDefaults(input),
    markNotified: (input: Inputs['markNotified']) => putting(calls().markNotified(input)),
    configure: (input: Inputs['configureRollout']) => putting(calls().configureRollout(input)),
    fetchAgain: (id: number) => putting(calls().fetchRollout({ id })),
    pause: (id: number) => putting(calls().pauseRollout({ id })),
    resume: (id: number) => putting(calls().resumeRollout({ id })),
    cancel: (id: number) => putting(calls().cancelRollout({ id })),
    retry: (input: Inputs['retryTasks']) => calls().retryTasks(input),
    answer: (input: Inputs['answerForDevice']) => calls().answerForDevice(input),
    vendors: () => calls().vendors(),
    setVendor: (input: Inputs['setVendor']) => calls().setVendor(input),
    addresses: () => calls().addresses(),
    setAddress: (input: Inputs['setAddress']) => calls().setAddress(input),
  }
})
