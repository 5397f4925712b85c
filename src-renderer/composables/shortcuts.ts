import { onScopeDispose } from 'vue'
import { commandFor } from '../commands/shortcut'
import { useCommands } from '../commands/registry'
import { bridge } from '../rpc/bridge'

/** Carries out commands by their keys, and those chosen in the native menu. */
export function useShortcuts(): void {
  const commands = useCommands()

  function press(event: KeyboardEvent): void {
    if (event.isComposing || event.repeat) return
    const id = commandFor(event)
    if (id === undefined || document.querySelector('[role="dialog"]')) return
    if (commands.run(id)) event.preventDefault()
  }

  window.addEventListener('keydown', press)
  const forget = bridge()?.onCommand(id => void commands.run(id))
  onScopeDispose(() => {
    window.removeEventListener('keydown', press)
    forget?.()
  })
}
