import type { RestoreStage, RestoreView } from '../../../src-main/contract/restore'

/** Share of the bytes sent, from 0 to 1, in whole per cent rounded down: 1 means all. */
export function fractionOf({ doneBytes, totalBytes }: RestoreView): number {
  return totalBytes === 0 ? 0 : Math.floor((doneBytes / totalBytes) * 100) / 100
}

export type StageState = 'done' | 'active' | 'ahead' | 'stopped'

export const STAGES = ['connecting', 'identifying', 'writing', 'verifying', 'rebooting'] as const
export type WorkStage = (typeof STAGES)[number]

/** Where each stage of a restore stands. */
export function stagesOf(restore: RestoreView): { stage: WorkStage; state: StageState }[] {
  const reached = reachedStage(restore)
  const at = STAGES.indexOf(reached)
  const hasEnded = restore.stage === 'ended'
  const isDone = hasEnded && restore.error === null
  return STAGES.map((stage, index) => {
    if (isDone || index < at) return { stage, state: 'done' }
    if (index > at) return { stage, state: 'ahead' }
    return { stage, state: hasEnded ? 'stopped' : 'active' }
  })
}

/** An ended restore no longer says where it was; what it knew by then does. */
function reachedStage(restore: RestoreView): WorkStage {
  if (isWorkStage(restore.stage)) return restore.stage
  if (restore.device === null) return 'connecting'
  if (restore.totalBytes > 0 && restore.doneBytes >= restore.totalBytes) return 'verifying'
  return 'writing'
}

function isWorkStage(stage: RestoreStage): stage is WorkStage {
  return stage !== 'ended'
}
