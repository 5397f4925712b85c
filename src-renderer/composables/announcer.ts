import { defineStore } from 'pinia'
import { ref } from 'vue'

/** The sentence that screen readers speak next; shown in the live region of the shell. */
export const useAnnouncer = defineStore('announcer', () => {
  const sentence = ref('')
  return { sentence, say: (text: string) => void (sentence.value = text) }
})
