import { defineStore } from 'pinia'
import { computed } from 'vue'
import { useLayout } from '../../composables/layout'

export const TABS = ['memory', 'terminal', 'timeline', 'update', 'cuts'] as const
export type RecordsTab = (typeof TABS)[number]

/** Which tab of the records is open; the settings remember its number. */
export const useRecordsTab = defineStore('handset-records-tab', () => {
  const number = useLayout('handset.tab', 0)
  const shown = computed<RecordsTab>({
    get: () => TABS[number.value] ?? TABS[0],
    set: tab => (number.value = TABS.indexOf(tab)),
  })
  return { shown }
})
