import { onScopeDispose, watch } from 'vue'
import type { HandsetKey } from '../../../src-main/contract/handsets'
import { useFailures } from '../../composables/failures'
import { useHandsets } from '../../stores/handsets'
import { HeldKeys } from './held-keys'
import { phoneKeyFor } from './key-map'

export interface Keypad {
  hold(holder: string, key: HandsetKey): void
  letGo(holder: string): void
  /** Listeners of the phone: keys of the keyboard are keys of the phone while it has the focus. */
  readonly events: {
    keydown(event: KeyboardEvent): void
    keyup(event: KeyboardEvent): void
    focusout(event: FocusEvent): void
  }
}

/** The keys of one handset after the other; another one, or none, lets go of all. */
export function useKeypad(name: () => string): Keypad {
  const failures = useFailures()
  const handsets = useHandsets()
  /** Calls in their order: a release that overtook its press would leave the key down. */
  let last: Promise<unknown> = Promise.resolve()
  let held = new HeldKeys(sender(name()))

  function sender(handset: string) {
    return (key: HandsetKey, pressed: boolean) => {
      last = last
        .then(() => handsets.key(handset, key, pressed))
        .catch((error: unknown) => failures.report(error))
    }
  }

  watch(name, now => {
    held.letGoAll()
    held = new HeldKeys(sender(now))
  })
  const letGoAll = () => held.letGoAll()
  window.addEventListener('blur', letGoAll)
  onScopeDispose(() => {
    window.removeEventListener('blur', letGoAll)
    letGoAll()
  })

  /** By the place of the key, since Shift may come up before the key that it made a # of. */
  const holderOf = ({ code }: KeyboardEvent) => `keyboard ${code}`

  function keydown(event: KeyboardEvent): void {
    const key = phoneKeyFor(event)
    if (key === undefined || event.isComposing) return
    event.preventDefault()
    if (!event.repeat) held.hold(holderOf(event), key)
  }

  return {
    hold: (holder, key) => held.hold(holder, key),
    letGo: holder => held.letGo(holder),
    events: {
      keydown,
      keyup: event => held.letGo(holderOf(event)),
      focusout: event => {
        const { currentTarget, relatedTarget } = event
        const isInside = relatedTarget instanceof Node && currentTarget instanceof Node
        if (!isInside || !currentTarget.contains(relatedTarget)) held.letGoAll()
      },
    },
  }
}
