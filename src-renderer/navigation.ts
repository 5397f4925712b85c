import { defineStore } from 'pinia'
import { ref } from 'vue'

/** The consoles in the order of the navigation. */
export const CONSOLE_IDS = ['restore', 'handset', 'vendor', 'carrier', 'trace'] as const
export type ConsoleId = (typeof CONSOLE_IDS)[number]

/** Which console is open; kept in the address, so that reload and history work. */
export const useNavigation = defineStore('navigation', () => {
  const current = ref(idOf(window.location.hash))
  window.addEventListener('hashchange', () => (current.value = idOf(window.location.hash)))

  function go(wanted: ConsoleId): void {
    current.value = wanted
    window.location.hash = `/${wanted}`
  }

  return { current, go }
})

function idOf(hash: string): ConsoleId {
  return CONSOLE_IDS.find(id => hash === `#/${id}`) ?? CONSOLE_IDS[0]
}
