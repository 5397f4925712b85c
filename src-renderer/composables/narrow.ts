import { onScopeDispose, ref, type Ref } from 'vue'

/** Whether the window is narrower than so many pixels. */
export function useNarrow(pixels: number): Ref<boolean> {
  const query = window.matchMedia(`(width < ${pixels}px)`)
  const isNarrow = ref(query.matches)
  const note = () => (isNarrow.value = query.matches)
  query.addEventListener('change', note)
  onScopeDispose(() => query.removeEventListener('change', note))
  return isNarrow
}
