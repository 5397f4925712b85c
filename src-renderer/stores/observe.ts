import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { TraceEntry } from '../../src-main/contract/observe'
import { useConnection } from '../rpc/connection'

/** More than this are dropped from the window, oldest first; the workbench may hold more. */
export const WINDOW_ENTRIES_MAX = 50_000
const PAGE_ENTRIES = 2000

export const useObserve = defineStore('observe', () => {
  const connection = useConnection()
  /** Oldest first. A large list: replaced as a whole, never changed in place. */
  const entries = shallowRef<readonly TraceEntry[]>([])
  const mayHaveOlder = ref(false)
  const loadingOlder = ref(false)

  function begin(newest: readonly TraceEntry[]): void {
    entries.value = newest
    mayHaveOlder.value = (newest[0]?.sequence ?? 1) > 1
  }

  function append(newer: readonly TraceEntry[]): void {
    const joined = [...entries.value, ...newer]
    if (joined.length > WINDOW_ENTRIES_MAX) mayHaveOlder.value = true
    entries.value = joined.slice(-WINDOW_ENTRIES_MAX)
  }

  function empty(): void {
    entries.value = []
    mayHaveOlder.value = false
  }

  async function loadOlder(): Promise<void> {
    const before = entries.value[0]?.sequence
    if (loadingOlder.value || !mayHaveOlder.value || before === undefined) return
    loadingOlder.value = true
    try {
      const older = await connection.client().observe.trace({ before, limit: PAGE_ENTRIES })
      // Cleared or begun anew meanwhile: these no longer join what is there.
      if (entries.value[0]?.sequence !== before) return
      entries.value = [...older, ...entries.value]
      mayHaveOlder.value = older.length === PAGE_ENTRIES
    } finally {
      loadingOlder.value = false
    }
  }

  return {
    entries,
    mayHaveOlder,
    loadingOlder,
    begin,
    append,
    empty,
    loadOlder,
    message: (sequence: number) => connection.client().observe.message({ sequence }),
    /** The newest refusals, newest last. */
    audit: (limit: number) => connection.client().observe.audit({ limit }),
    clear: () => connection.client().observe.clearTrace(),
  }
})
