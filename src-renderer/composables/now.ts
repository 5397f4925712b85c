import { onScopeDispose, ref, type Ref } from 'vue'

/** The window's own clock in milliseconds, for display only; moves on every second. */
export function useNow(): Ref<number> {
  const now = ref(Date.now())
  const timer = setInterval(() => (now.value = Date.now()), 1000)
  onScopeDispose(() => clearInterval(timer))
  return now
}
