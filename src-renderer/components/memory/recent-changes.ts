import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'

const SHOWN_FOR = 1200
/** A change is shown in so many steps, each fainter than the one before. */
const STEPS = 3

/** By cell how faint its change has become: 0 is fresh. */
export type RecentChanges = ReadonlyMap<number, number>

export interface Watched<Memory> {
  /** Which memory it is: another one begins without recent changes. */
  readonly key: () => string
  readonly memory: () => Memory
  /** The cells that differ. */
  readonly changed: (before: Memory, after: Memory) => readonly number[]
}

/** The cells that changed a moment ago. */
export function useRecentChanges<Memory>(watched: Watched<Memory>): ShallowRef<RecentChanges> {
  const recent = shallowRef<RecentChanges>(new Map())
  const until = new Map<number, number>()
  let timer: ReturnType<typeof setTimeout> | undefined

  function show(): void {
    const now = performance.now()
    for (const [cell, end] of until) if (end <= now) until.delete(cell)
    const faintness = (end: number) => STEPS - 1 - Math.floor(((end - now) / SHOWN_FOR) * STEPS)
    if (until.size > 0 || recent.value.size > 0) {
      recent.value = new Map([...until].map(([cell, end]) => [cell, Math.max(0, faintness(end))]))
    }
    clearTimeout(timer)
    if (until.size > 0) timer = setTimeout(show, SHOWN_FOR / STEPS)
  }

  watch([watched.key, watched.memory] as const, ([key, after], [keyBefore, before]) => {
    if (key !== keyBefore) until.clear()
    else {
      const end = performance.now() + SHOWN_FOR
      for (const cell of watched.changed(before, after)) until.set(cell, end)
    }
    show()
  })
  onScopeDispose(() => clearTimeout(timer))
  return recent
}

/** Cells by the step of their change, for three layers of a map. */
export function fadingSteps(recent: RecentChanges): number[][] {
  const steps: number[][] = Array.from({ length: STEPS }, () => [])
  for (const [cell, step] of recent) steps[step]?.push(cell)
  return steps
}
