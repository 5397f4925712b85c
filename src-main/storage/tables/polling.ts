import type { Generated } from 'kysely'

/** What polling devices last said (DDI). */
export interface PollingDevicesTable {
  device_id: string
  seen_at: number
  /** JSON of the attributes that the device reported. */
  attributes: string
  /** When it reported them last; null: never. */
  reported_at: number | null
  /** The task that it was told of last, until it has closed it or taken note of its end. */
  told_task_id: number | null
  /** The last one that it has finished. */
  installed_task_id: number | null
}

/** What a device reported of an action, oldest first. */
export interface ActionReportsTable {
  id: Generated<number>
  task_id: number
  at: number
  execution: string
  finished: string
  /** JSON of lines. */
  details: string
}

export interface PollingTables {
  carrier_polling: PollingDevicesTable
  carrier_action_reports: ActionReportsTable
}
