import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import { useConnection } from '../rpc/connection'
import { problemOf, type Problem } from '../rpc/problem'
import { usePageVisible } from './page-visible'

export interface Polled<Answer> {
  /** Null until the first answer about what is asked now. */
  readonly answer: ShallowRef<Answer | null>
  readonly problem: ShallowRef<Problem | null>
}

export interface Poll<Subject, Answer> {
  /** What is asked about, a plain value; null: nothing, the asking rests. */
  readonly subject: () => Subject | null
  readonly ask: (subject: Subject) => Promise<Answer>
  /** At the shortest so many milliseconds lie between an answer and the next question. */
  readonly pause: number
  /** Where it is given, the next question waits until this has changed. */
  readonly until?: () => unknown
}

/**
 * Asks while somebody can see the answer: not for a hidden page, not while the connection is
 * broken, and never before the last question was answered.
 */
export function usePolling<Subject, Answer>(poll: Poll<Subject, Answer>): Polled<Answer> {
  const connection = useConnection()
  const isVisible = usePageVisible()
  const answer: ShallowRef<Answer | null> = shallowRef(null)
  const problem = shallowRef<Problem | null>(null)
  let round = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  /** Something has changed since the last question was asked. */
  let isDue = false
  let isResting = false

  async function ask(subject: Subject, own: number): Promise<void> {
    isDue = poll.until === undefined
    isResting = false
    try {
      const got = await poll.ask(subject)
      if (own !== round) return
      answer.value = got
      problem.value = null
    } catch (error) {
      if (own !== round) return
      problem.value = problemOf(error)
    }
    isResting = true
    if (isDue) askLater(subject, own)
  }

  function askLater(subject: Subject, own: number): void {
    isResting = false
    timer = setTimeout(() => void ask(subject, own), poll.pause)
  }

  watch(
    [poll.subject, () => connection.isConnected && isVisible.value] as const,
    ([subject, isWanted], [before]) => {
      round += 1
      clearTimeout(timer)
      isResting = false
      if (subject !== before) answer.value = null
      if (subject !== null && isWanted) void ask(subject, round)
    },
    { immediate: true },
  )
  watch(
    () => poll.until?.(),
    () => {
      isDue = true
      const subject = poll.subject()
      if (isResting && subject !== null) askLater(subject, round)
    },
  )
  onScopeDispose(() => {
    round += 1
    clearTimeout(timer)
  })
  return { answer, problem }
}
