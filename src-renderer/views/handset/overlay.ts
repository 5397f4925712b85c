import { computed, type WritableComputedRef } from 'vue'
import { useLayout } from '../../composables/layout'

/** What the cells of the flash map tell. */
export const OVERLAYS = ['content', 'wear', 'execution'] as const
export type Overlay = (typeof OVERLAYS)[number]

/** The settings remember its number. */
export function useOverlay(): WritableComputedRef<Overlay> {
  const number = useLayout('handset.overlay', 0)
  return computed({
    get: () => OVERLAYS[number.value] ?? OVERLAYS[0],
    set: overlay => (number.value = OVERLAYS.indexOf(overlay)),
  })
}
