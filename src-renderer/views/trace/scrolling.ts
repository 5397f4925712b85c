import { computed, onMounted, onScopeDispose, ref, useTemplateRef, watch, type Ref } from 'vue'
import { HEADER, ROW } from './ladder'
import { useTrace } from './trace'

/**
 * Empty room below the last message. Where only list or diagram has a horizontal scroll bar, it
 * lets the other one scroll as far.
 */
const SLACK = 16

export interface Scrolling {
  /** The element with `ref="scroller"` of the component. */
  readonly scroller: Readonly<Ref<HTMLElement | null>>
  /** Height of all messages. */
  readonly allHeight: Ref<number>
  /** Size of the part in view, without the head. */
  readonly width: Ref<number>
  readonly height: Ref<number>
  /** Listeners of that element: it scrolls, and keys and clicks choose a message. */
  readonly events: {
    scroll(): void
    keydown(event: KeyboardEvent): void
    click(event: MouseEvent): void
  }
}

/** List and diagram scroll as one, follow the newest message, and share the choice. */
export function useTraceScrolling(): Scrolling {
  const trace = useTrace()
  const scroller = useTemplateRef<HTMLElement>('scroller')
  const width = ref(0)
  const height = ref(0)
  const allHeight = computed(() => trace.shown.length * ROW + SLACK)
  const observer = new ResizeObserver(() => {
    width.value = scroller.value?.clientWidth ?? 0
    height.value = Math.max(0, (scroller.value?.clientHeight ?? 0) - HEADER)
    place()
  })

  function place(): void {
    const element = scroller.value
    if (!element) return
    const bottom = Math.max(0, trace.shown.length * ROW - height.value)
    // List and diagram may differ by a scroll bar: the greater one holds for both.
    const isFar = bottom > trace.top || trace.top - bottom > SLACK
    if (trace.isFollowing && isFar) trace.top = bottom
    if (Math.abs(element.scrollTop - trace.top) >= 1) element.scrollTop = trace.top
  }

  function scroll(): void {
    const element = scroller.value
    if (!element || Math.abs(element.scrollTop - trace.top) < 1) return
    // Whoever scrolls back wants to read: following would pull the rows away.
    if (element.scrollTop < trace.top - 1) trace.isFollowing = false
    trace.top = element.scrollTop
  }

  function reveal(): void {
    const row = trace.shown.findIndex(one => one.sequence === trace.selected)
    if (row === -1) return
    const [first, last] = [row * ROW, (row + 1) * ROW]
    if (first < trace.top) trace.top = first
    else if (last > trace.top + height.value) trace.top = last - height.value
  }

  /** Arrow keys, Page Up and Down, Home and End move the choice. */
  function keydown(event: KeyboardEvent): void {
    const page = Math.max(1, Math.floor(height.value / ROW) - 1)
    const rows = new Map([
      ['ArrowDown', 1],
      ['ArrowUp', -1],
      ['PageDown', page],
      ['PageUp', -page],
      ['Home', -Infinity],
      ['End', Infinity],
    ]).get(event.key)
    if (rows === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    trace.step(rows)
    reveal()
  }

  function click(event: MouseEvent): void {
    const row = event.target instanceof Element ? event.target.closest('[data-sequence]') : null
    if (!row) return
    trace.select(Number(row.getAttribute('data-sequence')))
    // Not the row, which goes away when it is scrolled out of view.
    scroller.value?.focus({ preventScroll: true })
  }

  onMounted(() => {
    if (scroller.value) observer.observe(scroller.value)
  })
  onScopeDispose(() => observer.disconnect())
  watch([() => trace.shown, () => trace.isFollowing, () => trace.top], place, { flush: 'post' })
  return { scroller, width, height, allHeight, events: { scroll, keydown, click } }
}
