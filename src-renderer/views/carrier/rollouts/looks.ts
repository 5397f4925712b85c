import type { RolloutState, TaskState } from '../../../../src-main/contract/rollouts'
import type { Look, Tone } from '../../../components/tones'

export const ROLLOUT_LOOKS: Readonly<Record<RolloutState, Look>> = {
  notified: ['calm', 'info'],
  fetching: ['calm', 'drop'],
  'auth-refused': ['bad', 'lock'],
  stored: ['calm', 'save'],
  testing: ['calm', 'play'],
  returned: ['bad', 'back'],
  'trial-passed': ['good', 'check'],
  'collecting-consent': ['calm', 'mail'],
  distributing: ['calm', 'radio'],
  closed: ['good', 'check'],
  cancelled: ['muted', 'close'],
}

/** In the order in which a device goes through them. */
export const TASK_STATES = [
  'selected',
  'awaiting-answer',
  'agreed',
  'waiting-window',
  'connecting',
  'downloading',
  'downloaded',
  'invoiced',
  'paid',
  'overdue',
  'auth-failed',
  'failed',
  'declined',
  'no-answer',
  'abandoned',
  'cancelled',
] as const satisfies readonly TaskState[]

export const TASK_LOOKS: Readonly<Record<TaskState, Look>> = {
  selected: ['muted', 'dot'],
  'awaiting-answer': ['muted', 'mail'],
  agreed: ['calm', 'check'],
  declined: ['muted', 'close'],
  'no-answer': ['muted', 'close'],
  'waiting-window': ['muted', 'pause'],
  connecting: ['calm', 'cable'],
  'auth-failed': ['caution', 'lock'],
  downloading: ['calm', 'drop'],
  failed: ['caution', 'warning'],
  downloaded: ['good', 'check'],
  invoiced: ['good', 'mail'],
  paid: ['good', 'check'],
  overdue: ['caution', 'warning'],
  abandoned: ['bad', 'error'],
  cancelled: ['muted', 'close'],
}

export interface Share {
  readonly state: TaskState
  readonly count: number
  /** From 0 to 1. */
  readonly share: number
  readonly tone: Tone
}

/** How the devices of a rollout stand, in order; states without a device are left out. */
export function sharesOf(tasks: Readonly<Partial<Record<TaskState, number>>>): Share[] {
  const total = TASK_STATES.reduce((sum, state) => sum + (tasks[state] ?? 0), 0)
  return TASK_STATES.flatMap(state => {
    const count = tasks[state] ?? 0
    if (count === 0) return []
    return [{ state, count, share: count / total, tone: TASK_LOOKS[state][0] }]
  })
}
