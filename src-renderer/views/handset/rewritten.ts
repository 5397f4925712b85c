import { computed, shallowRef, watch, type ComputedRef } from 'vue'
import type { HandsetView } from '../../../src-main/contract/handsets'
import { erasedSince } from './flash-cells'

/**
 * Sectors of the software that were erased since the newest update began, as far as this window
 * saw it: the wear at the first sight of an update is what later wear is compared with.
 */
export function useRewritten(
  handset: () => HandsetView,
  erases: () => readonly number[] | null,
): ComputedRef<ReadonlySet<number>> {
  const before = shallowRef<{ readonly update: string; readonly erases: readonly number[] }>()
  const update = () => `${handset().name} ${handset().update?.startedAt ?? ''}`

  watch(
    [update, erases] as const,
    ([now, known]) => {
      if (known && before.value?.update !== now) before.value = { update: now, erases: known }
    },
    { immediate: true },
  )
  return computed(() => {
    const [known, now] = [before.value, erases()]
    if (!known || !now || handset().update === null || known.update !== update()) return new Set()
    return erasedSince(handset().flash, known.erases, now)
  })
}
