import type { RolloutSettings } from '../../contract/rollouts'
import { CodedError } from '../../base/coded-error'

/** Night is taken for a time without disturbance (AMB-1.15); a bill is due after 30 days (AMB-1.16). */
export const FIRST_DEFAULTS: RolloutSettings = {
  acquisition: 'fetch',
  trial: false,
  consent: false,
  settlement: 'apparatus',
  delivery: 'install',
  window: { start: '01:00', end: '05:00' },
  consentHours: 72,
  paymentDays: 30,
  attemptsMax: 3,
  groups: [100],
  successThreshold: 80,
  errorThreshold: 100,
}

const SHARE_TOLERANCE = 0.01

/** What a change leaves out stays as it is. */
export type SettingsChange = {
  readonly [Name in keyof RolloutSettings]?: RolloutSettings[Name] | undefined
}

/**
 * Settings with a change. Whoever agreed gets the update at once, so asking for consent takes the
 * window away unless one is named (AMB-1.14). Throws `ROLLOUT_STATE` where
 * the groups are not the whole.
 */
export function changedSettings(
  settings: RolloutSettings,
  change: SettingsChange,
): RolloutSettings {
  const isNewlyAsked = change.consent === true && !settings.consent && change.window === undefined
  const changed = { ...settings, ...said(change), ...(isNewlyAsked ? { window: null } : {}) }
  const sum = changed.groups.reduce((total, share) => total + share, 0)
  if (Math.abs(sum - 100) <= SHARE_TOLERANCE) return changed
  const message = `The groups have ${sum} per cent together. Give them shares whose sum is 100.`
  throw new CodedError('ROLLOUT_STATE', message, { sum })
}

function said(change: SettingsChange): Partial<RolloutSettings> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
}
