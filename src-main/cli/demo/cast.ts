import type { NewCustomer } from '../../contract/rollouts'
import type { Stage } from './stage'

/** Who plays in the story: names, numbers and addresses of Fig.3 where it has them. */
export const VENDOR = 'Vendor A'
export const CARRIER_MAIL = 'carrier@kintsugi.example'
export const TIME_ZONE = 'Asia/Tokyo'
const DEVICE_TYPE = 'T'
const FIRST_VERSION = '1.0.0'
export const PRICE = 300

export interface Role {
  readonly handset: string
  readonly deviceId: string
  readonly ipAddress: string
  readonly password: string
  readonly isTestDevice: boolean
}

export const CUSTOMER: Role = {
  handset: 'H1',
  deviceId: 'ABC-123',
  ipAddress: '10.1.23.4',
  password: '98-76-54',
  isTestDevice: false,
}

export const TEST_DEVICE: Role = {
  handset: 'H0',
  deviceId: 'ABC-000',
  ipAddress: '10.1.23.1',
  password: '00-11-22',
  isTestDevice: true,
}

/** A row of the customer table that must stay untouched. */
const BYSTANDER = {
  deviceId: 'PC-1',
  ipAddress: '20.3.98.6',
  password: '10-20-30',
} as const

const ACCESSOR = { accessorId: 'carrier', password: 'fetch-for-me' } as const
const VENDOR_PASSWORD = 'vendor-a-speaks'

/** A vendor with its database, known to the carrier. */
export async function openVendor({ workbench }: Stage): Promise<void> {
  const { vendor, carrier } = workbench
  const { address } = await vendor.create({ name: VENDOR })
  await vendor.setAccessor({ vendorName: VENDOR, party: 'Carrier', ...ACCESSOR })
  await vendor.setCarrier({
    vendorName: VENDOR,
    password: VENDOR_PASSWORD,
    mailAddress: CARRIER_MAIL,
  })
  await carrier.setVendor({
    vendorName: VENDOR,
    databaseAddress: address,
    accessorId: ACCESSOR.accessorId,
    accessorPassword: ACCESSOR.password,
    vendorPassword: VENDOR_PASSWORD,
  })
}

/** A handset of the vendor that runs its first software, with its row in the customer table. */
export async function bringHandset(stage: Stage, role: Role, seed: number): Promise<void> {
  const { handsets, network, carrier, vendor } = stage.workbench
  const { handset, deviceId, ipAddress, password } = role
  await handsets.create({
    name: handset,
    model: 'k1',
    bricked: false,
    software: FIRST_VERSION,
    seed,
  })
  const { root } = await vendor.root({ vendorName: VENDOR })
  const { terminalId } = await handsets.provision({ name: handset, root })
  await network.connectHandset({ handset, deviceId, ipAddress, password })
  await carrier.putCustomers({ rows: [rowOf(role, terminalId)] })
}

/** A PC of the same customer, whose type is not that of the release. */
export async function bringBystander({ workbench }: Stage): Promise<void> {
  const { deviceId, ipAddress, password } = BYSTANDER
  await workbench.network.addDevice({ ...BYSTANDER, deviceClass: 'pc' })
  const row = rowOf({ handset: '', deviceId, ipAddress, password, isTestDevice: false }, null)
  await workbench.carrier.putCustomers({
    rows: [{ ...row, deviceClass: 'pc', deviceType: 'PC', vendorName: 'Vendor B' }],
  })
}

function rowOf(role: Role, terminalId: string | null): NewCustomer {
  const { deviceId, ipAddress, password, isTestDevice } = role
  return {
    deviceId,
    ipAddress,
    password,
    isTestDevice,
    terminalId,
    vendorName: VENDOR,
    managerName: '港区株式会社',
    managerEmail: 'minato@shiba.co.jp',
    deviceType: DEVICE_TYPE,
    deviceClass: 'handset',
    softwareName: 'kintsugi-k1',
    softwareVersion: FIRST_VERSION,
    timeZone: TIME_ZONE,
  }
}

export const ADDITIONAL = {
  deviceTypes: [DEVICE_TYPE],
  fromVersions: [FIRST_VERSION],
  price: PRICE,
  currency: 'JPY',
  trial: { signal: 'ready?', answer: 'ready?', waitSeconds: 60 },
}
