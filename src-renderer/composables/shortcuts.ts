import { onScopeDispose } from 'vue'
import { commandFor } from '../commands/shortcut'
import { useCommands } from '../commands/registry'
import { bridge } from '../rpc/bridge'

/** Carries out commands by their keys, and those chosen in the native menu. */
export function useShortcuts(): void {
  const commands = useCommands()

  function press(event: KeyboardEvent): void {
    const id = event.isComposing ? undefined : commandFor(event)
    if (id === undefined) return
    // Also where nothing is done: the browser would save the page or open a file in its place.
    event.preventDefault()
    if (!event.repeat && !document.querySelector('[role="dialog"]')) commands.run(id)
  }

  window.addEventListener('keydown', press)
  const forget = bridge()?.onCommand(id => void commands.run(id))
  onScopeDispose(() => {
    window.removeEventListener('keydown', press)
    forget?.()
  })
}
