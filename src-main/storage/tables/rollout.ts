import type { Generated, GeneratedAlways } from 'kysely'
import type { Customer, Rollout, TaskState } from '../../contract/rollouts'

/** The customer information management table (spec 2.1.2). */
export interface CustomersTable {
  device_id: string
  ip_address: string
  password: string
  vendor_name: string
  manager_name: string
  manager_email: string
  update_management: Customer['updateManagement']
  device_type: string | null
  device_class: Customer['deviceClass']
  is_test_device: number
  /** JSON of names. */
  wanted_software: string
  terminal_id: string | null
  software_name: string | null
  software_version: string | null
  time_zone: string
  reach: Customer['reach']
  /** SHA-256 of the token of a polling device. */
  token_digest: string | null
  /** JSON of further columns. */
  extra: string
  changed_at: number
  /** Its device number, names and addresses, in small letters. */
  search_text: GeneratedAlways<string>
}

export interface CarrierVendorsTable {
  vendor_name: string
  database_address: string
  accessor_id: string
  accessor_password: string
  /** Salted scrypt of the vendor's password at the carrier. */
  vendor_password_hash: string
  registered_at: number
}

/** Notices that were taken; the same again is a replay. */
export interface CarrierNoticesTable {
  notice_id: string
  vendor_name: string
  received_at: number
}

/** Releases that a vendor has announced to send itself; the bytes follow. */
export interface CarrierUploadsTable {
  rollout_id: number
  /** JSON of a `ReleaseRecord`. */
  record: string
}

export interface CarrierAddressesTable {
  ip_address: string
  base: string
}

export interface RolloutsTable {
  id: Generated<number>
  vendor_name: string
  software_name: string
  version: string
  revision: number
  vendor_release_id: number
  kind: Rollout['kind']
  model: string | null
  digest: string | null
  bytes: number | null
  /** JSON of an `AdditionalInformation`. */
  additional: string | null
  /** JSON of `RolloutSettings`. */
  settings: string
  state: Rollout['state']
  reason: string | null
  is_paused: number
  /** JSON of `RolloutGroup[]`. */
  groups: string
  /** JSON of a `TrialReport`. */
  report: string | null
  notified_at: number
  stored_at: number | null
  deadline: number | null
  closed_at: number | null
  changed_at: number
  /** The same software in the update catalogue, where it is firmware. */
  catalogue_id: number | null
}

export interface RolloutHistoryTable {
  rollout_id: number
  /** From 0. */
  position: number
  at: number
  state: Rollout['state']
  reason: string | null
}

export interface DeviceTasksTable {
  id: Generated<number>
  rollout_id: number
  device_id: string
  manager_name: string
  state: TaskState
  group_number: number
  attempts: number
  /** When something is due: an access, or the end of one. */
  next_at: number | null
  reason: string | null
  /** SHA-256 of the token in the question's link. */
  question_digest: string | null
  answer: 'yes' | 'no' | null
  answered_at: number | null
  /** Of the update that brings it to a handset. */
  update_id: string | null
  sent_bytes: number
  total_bytes: number | null
  downloaded_at: number | null
  is_restored: number
  confirmed_at: number | null
  invoice_id: string | null
  changed_at: number
}

/** What must be done exactly once although the process may end at any moment. */
export interface OutboxTable {
  id: Generated<number>
  /** The same thing to do is never entered twice. */
  key: string
  kind: 'mail' | 'invoice' | 'return'
  /** JSON, as the kind says. */
  payload: string
  attempts: number
  next_at: number
  done_at: number | null
}

/** Small settings of the carrier, JSON by name. */
export interface CarrierSettingsTable {
  name: string
  value: string
}

export interface RolloutTables {
  carrier_customers: CustomersTable
  carrier_vendors: CarrierVendorsTable
  carrier_notices: CarrierNoticesTable
  carrier_uploads: CarrierUploadsTable
  carrier_addresses: CarrierAddressesTable
  carrier_rollouts: RolloutsTable
  carrier_rollout_history: RolloutHistoryTable
  carrier_tasks: DeviceTasksTable
  carrier_outbox: OutboxTable
  carrier_settings: CarrierSettingsTable
}
