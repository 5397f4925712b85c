import type { Insertable, Selectable } from 'kysely'
import { customer, type Customer, type NewCustomer } from '../../contract/rollouts'
import { readStored } from '../../storage/stored-json'
import type { CustomersTable } from '../../storage/tables/rollout'

/** What a new row has where it leaves a column out. */
const DEFAULTS = {
  updateManagement: 'unanswered',
  deviceType: null,
  deviceClass: 'handset',
  isTestDevice: false,
  wantedSoftware: [],
  terminalId: null,
  softwareName: null,
  softwareVersion: null,
  timeZone: 'UTC',
  reach: 'access',
  extra: {},
} as const satisfies Partial<Customer>

/** A whole row: what is left out stays as it was, or takes its default. */
export function completed(given: NewCustomer, before: Customer | undefined): Customer {
  const said = Object.entries(given).filter(([, value]) => value !== undefined)
  return { ...DEFAULTS, ...before, ...Object.fromEntries(said) } as Customer
}

/** As the contract shows it; the token stays here. */
export function customerOf(row: Selectable<CustomersTable>): Customer {
  return {
    deviceId: row.device_id,
    ipAddress: row.ip_address,
    password: row.password,
    vendorName: row.vendor_name,
    managerName: row.manager_name,
    managerEmail: row.manager_email,
    updateManagement: row.update_management,
    deviceType: row.device_type,
    deviceClass: row.device_class,
    isTestDevice: row.is_test_device === 1,
    wantedSoftware: readStored(customer.shape.wantedSoftware, row.wanted_software) ?? [],
    terminalId: row.terminal_id,
    softwareName: row.software_name,
    softwareVersion: row.software_version,
    timeZone: row.time_zone,
    reach: row.reach,
    extra: readStored(customer.shape.extra, row.extra) ?? {},
  }
}

/** All columns but the token, which is set by itself. */
export type CustomerColumns = Omit<Insertable<CustomersTable>, 'token_digest'>

export function columnsOf(row: Customer, changedAt: number): CustomerColumns {
  return {
    device_id: row.deviceId,
    ip_address: row.ipAddress,
    password: row.password,
    vendor_name: row.vendorName,
    manager_name: row.managerName,
    manager_email: row.managerEmail,
    update_management: row.updateManagement,
    device_type: row.deviceType,
    device_class: row.deviceClass,
    is_test_device: Number(row.isTestDevice),
    wanted_software: JSON.stringify(row.wantedSoftware),
    terminal_id: row.terminalId,
    software_name: row.softwareName,
    software_version: row.softwareVersion,
    time_zone: row.timeZone,
    reach: row.reach,
    extra: JSON.stringify(row.extra),
    changed_at: changedAt,
  }
}
