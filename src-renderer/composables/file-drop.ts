import { onScopeDispose, ref, type Ref } from 'vue'

/** Takes files dropped anywhere in the window. Answers whether some hover over it now. */
export function useFileDrop(take: (files: readonly File[]) => void): Ref<boolean> {
  const hovering = ref(false)
  const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false

  function over(event: DragEvent): void {
    if (!carriesFiles(event)) return
    // Without this the browser would leave the page and show the file.
    event.preventDefault()
    hovering.value = true
  }

  function leave(event: DragEvent): void {
    if (event.relatedTarget === null) hovering.value = false
  }

  function drop(event: DragEvent): void {
    if (!carriesFiles(event)) return
    event.preventDefault()
    hovering.value = false
    take([...(event.dataTransfer?.files ?? [])])
  }

  const stop = new AbortController()
  window.addEventListener('dragover', over, { signal: stop.signal })
  window.addEventListener('dragleave', leave, { signal: stop.signal })
  window.addEventListener('drop', drop, { signal: stop.signal })
  onScopeDispose(() => stop.abort())
  return hovering
}
