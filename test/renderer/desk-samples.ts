import type { Mail } from '../../src-main/contract/mail'
import type { Fleet, NetworkDevice } from '../../src-main/contract/network'
import type { AuditEntry } from '../../src-main/contract/observe'
import type {
  Customer,
  DeviceTask,
  Rollout,
  RolloutSettings,
  TaskState,
} from '../../src-main/contract/rollouts'
import type { Invoice } from '../../src-main/contract/settlement'
import type { Vendor, VendorRelease } from '../../src-main/contract/vendor'

/** Noon in Tokyo, an hour before which everything here happened. */
export const NOON = Date.UTC(2026, 10, 21, 3, 0, 0)
const HOUR = 3_600_000
const DIGEST = 'ab'.repeat(32)

export const settings: RolloutSettings = {
  acquisition: 'fetch',
  trial: true,
  consent: false,
  settlement: 'apparatus',
  delivery: 'install',
  window: { start: '01:00', end: '05:00' },
  consentHours: 72,
  paymentDays: 30,
  attemptsMax: 3,
  groups: [5, 20, 75],
  successThreshold: 90,
  errorThreshold: 10,
}

export const vendors: Vendor[] = ['Vendor A', 'Vendor B'].map((name, index) => ({
  name,
  address: `http://127.0.0.1:${40_001 + index}`,
  releases: 2 - index,
  accessors: 1,
  rootVersion: 1 + index,
  metadataExpiresAt: NOON + 90 * 24 * HOUR,
  createdAt: NOON - HOUR,
}))

const registered: VendorRelease = {
  id: 1,
  vendorName: 'Vendor A',
  softwareName: 'kintsugi-k1',
  version: '1.1.0',
  revision: 1,
  kind: 'firmware',
  model: 'k1',
  digest: DIGEST,
  bytes: 131_072,
  additional: {
    deviceTypes: ['k1'],
    fromVersions: [],
    price: 500,
    currency: 'JPY',
    trial: { signal: 'STATUS?', answer: 'STATUS OK', waitSeconds: 60 },
  },
  state: 'handed-out',
  report: null,
  registeredAt: NOON - HOUR,
}

export const vendorReleases: VendorRelease[] = [
  {
    ...registered,
    id: 2,
    version: '1.2.0',
    state: 'returned',
    report: {
      deviceId: 'TEST-1',
      outcome: 'no-answer',
      answer: null,
      message: 'The test device did not answer the test signal within 60 seconds.',
      startedAt: NOON - HOUR,
      endedAt: NOON - HOUR + 60_000,
    },
  },
  registered,
]

export const distributing: Rollout = {
  id: 1,
  vendorName: 'Vendor A',
  softwareName: 'kintsugi-k1',
  version: '1.1.0',
  revision: 1,
  vendorReleaseId: 1,
  kind: 'firmware',
  model: 'k1',
  digest: DIGEST,
  bytes: 131_072,
  additional: registered.additional,
  settings,
  state: 'distributing',
  reason: null,
  isPaused: false,
  groups: [
    { number: 1, size: 5, succeeded: 5, failed: 0, state: 'done' },
    { number: 2, size: 20, succeeded: 12, failed: 2, state: 'running' },
    { number: 3, size: 75, succeeded: 0, failed: 0, state: 'waiting' },
  ],
  tasks: { 'waiting-window': 75, downloading: 6, invoiced: 9, paid: 8, failed: 1, abandoned: 1 },
  report: null,
  notifiedAt: NOON - HOUR,
  storedAt: NOON - HOUR + 2000,
  deadline: null,
  closedAt: null,
  changedAt: NOON,
}

export const asking: Rollout = {
  ...distributing,
  id: 2,
  vendorName: 'Vendor B',
  softwareName: 'Office Suite',
  version: '3.0',
  state: 'collecting-consent',
  settings: { ...settings, trial: false, consent: true },
  groups: [],
  tasks: { 'awaiting-answer': 2, declined: 1, 'waiting-window': 1 },
  deadline: Date.now() + 72 * HOUR,
}

export const refused: Rollout = {
  ...distributing,
  id: 3,
  version: '1.3.0',
  state: 'auth-refused',
  reason: 'The database of Vendor A does not know the accessor “carrier”.',
  groups: [],
  tasks: {},
}

export function customerAt(index: number): Customer {
  return {
    deviceId: `DEV-${String(index).padStart(6, '0')}`,
    ipAddress: `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`,
    password: '98-76-54',
    vendorName: index % 3 === 0 ? 'Vendor B' : 'Vendor A',
    managerName: index % 2 === 0 ? 'Minato-ku K.K.' : '新宿株式会社',
    managerEmail: index % 2 === 0 ? 'minato@shiba.co.jp' : 'shinjuku@kabuki.co.jp',
    updateManagement: index % 5 === 0 ? 'do-not-update' : 'update',
    deviceType: 'k1',
    deviceClass: 'handset',
    isTestDevice: index === 1,
    wantedSoftware: [],
    terminalId: null,
    softwareName: 'kintsugi-k1',
    softwareVersion: '1.0.0',
    timeZone: 'Asia/Tokyo',
    reach: 'access',
    extra: {},
  }
}

export function tasksOf(rollout: Rollout): DeviceTask[] {
  const states = Object.entries(rollout.tasks).flatMap(([state, count]) =>
    Array.from({ length: count }, () => state as TaskState),
  )
  return states.map((state, index) => ({
    id: rollout.id * 1000 + index,
    rolloutId: rollout.id,
    deviceId: customerAt(index).deviceId,
    managerName: customerAt(index).managerName,
    state,
    group: 1,
    attempts: state === 'abandoned' ? 3 : 1,
    nextAt: state === 'waiting-window' ? NOON + 13 * HOUR : null,
    reason: state === 'failed' ? 'The line broke after 65,536 of 131,072 bytes.' : null,
    answer: null,
    answeredAt: null,
    sentBytes: 65_536,
    totalBytes: 131_072,
    downloadedAt: null,
    isRestored: false,
    confirmedAt: null,
    invoiceId: null,
    changedAt: NOON,
  }))
}

export const invoices: Invoice[] = (['open', 'paid', 'overdue'] as const).map((state, index) => ({
  id: `R1-${customerAt(index).deviceId}`,
  ledger: 'apparatus',
  rolloutId: 1,
  deviceId: customerAt(index).deviceId,
  managerName: customerAt(index).managerName,
  amount: 500,
  currency: 'JPY',
  account: '001-0000001',
  issuedAt: NOON,
  dueAt: NOON + 30 * 24 * HOUR,
  state,
  paidAt: state === 'paid' ? NOON : null,
}))

export const mails: Mail[] = [
  {
    id: 1,
    at: NOON,
    messageId: '<question-1@carrier.example>',
    from: 'carrier@carrier.example',
    to: ['minato@shiba.co.jp'],
    subject: 'Update of Office Suite 3.0',
    text: 'Do you want the update?\nAnswer here: http://127.0.0.1:40003/answers/abc',
    links: ['http://127.0.0.1:40003/answers/abc'],
  },
]

export const devices: NetworkDevice[] = [
  {
    ipAddress: '10.1.23.4',
    deviceId: 'ABC-123',
    deviceClass: 'handset',
    handset: 'phone',
    isReachable: true,
    software: { name: 'kintsugi-k1', version: '1.0.0' },
    recorded: null,
    fault: null,
    lastAccessAt: null,
  },
  {
    ipAddress: '20.3.98.6',
    deviceId: 'XYZ-987',
    deviceClass: 'information-terminal',
    handset: null,
    isReachable: false,
    software: null,
    recorded: { name: 'Office Suite', version: '3.0', sha256: DIGEST, bytes: 4096 },
    fault: 'silence',
    lastAccessAt: NOON,
  },
]

export const fleets: Fleet[] = [
  {
    name: 'fleet',
    model: 'k1',
    size: 1000,
    firstIpAddress: '10.2.0.1',
    versions: { '1.0.0': 400, '1.1.0': 600 },
    polls: 12_000,
    updated: 600,
    failed: 3,
  },
]

export const refusals: AuditEntry[] = [
  {
    id: 1,
    at: NOON,
    actor: 'vendor-database',
    code: 'ACCESS_REFUSED',
    message: 'The database of Vendor A refused “carrier”: the password is wrong.',
  },
  { id: 2, at: NOON, actor: 'restore', code: 'NO_ANSWER', message: 'Nothing answered.' },
]
