import type { HandsetState, HandsetView } from '../../../src-main/contract/handsets'
import { usePolling, type Polled } from '../../composables/polling'
import { useHandsets } from '../../stores/handsets'

const PAUSE = 200

export interface StateChange {
  readonly at: number
  readonly from: HandsetState
  readonly to: HandsetState
}

/** The changes of state of a handset, oldest first; asked for again with every change. */
export function useStates(handset: () => HandsetView): Polled<readonly StateChange[]> {
  const handsets = useHandsets()
  return usePolling({
    subject: () => handset().name,
    ask: (name): Promise<readonly StateChange[]> => handsets.states(name),
    pause: PAUSE,
    // States can pass within one batch of events: other figures tell that something happened.
    until: () => {
      const { state, reason, watchdogResets, flash, update } = handset()
      const { startedAt, endedAt } = update ?? {}
      return [state, reason, watchdogResets, flash.erases, startedAt, endedAt].join(' ')
    },
  })
}
