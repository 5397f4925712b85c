import type { DeviceTask, TaskState } from '../../contract/rollouts'

/** What happens to one device in a rollout (spec 2.1.7). */
export type TaskInput =
  /** S52: its manager is asked. */
  | { readonly kind: 'asked' }
  /** S53; changed as often as wanted until the download begins (AMB-1.12). */
  | { readonly kind: 'answered'; readonly answer: 'yes' | 'no' }
  /** S56: the time to answer is over. */
  | { readonly kind: 'unanswered' }
  /** Its group has begun: it waits for its window. */
  | { readonly kind: 'released' }
  /** S3, S20, S39: the window is open and it is accessed, or allowed to poll. */
  | { readonly kind: 'accessed' }
  /** The window closed, or everything was paused, before the download began. */
  | { readonly kind: 'held' }
  /** S4: the device refused the password. */
  | { readonly kind: 'auth-failed' }
  /** S5, S22, S41: the first byte goes out. */
  | { readonly kind: 'begun' }
  /** S6 NO. */
  | { readonly kind: 'failed' }
  /** S6 YES; a wired restore may bring the software at any time before (AMB-X.16). */
  | { readonly kind: 'downloaded'; readonly isRestored?: boolean }
  /** The bill is written, or was settled. */
  | { readonly kind: 'billed'; readonly state: 'open' | 'paid' | 'overdue' }
  /** Another round of attempts. */
  | { readonly kind: 'retry' }
  | { readonly kind: 'cancel' }

/** `bill`: see `completion.ts`; `again`: due in its next window; `cut`: what goes out is ended. */
export type TaskEffect = 'bill' | 'again' | 'cut'

export interface TaskStep extends Pick<DeviceTask, 'state' | 'attempts'> {
  readonly effects: readonly TaskEffect[]
}

/** The rollout goes on for as long as one of its tasks is in one of these. */
export const OPEN_TASKS = [
  'selected',
  'awaiting-answer',
  'agreed',
  'waiting-window',
  'connecting',
  'auth-failed',
  'downloading',
  'failed',
] as const satisfies readonly TaskState[]

/** The device may be given the software now. */
export const ACTIVE_TASKS = ['connecting', 'downloading'] as const satisfies readonly TaskState[]

/** In these an attempt is due at `nextAt`. */
export const WAITING_TASKS = [
  'waiting-window',
  'failed',
  'auth-failed',
] as const satisfies readonly TaskState[]

export function isOpenTask(state: TaskState): boolean {
  return OPEN_TASKS.some(open => open === state)
}

/** Undefined where the input has no place in the state: nothing is changed then. */
export function nextTask(
  task: Pick<DeviceTask, 'state' | 'attempts'>,
  input: TaskInput,
  attemptsMax: number,
): TaskStep | undefined {
  switch (input.kind) {
    case 'auth-failed':
    case 'failed':
      return ended(task, input.kind, attemptsMax)
    case 'downloaded':
      return completed(task, input.isRestored === true)
    case 'billed':
      return billed(task, input.state)
    case 'cancel':
      return cancelled(task)
    case 'asked':
    case 'answered':
    case 'unanswered':
    case 'released':
    case 'accessed':
    case 'held':
    case 'begun':
    case 'retry':
      return moved(task, input)
  }
}

type Move = Exclude<
  TaskInput,
  { readonly kind: 'auth-failed' | 'failed' | 'downloaded' | 'billed' | 'cancel' }
>

const BEFORE_DOWNLOAD: readonly TaskState[] = [
  'awaiting-answer',
  'agreed',
  'declined',
  'waiting-window',
]

function moved(task: Pick<DeviceTask, 'state' | 'attempts'>, input: Move): TaskStep | undefined {
  const to = (allowed: readonly TaskState[], state: TaskState, attempts = task.attempts) =>
    allowed.includes(task.state) ? { state, attempts, effects: [] } : undefined
  switch (input.kind) {
    case 'asked':
      return to(['selected'], 'awaiting-answer')
    case 'answered':
      return to(BEFORE_DOWNLOAD, input.answer === 'yes' ? 'agreed' : 'declined')
    case 'unanswered':
      return to(['awaiting-answer'], 'no-answer')
    case 'released':
      return to(['selected', 'agreed'], 'waiting-window')
    case 'accessed':
      return to(WAITING_TASKS, 'connecting')
    case 'held':
      return to(['connecting'], 'waiting-window')
    case 'begun':
      return to(ACTIVE_TASKS, 'downloading')
    case 'retry':
      return to(['failed', 'auth-failed', 'abandoned'], 'waiting-window', 0)
  }
}

/** Attempts are counted at their end: one that a restart of the server cut off does not count. */
function ended(
  { state, attempts }: Pick<DeviceTask, 'state' | 'attempts'>,
  how: 'auth-failed' | 'failed',
  attemptsMax: number,
): TaskStep | undefined {
  if (!ACTIVE_TASKS.some(active => active === state)) return undefined
  const counted = attempts + 1
  if (counted >= attemptsMax) return { state: 'abandoned', attempts: counted, effects: [] }
  return { state: how, attempts: counted, effects: ['again'] }
}

/** Also after the server took an attempt for failed: what the device holds is what counts. */
const COMPLETABLE: readonly TaskState[] = [...WAITING_TASKS, ...ACTIVE_TASKS, 'abandoned']
/** Nobody who has not agreed is billed for what a wired restore brought. */
const RESTORABLE: readonly TaskState[] = [...COMPLETABLE, 'selected', 'agreed']

function completed(
  { state, attempts }: Pick<DeviceTask, 'state' | 'attempts'>,
  isRestored: boolean,
): TaskStep | undefined {
  if (!(isRestored ? RESTORABLE : COMPLETABLE).includes(state)) return undefined
  return { state: 'downloaded', attempts: attempts + (isRestored ? 0 : 1), effects: ['bill'] }
}

function billed(
  { state, attempts }: Pick<DeviceTask, 'state' | 'attempts'>,
  invoice: 'open' | 'paid' | 'overdue',
): TaskStep | undefined {
  const allowed: readonly TaskState[] =
    invoice === 'open' ? ['downloaded'] : ['downloaded', 'invoiced', 'overdue']
  if (!allowed.includes(state)) return undefined
  return { state: invoice === 'open' ? 'invoiced' : invoice, attempts, effects: [] }
}

function cancelled({
  state,
  attempts,
}: Pick<DeviceTask, 'state' | 'attempts'>): TaskStep | undefined {
  if (!isOpenTask(state)) return undefined
  const isActive = ACTIVE_TASKS.some(active => active === state)
  return { state: 'cancelled', attempts, effects: isActive ? ['cut'] : [] }
}
