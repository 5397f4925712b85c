import type {
  HandsetState,
  HandsetUpdate,
  HandsetView,
  UpdateOutcome,
} from '../../../src-main/contract/handsets'

/** The steps of an update (spec 2.0.2). */
const STEPS = ['U1', 'U2', 'U3', 'U4', 'U5', 'U6', 'U7', 'U8', 'U9', 'U10'] as const
export type UpdateStep = (typeof STEPS)[number] | 'U11'

/** `skipped`: the update ended before it. */
export type StepMark = 'done' | 'active' | 'ahead' | 'stopped' | 'skipped'

/** Who does it, or from whom to whom it goes. */
export type StepPath = 'out' | 'in' | 'handset' | 'server'

export const STEP_PATHS: Readonly<Record<UpdateStep, StepPath>> = {
  U1: 'out',
  U2: 'server',
  U3: 'in',
  U4: 'handset',
  U5: 'out',
  U6: 'in',
  U7: 'handset',
  U8: 'handset',
  U9: 'handset',
  U10: 'out',
  U11: 'handset',
}

export interface MarkedStep {
  readonly step: UpdateStep
  readonly mark: StepMark
}

const STEP_OF_STATE: Partial<Record<HandsetState, UpdateStep>> = {
  limiting: 'U4',
  secured: 'U5',
  requesting: 'U5',
  receiving: 'U6',
  stored: 'U7',
  rewriting: 'U8',
  judging: 'U9',
}

type Standing = Pick<HandsetView, 'state' | 'reason' | 'update'>

/** Every step of the newest update with where it stands. */
export function stepsOf({ state, reason, update }: Standing): MarkedStep[] {
  if (update && update.endedAt === null) {
    return markedFrom(stepUnderWay(state, update), { at: 'active', after: 'ahead' })
  }
  if (reason === 'judgement-failed') return stoppedAt('U9', state)
  if (needsFile({ state, reason })) return stoppedAt('U8', state)
  if (!update) return markedFrom('U1', { at: 'ahead', after: 'ahead' })
  if (update.outcome === 'updated') return STEPS.map(step => ({ step, mark: 'done' }))
  return stoppedAt(lastStep(update), state)
}

/** States of restore mode in which a restore by wire may have overwritten what was cut off. */
const OVERWRITING: readonly HandsetState[] = [
  'restore-wait',
  'restore-writing',
  'restore-verifying',
]

/** A rewrite was cut off; with the very same file it can be finished. */
export function needsFile({ state, reason }: Pick<HandsetView, 'state' | 'reason'>): boolean {
  return reason === 'needs-file' && !OVERWRITING.includes(state)
}

export function isUpdating({ update }: Pick<HandsetView, 'update'>): boolean {
  return update !== null && update.endedAt === null
}

/** Its software runs, or its boot code can finish a rewrite; and a radio cell is in reach. */
export function canAskForUpdate(handset: HandsetView): boolean {
  const isAble = handset.state === 'normal' || handset.state === 'needs-file'
  return isAble && handset.radio && !isUpdating(handset)
}

/** Steps behind the first erase. */
const DECIDED: readonly UpdateStep[] = ['U8', 'U9', 'U10']

/** Nothing has been erased yet. */
export function canCancelUpdate({ state, update }: Pick<HandsetView, 'state' | 'update'>): boolean {
  if (!update || update.endedAt !== null) return false
  return !DECIDED.includes(stepUnderWay(state, update))
}

/** The handset has been written otherwise since: how the update ended says nothing of it now. */
export function isOutdated({
  state,
  software,
  update,
}: Pick<HandsetView, 'state' | 'software' | 'update'>): boolean {
  if (update?.outcome === 'updated') {
    const { name, version } = update.target ?? {}
    return software?.name !== name || software?.version !== version
  }
  const isBroken = update?.outcome === 'rewrite-failed' || update?.outcome === 'judgement-failed'
  return isBroken && state === 'normal'
}

/** Bytes of the update file that lie in the secured area. */
export function receivedBytes({ state, update }: Pick<HandsetView, 'state' | 'update'>): number {
  if (!update || update.endedAt !== null) return 0
  if (state === 'receiving' || state === 'requesting') return update.doneBytes
  return ['stored', 'rewriting', 'judging'].includes(state) ? (update.fileBytes ?? 0) : 0
}

function stepUnderWay(state: HandsetState, update: HandsetUpdate): UpdateStep {
  const known = STEP_OF_STATE[state]
  if (known) return known
  // The state does not change while the server is asked, nor while the outcome is reported.
  if (update.target === null) return 'U1'
  return update.totalBytes > 0 ? 'U10' : 'U3'
}

const STEP_OF_OUTCOME: Partial<Record<UpdateOutcome, UpdateStep>> = {
  'no-update': 'U3',
  'ram-insufficient': 'U4',
  'metadata-refused': 'U3',
  'file-refused': 'U7',
  'rewrite-failed': 'U8',
  'judgement-failed': 'U9',
}

function lastStep({ outcome, target, ramBytes, doneBytes }: HandsetUpdate): UpdateStep {
  const known = outcome && STEP_OF_OUTCOME[outcome]
  if (known) return known
  if (target === null) return 'U1'
  if (ramBytes === null) return 'U4'
  return doneBytes > 0 ? 'U6' : 'U5'
}

/** After a rewrite that failed the handset waits in restore mode, which is a step of its own. */
function stoppedAt(step: UpdateStep, state: HandsetState): MarkedStep[] {
  const marked = markedFrom(step, { at: 'stopped', after: 'skipped' })
  const isBroken = step === 'U8' || step === 'U9'
  const waits = state === 'needs-file' || state.startsWith('restore')
  return isBroken && waits ? [...marked, { step: 'U11', mark: 'active' }] : marked
}

function markedFrom(at: UpdateStep, marks: { at: StepMark; after: StepMark }): MarkedStep[] {
  const place = STEPS.findIndex(step => step === at)
  return STEPS.map((step, index) => {
    if (index < place) return { step, mark: 'done' }
    return { step, mark: index === place ? marks.at : marks.after }
  })
}
