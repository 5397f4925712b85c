import type { RolloutSettings } from '../../../../src-main/contract/rollouts'

/** Settings as a person edits them. */
export interface SettingsForm {
  acquisition: RolloutSettings['acquisition']
  settlement: RolloutSettings['settlement']
  delivery: RolloutSettings['delivery']
  trial: boolean
  consent: boolean
  hasWindow: boolean
  windowStart: string
  windowEnd: string
  consentHours: number
  paymentDays: number
  attemptsMax: number
  /** Per cent, with commas between them. */
  groups: string
  successThreshold: number
  errorThreshold: number
}

export function formOf(settings: RolloutSettings): SettingsForm {
  const { window, groups, ...rest } = settings
  return {
    ...rest,
    hasWindow: window !== null,
    windowStart: window?.start ?? '01:00',
    windowEnd: window?.end ?? '05:00',
    groups: groups.join(', '),
  }
}

/** What a person can read as a list of shares is sent; the server judges whether they make 100. */
export function settingsOf(form: SettingsForm): RolloutSettings {
  const { hasWindow, windowStart, windowEnd, groups, ...rest } = form
  return {
    ...rest,
    window: hasWindow ? { start: windowStart, end: windowEnd } : null,
    groups: groups
      .split(/[,、]/)
      .map(share => share.trim())
      .filter(share => share !== '')
      .map(Number),
  }
}
