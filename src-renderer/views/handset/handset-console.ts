import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { useHandsets } from '../../stores/handsets'

/** Which handset the console shows. */
export const useHandsetConsole = defineStore('handset-console', () => {
  const handsets = useHandsets()
  const name = ref<string | null>(null)
  const handset = computed(() => handsets.list.find(one => one.name === name.value) ?? null)
  let place = 0

  watch(
    () => handsets.list,
    list => {
      const at = list.findIndex(one => one.name === name.value)
      if (at !== -1) place = at
      // The neighbour of one that was removed; the first one at the beginning.
      else if (name.value !== null || list.length > 0) {
        name.value = list[Math.min(place, list.length - 1)]?.name ?? null
      }
    },
    { immediate: true },
  )

  /** Chooses the handset so many places on in the list, round its end. */
  function step(places: number): void {
    const { list } = handsets
    const at = list.findIndex(one => one.name === name.value)
    name.value = list.at((at + places) % list.length)?.name ?? null
  }

  return { name, handset, step }
})
