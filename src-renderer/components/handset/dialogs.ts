import { defineStore } from 'pinia'
import { ref } from 'vue'

/** Which dialog about virtual handsets is open, from whichever console. */
export const useHandsetDialogs = defineStore('handset-dialogs', () => {
  /** Null: not open. What a new handset is, unless a person chooses otherwise. */
  const creating = ref<'bricked' | 'sound' | null>(null)
  /** Name of the handset whose power cut is being planned. */
  const cutting = ref<string | null>(null)
  /** Name of the handset that a fault is planned for. */
  const faulting = ref<string | null>(null)
  return { creating, cutting, faulting }
})
