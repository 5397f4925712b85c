import { computed, onScopeDispose, type WritableComputedRef } from 'vue'
import { useConnection } from '../rpc/connection'
import { useApp } from '../stores/app'

const SAVE_PAUSE = 400

/**
 * A number that the settings remember under a name, such as the size of a pane or the place of a
 * choice; saved when it has rested for a moment. Until then what comes from the workbench, the
 * answer to an earlier save for example, does not take it back.
 */
export function useLayout(name: string, initial: number): WritableComputedRef<number> {
  const app = useApp()
  const connection = useConnection()
  let timer: ReturnType<typeof setTimeout> | undefined

  function save(): void {
    clearTimeout(timer)
    timer = undefined
    if (!connection.isConnected) return
    // Where it fails, the number stays in this window and is saved with the next change.
    app.saveLayout().catch(() => undefined)
  }

  onScopeDispose(() => {
    if (timer !== undefined) save()
  })

  return computed({
    get: () => app.unsavedLayout[name] ?? app.settings.layout[name] ?? initial,
    set: value => {
      app.unsavedLayout = { ...app.unsavedLayout, [name]: value }
      clearTimeout(timer)
      timer = setTimeout(save, SAVE_PAUSE)
    },
  })
}
