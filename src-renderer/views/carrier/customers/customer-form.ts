import type { Customer, NewCustomer } from '../../../../src-main/contract/rollouts'

/** A row as a person edits it: texts for what may be missing, lists with commas between words. */
interface CustomerForm {
  deviceId: string
  ipAddress: string
  password: string
  vendorName: string
  managerName: string
  managerEmail: string
  deviceType: string
  terminalId: string
  timeZone: string
  wantedSoftware: string
  updateManagement: Customer['updateManagement']
  deviceClass: Customer['deviceClass']
  reach: Customer['reach']
  isTestDevice: boolean
}

/** Null: a new row. */
export function formOf(customer: Customer | null): CustomerForm {
  return {
    deviceId: customer?.deviceId ?? '',
    ipAddress: customer?.ipAddress ?? '',
    password: customer?.password ?? '',
    vendorName: customer?.vendorName ?? '',
    managerName: customer?.managerName ?? '',
    managerEmail: customer?.managerEmail ?? '',
    deviceType: customer?.deviceType ?? '',
    terminalId: customer?.terminalId ?? '',
    timeZone: customer?.timeZone ?? 'Asia/Tokyo',
    wantedSoftware: (customer?.wantedSoftware ?? []).join(', '),
    updateManagement: customer?.updateManagement ?? 'unanswered',
    deviceClass: customer?.deviceClass ?? 'handset',
    reach: customer?.reach ?? 'access',
    isTestDevice: customer?.isTestDevice ?? false,
  }
}

/** The row to enter; what the form does not show stays as it was before. */
export function customerOf(form: CustomerForm, before: Customer | null): NewCustomer {
  const orNull = (text: string) => (text.trim() === '' ? null : text.trim())
  return {
    ...before,
    ...form,
    deviceId: form.deviceId.trim(),
    ipAddress: form.ipAddress.trim(),
    deviceType: orNull(form.deviceType),
    terminalId: orNull(form.terminalId),
    wantedSoftware: form.wantedSoftware
      .split(/[,、]/)
      .map(word => word.trim())
      .filter(word => word !== ''),
  }
}
