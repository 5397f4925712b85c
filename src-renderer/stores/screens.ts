import { defineStore } from 'pinia'
import { onScopeDispose, shallowReactive, watch } from 'vue'
import { rgbaFromRgb565 } from '../components/handset/rgb565'
import { usePageVisible } from '../composables/page-visible'
import { bytesOf } from '../rpc/base64'
import { useConnection } from '../rpc/connection'
import { useHandsets } from './handsets'

/** A handset's screen is asked for at most ten times a second. */
const PAUSE = 100

export interface ScreenPicture {
  readonly width: number
  readonly height: number
  readonly revision: number
  readonly rgba: Uint8ClampedArray<ArrayBuffer>
}

/** Pictures of the handsets' displays, fetched for those that somebody looks at. */
export const useScreens = defineStore('screens', () => {
  const connection = useConnection()
  const handsets = useHandsets()
  const isVisible = usePageVisible()
  const pictures = shallowReactive(new Map<string, ScreenPicture>())
  const viewers = new Map<string, number>()
  const busy = new Set<string>()

  function isStale(name: string): boolean {
    const handset = handsets.list.find(one => one.name === name)
    if (!handset?.display?.on || handset.state === 'off') return false
    return handset.display.revision !== pictures.get(name)?.revision
  }

  function refresh(): void {
    if (!connection.isConnected || !isVisible.value) return
    for (const name of viewers.keys()) if (isStale(name) && !busy.has(name)) void fetch(name)
  }

  async function fetch(name: string): Promise<void> {
    busy.add(name)
    try {
      const { width, height, revision, pixels } = await handsets.screen(name)
      const rgba = rgbaFromRgb565(bytesOf(pixels))
      // What was drawn before the answer came is newer than what the list tells.
      pictures.set(name, { width, height, revision, rgba })
    } catch {
      // The handset or the connection is gone; the next change asks again.
    }
    setTimeout(() => {
      busy.delete(name)
      refresh()
    }, PAUSE)
  }

  watch([() => handsets.list, isVisible], refresh)
  watch(
    () => connection.isConnected,
    () => {
      // Another workbench may answer, whose revisions mean other pictures.
      pictures.clear()
      refresh()
    },
  )

  /** Keeps the picture of a handset up to date until the answer is called. */
  function attend(name: string): () => void {
    viewers.set(name, (viewers.get(name) ?? 0) + 1)
    refresh()
    return () => {
      const left = (viewers.get(name) ?? 1) - 1
      if (left > 0) viewers.set(name, left)
      else viewers.delete(name)
    }
  }

  return { pictures, attend, drop: (name: string) => void pictures.delete(name) }
})

/** Attends to a screen while `isSeen` holds. */
export function useAttendedScreen(name: () => string, isSeen: () => boolean): void {
  const screens = useScreens()
  let leave = () => {}
  watch(
    [name, isSeen],
    () => {
      leave()
      leave = isSeen() ? screens.attend(name()) : () => {}
    },
    { immediate: true },
  )
  onScopeDispose(() => leave())
}
