import type { RestoreView } from '../contract/restore'

/** Stages in which a device must not lose its line. */
const WRITING: readonly RestoreView['stage'][] = ['writing', 'verifying', 'rebooting']

/** Share of all that is being written now, 0 to 1; undefined while nothing is. */
export function writtenShare(restores: Iterable<RestoreView>): number | undefined {
  const active = [...restores].filter(restore => WRITING.includes(restore.stage))
  if (active.length === 0) return undefined
  const total = active.reduce((sum, restore) => sum + restore.totalBytes, 0)
  const done = active.reduce((sum, restore) => sum + restore.doneBytes, 0)
  return total === 0 ? 0 : done / total
}
