import { CodedError } from '../../base/coded-error'
import type { Handset } from '../handset'
import type { UpdateAgent } from './update-agent'

/** Throws a CodedError where an update cannot be asked for. */
export function checkUpdate(
  { state, reason, board, flash }: Handset,
  agent: UpdateAgent | undefined,
): asserts agent {
  if (agent?.isRunning === true) throw updateRunning()
  // After a restore that was broken off, the flash may still be at work.
  const isWaiting = state === 'restore-wait' && reason === 'no-cpu' && !flash.busyRange
  if (state !== 'normal' && state !== 'needs-file' && !isWaiting) {
    const message = `The handset is in the state ${state}; it asks for updates while its software runs, or where it needs a file.`
    throw new CodedError('SOFTWARE_NOT_RUNNING', message, { state })
  }
  if (!agent) throw new CodedError('RADIO_OFF', 'This handset knows no carrier.')
  if (board.radio) return
  throw new CodedError('RADIO_OFF', 'No radio cell is in reach. Put one in reach first.')
}

export function updateRunning(): CodedError {
  return new CodedError('UPDATE_RUNNING', 'An update goes on. Wait for its end, or cancel it.')
}
