import { onScopeDispose } from 'vue'

/** Widgets that close put the focus back themselves, a moment after they are gone. */
const PATIENCE = 50

/**
 * Where the element with the focus goes away, the browser drops the focus and keys lead nowhere.
 * It then goes to the nearest place around that can have it, and to `last` where none is left.
 */
export function useFocusRescue(last: () => HTMLElement | undefined): void {
  let path: readonly EventTarget[] = []
  let timer: ReturnType<typeof setTimeout> | undefined

  function remember(event: FocusEvent): void {
    path = event.composedPath()
  }

  function rescue(): void {
    const [lost] = path
    if (document.activeElement !== document.body) return
    if (!(lost instanceof Element) || lost.isConnected) return
    const near = path.find(
      place => place instanceof HTMLElement && place.isConnected && place.hasAttribute('tabindex'),
    )
    const place = near instanceof HTMLElement ? near : last()
    place?.focus({ preventScroll: true })
  }

  const observer = new MutationObserver(() => {
    if (document.activeElement !== document.body || timer !== undefined) return
    timer = setTimeout(() => {
      timer = undefined
      rescue()
    }, PATIENCE)
  })
  document.addEventListener('focusin', remember)
  observer.observe(document.body, { childList: true, subtree: true })
  onScopeDispose(() => {
    document.removeEventListener('focusin', remember)
    observer.disconnect()
    clearTimeout(timer)
  })
}
