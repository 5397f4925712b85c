import { computed, ref, shallowRef, watch } from 'vue'
import type { EncodingChoice, RestorePlan } from '../../../src-main/contract/restore'
import { problemOf, type Problem } from '../../rpc/problem'
import { useRestore } from '../../stores/restore'
import { planToFollow, type PlansMade } from './plan'

export interface PlanOrder {
  readonly link: string
  readonly digest: string
  readonly encoding: EncodingChoice
}

export type Planning =
  | { readonly kind: 'asking' }
  | ({ readonly kind: 'made'; readonly at: number } & PlansMade)
  | { readonly kind: 'failed'; readonly problem: Problem }

/**
 * The plan for what is chosen. It is dropped as soon as the device, the image or how they are
 * reached may have changed, so that none is shown that no longer holds.
 */
export function usePlanning(order: () => PlanOrder | null) {
  const restore = useRestore()
  const planning = shallowRef<Planning | null>(null)
  /** Whether an interrupted restore is to be gone on with, where that can be. */
  const goesOn = ref(true)
  /** Whether to write although the image seems damaged. */
  const isForced = ref(false)
  let round = 0

  const plan = computed(() =>
    planning.value?.kind === 'made' ? planToFollow(planning.value, goesOn.value) : null,
  )

  function drop(): void {
    round += 1
    planning.value = null
    goesOn.value = true
    isForced.value = false
  }

  async function make(): Promise<RestorePlan | null> {
    const wanted = order()
    if (!wanted) return null
    const own = ++round
    planning.value = { kind: 'asking' }
    try {
      const made = await askFor(wanted)
      if (own !== round) return null
      planning.value = { kind: 'made', at: Date.now(), ...made }
      restore.know(wanted.link, made.fresh.device)
    } catch (error) {
      if (own === round) planning.value = { kind: 'failed', problem: problemOf(error) }
    }
    return plan.value
  }

  /** Only where a restore was interrupted is it worth while to ask how it could go on. */
  async function askFor({ link, digest, encoding }: PlanOrder): Promise<PlansMade> {
    const ask = (resume: boolean) =>
      restore.plan({ link, digest, options: { encoding, resume, force: isForced.value } })
    const fresh = await ask(false)
    const onward = fresh.interruptedAt === null ? null : await ask(true)
    return { fresh, onward }
  }

  watch(() => Object.values(order() ?? {}).join(' '), drop, { flush: 'sync' })

  return { planning, plan, goesOn, isForced, make, drop }
}
