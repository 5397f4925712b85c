import type { RolloutSettings, RolloutState } from '../../contract/rollouts'

/** What happens to a release at the carrier (spec 2.1.7). */
export type RolloutInput =
  /** S12: the vendor's database is accessed. */
  | { readonly kind: 'fetch' }
  /** S17. */
  | { readonly kind: 'refused' }
  /** The line broke, or the bytes were wrong. */
  | { readonly kind: 'interrupted' }
  /** S1, S18: the software lies in the software storage. */
  | { readonly kind: 'stored' }
  /** S31: a test device was found. */
  | { readonly kind: 'trial-begun' }
  /** No test device fits: the release waits (AMB-1.7). */
  | { readonly kind: 'trial-waits' }
  /** The trial did not come to its end; it begins again. */
  | { readonly kind: 'trial-broken' }
  /** S36 or S37. */
  | { readonly kind: 'trial-ended'; readonly isPassed: boolean }
  /** S2, S19, S38, S51: each usable device has its task. */
  | { readonly kind: 'selected' }
  /** S56, S57. */
  | { readonly kind: 'collected' }
  /** No task is open any more. */
  | { readonly kind: 'ended' }
  /** Devices that were given up get another round. */
  | { readonly kind: 'reopened' }
  | { readonly kind: 'cancel' }

/** What is to be done next, beside writing the state down. */
export type RolloutEffect = 'try' | 'select' | 'return' | 'ask' | 'distribute' | 'cut'

export interface RolloutStep {
  readonly state: RolloutState
  readonly effects: readonly RolloutEffect[]
}

/** The carrier does nothing more with these by itself. */
export const ENDED_ROLLOUTS: ReadonlySet<RolloutState> = new Set([
  'returned',
  'closed',
  'cancelled',
])

/** Undefined where the input has no place in the state. */
export function nextRollout(
  state: RolloutState,
  input: RolloutInput,
  settings: Pick<RolloutSettings, 'trial' | 'consent'>,
): RolloutStep | undefined {
  switch (input.kind) {
    case 'fetch':
      return from(state, ['notified', 'auth-refused'], 'fetching')
    case 'refused':
      return from(state, ['fetching'], 'auth-refused')
    case 'interrupted':
      return from(state, ['fetching'], 'notified')
    case 'stored':
      return from(
        state,
        ['notified', 'fetching', 'auth-refused'],
        'stored',
        settings.trial ? 'try' : 'select',
      )
    case 'trial-begun':
      return from(state, ['stored'], 'testing')
    case 'trial-waits':
      return from(state, ['testing'], 'stored')
    case 'trial-broken':
      return from(state, ['testing'], 'stored', 'try')
    case 'trial-ended':
      return input.isPassed
        ? from(state, ['testing'], 'trial-passed', 'select')
        : from(state, ['testing'], 'returned', 'return')
    case 'selected':
      return afterSelection(state, settings)
    case 'collected':
      return from(state, ['collecting-consent'], 'distributing', 'distribute')
    case 'ended':
      return from(state, ['distributing'], 'closed')
    case 'reopened':
      return from(state, ['closed'], 'distributing', 'distribute')
    case 'cancel':
      return ENDED_ROLLOUTS.has(state) ? undefined : { state: 'cancelled', effects: ['cut'] }
  }
}

/** A release that was to be tried and was not goes to nobody (S1-38, S1-47). */
function afterSelection(
  state: RolloutState,
  { trial, consent }: Pick<RolloutSettings, 'trial' | 'consent'>,
): RolloutStep | undefined {
  // One that passed goes on, also where the trial was called off while it went on.
  const before: RolloutState[] = trial ? ['trial-passed'] : ['stored', 'trial-passed']
  return consent
    ? from(state, before, 'collecting-consent', 'ask')
    : from(state, before, 'distributing', 'distribute')
}

function from(
  state: RolloutState,
  allowed: readonly RolloutState[],
  next: RolloutState,
  ...effects: readonly RolloutEffect[]
): RolloutStep | undefined {
  return allowed.includes(state) ? { state: next, effects } : undefined
}
