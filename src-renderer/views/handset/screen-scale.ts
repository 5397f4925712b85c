import { computed, onMounted, onScopeDispose, ref, type ComputedRef, type Ref } from 'vue'

/** What the body of the phone needs beside its screen, in pixels. */
const BODY = 50
const SCALE_MAX = 3

/** How many pixels of the window a pixel of the display takes, so that the phone fits its pane. */
export function useScreenScale(
  frame: Readonly<Ref<HTMLElement | null>>,
  displayWidth: () => number,
): ComputedRef<number> {
  const room = ref(0)
  const observer = new ResizeObserver(() => (room.value = frame.value?.clientWidth ?? 0))
  onMounted(() => {
    if (frame.value) observer.observe(frame.value)
  })
  onScopeDispose(() => observer.disconnect())
  return computed(() => {
    const fitting = Math.floor((room.value - BODY) / Math.max(1, displayWidth()))
    return Math.min(SCALE_MAX, Math.max(1, fitting))
  })
}
