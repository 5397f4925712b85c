import { onScopeDispose, ref, shallowRef, watch, type ShallowRef } from 'vue'
import type { LogLine, RestoreView } from '../../../src-main/contract/restore'
import { useConnection } from '../../rpc/connection'
import { problemOf, type Problem } from '../../rpc/problem'
import { useRestore } from '../../stores/restore'

const ASK_EVERY = 500

export interface RestoreLog {
  readonly lines: ShallowRef<readonly LogLine[]>
  readonly problem: ShallowRef<Problem | null>
}

/** The log of a restore, asked for again while it runs and when the connection is back. */
export function useRestoreLog(shown: () => RestoreView | null): RestoreLog {
  const connection = useConnection()
  const restore = useRestore()
  const lines = shallowRef<readonly LogLine[]>([])
  const problem = shallowRef<Problem | null>(null)
  const beat = ref(0)
  const timer = setInterval(() => {
    const one = shown()
    if (connection.isConnected && one && one.stage !== 'ended') beat.value += 1
  }, ASK_EVERY)
  onScopeDispose(() => clearInterval(timer))

  watch(
    [() => shown()?.id, () => shown()?.stage, beat, () => connection.isConnected] as const,
    async ([id, , , isConnected], before) => {
      if (id !== before[0]) lines.value = []
      // What was read stays while the connection is broken.
      if (id === undefined || !isConnected) return
      try {
        const answer = await restore.log(id)
        if (shown()?.id === id) lines.value = answer
        problem.value = null
      } catch (error) {
        problem.value = problemOf(error)
      }
    },
    { immediate: true },
  )
  return { lines, problem }
}
