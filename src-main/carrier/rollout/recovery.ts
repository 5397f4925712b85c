import type { RolloutCourse } from './rollout-course'
import type { RolloutLedger } from './rollout-ledger'
import type { KeptRollout, RolloutStore } from './rollout-store'
import type { TaskSlices } from './task-slices'

export interface RecoveryParts {
  readonly rollouts: RolloutStore
  readonly ledger: RolloutLedger
  readonly course: RolloutCourse
  readonly slices: TaskSlices
  readonly fetch: (rolloutId: number) => void
}

/** After a stop of the server, however it came: every rollout goes on from what is written down. */
export async function recover(parts: RecoveryParts): Promise<void> {
  const { rollouts } = parts
  const unfinished = await rollouts.inStates([
    'notified',
    'fetching',
    'stored',
    'testing',
    'trial-passed',
    'collecting-consent',
    'distributing',
    'cancelled',
  ])
  for (const rollout of unfinished) await goOn(parts, rollout)
}

async function goOn(parts: RecoveryParts, rollout: KeptRollout): Promise<void> {
  const { course, fetch, ledger, slices } = parts
  const { id, state, settings } = rollout
  const isFetched = settings.acquisition === 'fetch'
  if (state === 'fetching') {
    const reason = 'The server was stopped; the software is fetched again.'
    await ledger.step(id, { kind: 'interrupted' }, { reason })
  }
  if ((state === 'fetching' || state === 'notified') && isFetched) fetch(id)
  if (state === 'stored') course.follow({ rollout, effects: [settings.trial ? 'try' : 'select'] })
  if (state === 'testing') course.follow(await ledger.step(id, { kind: 'trial-broken' }))
  if (state === 'trial-passed') course.follow({ rollout, effects: ['select'] })
  // Nothing is left of one that was cancelled long ago.
  if (state === 'cancelled') await slices.cancelled(id)
  if (state === 'collecting-consent' || state === 'distributing') await distribute(parts, rollout)
}

async function distribute({ course, slices }: RecoveryParts, rollout: KeptRollout): Promise<void> {
  const { id, state, groups } = rollout
  await slices.cutOff(id)
  for (const group of groups) {
    if (group.state !== 'waiting') await slices.release(rollout, group.number)
  }
  if (state === 'collecting-consent') course.follow({ rollout, effects: ['ask'] })
  course.touch(id)
}
