import type { Selectable } from 'kysely'
import type { DeviceTask } from '../../contract/rollouts'
import type { DeviceTasksTable } from '../../storage/tables/rollout'

/** A task with what only the carrier's server knows of it. */
export interface KeptTask extends DeviceTask {
  /** Of the update that brings it to a handset. */
  readonly updateId: string | null
}

export function taskOf(row: Selectable<DeviceTasksTable>): KeptTask {
  return {
    id: row.id,
    rolloutId: row.rollout_id,
    deviceId: row.device_id,
    managerName: row.manager_name,
    state: row.state,
    group: row.group_number,
    attempts: row.attempts,
    nextAt: row.next_at,
    reason: row.reason,
    answer: row.answer,
    answeredAt: row.answered_at,
    sentBytes: row.sent_bytes,
    totalBytes: row.total_bytes,
    downloadedAt: row.downloaded_at,
    isRestored: row.is_restored !== 0,
    confirmedAt: row.confirmed_at,
    invoiceId: row.invoice_id,
    changedAt: row.changed_at,
    updateId: row.update_id,
  }
}

/** What the contract shows of a task. */
export function shownTask({ updateId: _updateId, ...task }: KeptTask): DeviceTask {
  return task
}
