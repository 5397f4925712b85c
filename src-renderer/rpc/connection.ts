import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { ConnectionFrame, Hello } from '../../src-main/contract/app'
import type { WorkbenchClient } from '../../src-main/contract/index'
import { CONTRACT_VERSION } from '../../src-main/contract/constants'
import { ATTEMPTS_UNTIL_LOST, pauseAfter } from './backoff'
import { bridge } from './bridge'
import { openCarrier } from './carrier'
import { NOT_CONNECTED, problemOf } from './problem'

export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'connected' }
  /** Broken off; the next attempt follows by itself. */
  | { readonly kind: 'reconnecting'; readonly attempt: number }
  /** Many attempts failed; they go on, but a person should look. */
  | { readonly kind: 'lost' }
  /** The host runs but does not know this page: it was started anew. */
  | { readonly kind: 'locked-out' }
  /** Window and host are of different versions. */
  | { readonly kind: 'mismatch' }

/** Keeps the window connected: hello, snapshot, events, and the same again after a break. */
export const useConnection = defineStore('connection', () => {
  const state = ref<ConnectionState>({ kind: 'connecting' })
  const hello = shallowRef<Hello | null>(null)
  const current = shallowRef<WorkbenchClient | null>(null)
  let wake = () => {}

  /** The client of the open carrier. Throws the problem `NOT_CONNECTED` while there is none. */
  function client(): WorkbenchClient {
    if (!current.value || state.value.kind !== 'connected') throw NOT_CONNECTED
    return current.value
  }

  async function listen(onFrame: (frame: ConnectionFrame) => void): Promise<void> {
    const carrier = openCarrier()
    try {
      const gone = carrier.closed.then(() => ({ done: true, value: undefined }) as const)
      // A call or a stream whose carrier is gone may wait for ever.
      const opening = carrier.client.app.connect({ contract: CONTRACT_VERSION })
      const frames = await Promise.race([opening, gone.then(() => null)])
      if (!frames) return
      for (;;) {
        const { done, value: frame } = await Promise.race([frames.next(), gone])
        if (done) return
        if (frame.kind === 'hello') hello.value = frame.hello
        onFrame(frame)
        if (frame.kind !== 'snapshot') continue
        current.value = carrier.client
        state.value = { kind: 'connected' }
      }
    } finally {
      current.value = null
      carrier.close()
    }
  }

  /** Never ends. `onFrame` gets every frame of every connection, in order. */
  async function keep(onFrame: (frame: ConnectionFrame) => void): Promise<never> {
    let attempt = 0
    for (;;) {
      let cause: unknown
      try {
        await listen(onFrame)
      } catch (error) {
        cause = error
      }
      attempt = state.value.kind === 'connected' ? 1 : attempt + 1
      state.value = await judge(cause, attempt)
      await new Promise<void>(done => {
        wake = done
        setTimeout(done, pauseAfter(attempt))
      })
    }
  }

  return {
    state,
    hello,
    client,
    keep,
    tryNow: () => wake(),
    isConnected: computed(() => state.value.kind === 'connected'),
  }
})

async function judge(cause: unknown, attempt: number): Promise<ConnectionState> {
  if (problemOf(cause).code === 'CONTRACT_MISMATCH') return { kind: 'mismatch' }
  if (!bridge() && (await isLockedOut())) return { kind: 'locked-out' }
  if (attempt >= ATTEMPTS_UNTIL_LOST) return { kind: 'lost' }
  return { kind: 'reconnecting', attempt }
}

/** A refused WebSocket does not say why; a plain request does. */
async function isLockedOut(): Promise<boolean> {
  try {
    const answer = await fetch('/api/hello', { cache: 'no-store' })
    return answer.status === 401
  } catch {
    return false
  }
}
