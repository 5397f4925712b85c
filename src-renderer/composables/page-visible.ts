import { onScopeDispose, ref, type Ref } from 'vue'

/** Whether anybody can see the page: not a hidden tab, not a minimised window. */
export function usePageVisible(): Ref<boolean> {
  const isVisible = ref(!document.hidden)
  const note = () => (isVisible.value = !document.hidden)
  document.addEventListener('visibilitychange', note)
  onScopeDispose(() => document.removeEventListener('visibilitychange', note))
  return isVisible
}
