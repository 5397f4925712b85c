import type { RolloutGroup, RolloutSettings, TaskState } from '../../contract/rollouts'
import { isOpenTask } from './task-machine'

/** A group as it is kept. */
export interface KeptGroup extends RolloutGroup {
  /** Failures that somebody went on in spite of. */
  readonly forgiven: number
  /** Somebody went on although too few ended well. */
  readonly isForced: boolean
}

/** How many tasks of a group are in a state. */
export interface TaskCount {
  readonly group: number
  readonly state: TaskState
  readonly count: number
}

export interface GroupDecision {
  readonly groups: readonly KeptGroup[]
  /** Why everything stops; undefined: it goes on. */
  readonly stop: string | undefined
  /** No task is open any more. */
  readonly isEnded: boolean
}

const WELL: ReadonlySet<TaskState> = new Set(['downloaded', 'invoiced', 'paid', 'overdue'])
const BADLY: ReadonlySet<TaskState> = new Set(['failed', 'auth-failed', 'abandoned'])
/** Their managers did not want the update, so they say nothing about it. */
const UNWANTED: ReadonlySet<TaskState> = new Set(['declined', 'no-answer', 'cancelled'])

/**
 * So many devices by the shares of the settings, rounded up: the first group of a small rollout is
 * never empty.
 */
export function plannedGroups(shares: readonly number[], devices: number): KeptGroup[] {
  let share = 0
  let before = 0
  return shares.map((percent, index) => {
    share += percent
    const isLast = index === shares.length - 1
    const until = isLast ? devices : Math.min(devices, Math.ceil((devices * share) / 100))
    const size = Math.max(0, until - before)
    before += size
    return {
      number: index + 1,
      size,
      succeeded: 0,
      failed: 0,
      state: 'waiting',
      forgiven: 0,
      isForced: false,
    }
  })
}

/** What the counts say of the groups: who is done, who begins, and whether everything stops. */
export function decideGroups(
  groups: readonly KeptGroup[],
  counts: readonly TaskCount[],
  {
    successThreshold,
    errorThreshold,
  }: Pick<RolloutSettings, 'successThreshold' | 'errorThreshold'>,
): GroupDecision {
  let stop: string | undefined
  let mayBegin = true
  const decided = groups.map((group, index): KeptGroup => {
    const tally = tallyOf(counts.filter(count => count.group === group.number))
    const { succeeded, failed } = tally
    const counted = { ...group, succeeded, failed }
    if (!mayBegin || stop !== undefined) return counted
    const share = (part: number) => (tally.wanted === 0 ? 0 : (part * 100) / tally.wanted)
    if (share(failed - group.forgiven) > errorThreshold) {
      stop = `In group ${group.number} ${failed} of ${tally.wanted} devices failed; at most ${errorThreshold} per cent may.`
      return { ...counted, state: 'stopped' }
    }
    const isEnough = tally.wanted === 0 || share(succeeded) >= successThreshold || group.isForced
    const isLast = index === groups.length - 1
    mayBegin = isEnough
    if (tally.open === 0 && !isEnough && !isLast) {
      stop = `Group ${group.number} ended with ${succeeded} of ${tally.wanted} devices updated; the next one begins at ${successThreshold} per cent.`
      return { ...counted, state: 'stopped' }
    }
    return { ...counted, state: tally.open === 0 ? 'done' : 'running' }
  })
  const isEnded = counts.every(({ state }) => !isOpenTask(state))
  return { groups: decided, stop, isEnded }
}

/** Somebody goes on: what stopped the groups is no reason any more. */
export function forgiven(groups: readonly KeptGroup[]): KeptGroup[] {
  return groups.map(group =>
    group.state === 'stopped'
      ? { ...group, state: 'running', forgiven: group.failed, isForced: true }
      : group,
  )
}

export function shownGroup({ number, size, succeeded, failed, state }: KeptGroup): RolloutGroup {
  return { number, size, succeeded, failed, state }
}

function tallyOf(counts: readonly TaskCount[]) {
  const sum = (isCounted: (state: TaskState) => boolean) =>
    counts.reduce((total, { state, count }) => total + (isCounted(state) ? count : 0), 0)
  return {
    succeeded: sum(state => WELL.has(state)),
    failed: sum(state => BADLY.has(state)),
    open: sum(isOpenTask),
    wanted: sum(state => !UNWANTED.has(state)),
  }
}
