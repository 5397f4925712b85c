import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import type { CutPicture } from '../../../src-main/contract/delta'
import { useConnection } from '../../rpc/connection'
import { problemOf, type Problem } from '../../rpc/problem'
import { useDelta } from '../../stores/delta'
import type { CutPoint } from './verdicts'

export interface WantedCut extends CutPoint {
  /** Of the run whose images are meant. */
  readonly id: number
}

/**
 * The picture of the wanted cut. One question at a time: a slider that is drawn along asks for the
 * place where it is when the answer comes. The last picture stays until the next one is there.
 * Nothing is asked while the connection is broken; then the question comes again.
 */
export function useCut(wanted: () => WantedCut | null): {
  readonly picture: ShallowRef<CutPicture | null>
  readonly problem: ShallowRef<Problem | null>
  readonly isAsking: ShallowRef<boolean>
} {
  const connection = useConnection()
  const delta = useDelta()
  const picture = shallowRef<CutPicture | null>(null)
  const problem = shallowRef<Problem | null>(null)
  const isAsking = shallowRef(false)
  let isLeft = false

  async function ask(cut: WantedCut): Promise<void> {
    isAsking.value = true
    try {
      const got = await delta.cut(cut)
      if (wanted()?.id === cut.id) picture.value = got
      problem.value = null
    } catch (error) {
      problem.value = problemOf(error)
    }
    isAsking.value = false
    const next = wanted()
    if (isLeft || !connection.isConnected) return
    if (next && keyOf(next) !== keyOf(cut)) await ask(next)
  }

  watch(
    [() => keyOf(wanted()), () => connection.isConnected] as const,
    ([, isConnected]) => {
      const cut = wanted()
      if (cut === null) picture.value = null
      else if (isConnected && !isAsking.value) void ask(cut)
    },
    { immediate: true },
  )
  onScopeDispose(() => (isLeft = true))
  return { picture, problem, isAsking }
}

function keyOf(cut: WantedCut | null): string {
  return cut === null ? '' : [cut.id, cut.operation, cut.kind, cut.seed].join(' ')
}
