import type { Customer } from '../../../src-main/contract/rollouts'

/** First row of Fig.3, with its last stated column of Fig.9. */
export const MINATO: Customer = {
  deviceId: 'ABC-123',
  ipAddress: '10.1.23.4',
  password: '98-76-54',
  vendorName: 'Vendor A',
  managerName: 'Minato-ku K.K.',
  managerEmail: 'minato@shiba.co.jp',
  updateManagement: 'update',
  deviceType: null,
  deviceClass: 'information-terminal',
  isTestDevice: false,
  wantedSoftware: [],
  terminalId: null,
  softwareName: null,
  softwareVersion: null,
  timeZone: 'Asia/Tokyo',
  reach: 'access',
  extra: {},
}

/** Second row, with the mail address of Fig.9 (AMB-1.3). */
export const SHINJUKU: Customer = {
  ...MINATO,
  deviceId: 'XYZ-987',
  ipAddress: '20.3.98.6',
  password: '10-20-30',
  vendorName: 'Vendor B',
  managerName: 'Shinjuku K.K.',
  managerEmail: 'shinjuku@kabuki.co.jp',
  updateManagement: 'do-not-update',
}

/** The table as the specification prints it (Fig.3, Fig.9). */
export const SPECIFIED_ROWS: readonly Customer[] = [MINATO, SHINJUKU]

/** So many more devices, each with its own numbers. */
export function manyCustomers(count: number, changes: Partial<Customer> = {}): Customer[] {
  return Array.from({ length: count }, (_, index) => ({
    ...MINATO,
    deviceId: `DEV-${index}`,
    ipAddress: `10.${(index >> 16) + 128}.${(index >> 8) & 255}.${index & 255}`,
    vendorName: `Vendor ${'ABCDE'[index % 5] ?? 'A'}`,
    managerName: index % 2 === 0 ? `Shinjuku K.K. ${index % 1000}` : '港区株式会社',
    managerEmail: `m${index % 1000}@shiba.co.jp`,
    ...changes,
  }))
}
