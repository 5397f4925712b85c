import type { HandsetState, RestoreReason } from '../../contract/handsets'
import type { Board } from '../board'
import type { RestoreMode } from '../boot/restore-mode'
import type { RewriteProgress } from '../boot/rewriter'
import { drawRestoreScreen } from '../display/restore-screen'
import type { RestoreSession } from './restore-session'
import type { RewriteSession } from './rewrite-session'
import type { SoftwareSession } from './software-session'

/** What runs while the power is on. */
export type Session =
  | {
      readonly kind: 'software'
      readonly run: SoftwareSession
      readonly startedAt: number
      /** Ends the wait for its first word after a rewrite; undefined: it is on no trial. */
      trial: (() => void) | undefined
    }
  | { readonly kind: 'rewrite'; readonly run: RewriteSession; progress: RewriteProgress | null }
  | {
      readonly kind: 'restore'
      readonly run: RestoreSession
      readonly restoreMode: RestoreMode
      readonly reason: RestoreReason
      readonly flaw: string | null
      /** An upload has begun: no file can finish any more what was cut off. */
      isOverwritten: boolean
    }

/** States of restore mode in which nobody has asked it for anything. */
export const WAITING: readonly HandsetState[] = ['restore-wait', 'needs-file']

/** The state of a session that nobody asks for anything. */
export function restingState(session: Session | undefined): HandsetState {
  if (session?.kind !== 'restore') return 'normal'
  return session.reason === 'needs-file' && !session.isOverwritten ? 'needs-file' : 'restore-wait'
}

/** Shows what protected code does; software draws by itself. */
export function drawSession(
  board: Board,
  session: Session | undefined,
  shown: { readonly state: HandsetState; readonly terminalId: string },
): void {
  if (!session || session.kind === 'software') return
  const screen =
    session.kind === 'rewrite'
      ? { ...shown, reason: null, progress: progressOf(session.progress) }
      : { ...shown, reason: session.reason, progress: session.restoreMode.progress }
  board.draw(picture => drawRestoreScreen(picture, screen))
}

/** Whole percents of a rewrite; null before it began. */
export function percentOf(progress: RewriteProgress | null): number | null {
  return progress && Math.floor((100 * progress.doneBytes) / Math.max(1, progress.totalBytes))
}

function progressOf(progress: RewriteProgress | null) {
  return progress && { doneBytes: progress.doneBytes, bytes: progress.totalBytes }
}
