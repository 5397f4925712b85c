import { computed, type ComputedRef } from 'vue'
import { useApp } from '../stores/app'
import { useNow } from './now'

/** The workbench's time in milliseconds, moving on with the window's clock where it is real. */
export function useWorkbenchTime(): ComputedRef<number> {
  const app = useApp()
  const now = useNow()
  return computed(() =>
    app.clock.kind === 'virtual' ? app.clock.now : app.clock.now + (now.value - app.clock.toldAt),
  )
}
