import type { Rollout, RolloutState } from '../../../../src-main/contract/rollouts'

export interface RolloutStep {
  readonly state: RolloutState
  /** `stopped`: it ended here, or stands here until somebody does something. */
  readonly mark: 'done' | 'current' | 'stopped' | 'ahead'
  /** When it came here last; null: not yet. */
  readonly at: number | null
}

const STOPS: ReadonlySet<RolloutState> = new Set(['auth-refused', 'returned', 'cancelled'])
/** After these nothing more comes. */
const ENDS: ReadonlySet<RolloutState> = new Set(['returned', 'cancelled'])

/** The way of a rollout as its settings make it, with the place where it is. */
export function stepsOf(
  rollout: Pick<Rollout, 'state' | 'settings'>,
  history: readonly { readonly at: number; readonly state: RolloutState }[],
): RolloutStep[] {
  const visits = new Map(history.map(({ at, state }) => [state, at]))
  const way = wayOf(rollout)
  // A state that the settings leave out shows where the rollout was in it all the same.
  const place = STOPS.has(rollout.state)
    ? way.findLastIndex(state => visits.has(state))
    : way.indexOf(rollout.state)
  const stop: RolloutState[] = STOPS.has(rollout.state) ? [rollout.state] : []
  const rest = ENDS.has(rollout.state) ? [] : way.slice(place + 1)
  return [...way.slice(0, place + 1), ...stop, ...rest].map(state => ({
    state,
    at: visits.get(state) ?? null,
    mark: markOf(state, rollout.state, way.slice(0, place + 1)),
  }))
}

function wayOf({ state, settings }: Pick<Rollout, 'state' | 'settings'>): RolloutState[] {
  const all: readonly (readonly [RolloutState, boolean])[] = [
    ['notified', true],
    ['fetching', settings.acquisition === 'fetch'],
    ['stored', true],
    ['testing', settings.trial],
    ['trial-passed', settings.trial],
    ['collecting-consent', settings.consent],
    ['distributing', true],
    ['closed', true],
  ]
  return all.flatMap(([one, isOnWay]) => (isOnWay || one === state ? [one] : []))
}

function markOf(
  state: RolloutState,
  current: RolloutState,
  gone: readonly RolloutState[],
): RolloutStep['mark'] {
  if (state === current) {
    if (STOPS.has(state)) return 'stopped'
    return state === 'closed' ? 'done' : 'current'
  }
  return gone.includes(state) ? 'done' : 'ahead'
}
