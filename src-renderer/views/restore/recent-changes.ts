import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import { changedCells, type Cells } from './memory'

const SHOWN_FOR = 900

/** The cells that changed a moment ago. Another memory (another `key`) begins with none. */
export function useRecentChanges(
  key: () => string,
  cells: () => Cells,
): ShallowRef<ReadonlySet<number>> {
  const recent = shallowRef<ReadonlySet<number>>(new Set())
  const until = new Map<number, number>()
  let timer: ReturnType<typeof setTimeout> | undefined

  function show(): void {
    const now = performance.now()
    for (const [cell, end] of until) if (end <= now) until.delete(cell)
    recent.value = new Set(until.keys())
    clearTimeout(timer)
    if (until.size > 0) timer = setTimeout(show, SHOWN_FOR / 3)
  }

  watch([key, cells] as const, ([name, after], [nameBefore, before]) => {
    if (name !== nameBefore) until.clear()
    else {
      const end = performance.now() + SHOWN_FOR
      for (const cell of changedCells(before, after)) until.set(cell, end)
    }
    show()
  })
  onScopeDispose(() => clearTimeout(timer))
  return recent
}
