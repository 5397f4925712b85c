import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { problemOf, type Problem } from '../../rpc/problem'
import { useObserve } from '../../stores/observe'
import { actorsOf, filterTrace, isFiltering, labelsOf, NO_FILTER, type TraceFilter } from './filter'
import { ROW } from './ladder'

/** What the Trace shows of the messages, and which one is chosen. */
export const useTrace = defineStore('trace', () => {
  const observe = useObserve()
  const filter = ref<TraceFilter>(NO_FILTER)
  const selected = ref<number | null>(null)
  const isFollowing = ref(true)
  /** How far list and diagram are scrolled, together. */
  const top = ref(0)
  const problem = shallowRef<Problem | null>(null)

  const shown = computed(() => filterTrace(observe.entries, filter.value))
  const actors = computed(() => actorsOf(shown.value))
  const allActors = computed(() => actorsOf(observe.entries))
  const allLabels = computed(() => labelsOf(observe.entries))
  const entry = computed(() => observe.entries.find(one => one.sequence === selected.value) ?? null)

  watch(filter, () => (top.value = 0))

  function narrow(change: Partial<TraceFilter>): void {
    filter.value = { ...filter.value, ...change }
  }

  function select(sequence: number | null): void {
    selected.value = sequence
    if (sequence !== null) isFollowing.value = false
  }

  /** Chooses the message so many rows on (or back), within what is shown. */
  function step(rows: number): void {
    const list = shown.value
    if (list.length === 0) return
    const at = list.findIndex(one => one.sequence === selected.value)
    const from = at !== -1 ? at : rows > 0 ? -1 : list.length
    const wanted = from + rows
    const place = Math.min(list.length - 1, Math.max(0, wanted))
    select(list[place]?.sequence ?? null)
  }

  /** The rows that were in view stay in view. */
  async function loadOlder(): Promise<void> {
    const before = shown.value.length
    try {
      await observe.loadOlder()
      problem.value = null
    } catch (error) {
      problem.value = problemOf(error)
    }
    top.value += (shown.value.length - before) * ROW
  }

  async function clear(): Promise<void> {
    try {
      await observe.clear()
      selected.value = null
      problem.value = null
    } catch (error) {
      problem.value = problemOf(error)
    }
  }

  return {
    filter,
    selected,
    isFollowing,
    top,
    problem,
    shown,
    actors,
    allActors,
    allLabels,
    entry,
    isFiltering: computed(() => isFiltering(filter.value)),
    narrow,
    select,
    step,
    loadOlder,
    clear,
    reset: () => void (filter.value = NO_FILTER),
  }
})
