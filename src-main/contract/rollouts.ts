import * as z from 'zod'
import { customer, newCustomer } from './customers'
import { call, errorCodes, instant, queryNumber, sha256Hex } from './procedure'
import { additionalInformation, trialReport, vendorName } from './vendor'

export * from './customers'

const count = z.number().int().nonnegative()
const id = z.number().int().positive()
const word = z.string().min(1).max(64)
const percent = z.number().min(0).max(100)
const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as 01:00')

export const rolloutErrors = errorCodes({
  CUSTOMER_UNKNOWN: [404, 'No such device is in the customer table.'],
  CUSTOMER_UNFIT: [422, 'The row cannot be taken.'],
  CUSTOMER_BUSY: [409, 'The device has an open task.'],
  VENDOR_UNFIT: [422, 'The vendor cannot be registered like that.'],
  VENDOR_UNKNOWN: [404, 'The carrier does not know this vendor.'],
  ROLLOUT_UNKNOWN: [404, 'No such rollout.'],
  ROLLOUT_STATE: [409, 'The rollout is not in a state for that.'],
  RELEASE_RETURNED: [409, 'The revision was returned to its vendor.'],
  TASK_UNKNOWN: [404, 'The rollout has no task for this device.'],
  ANSWER_LATE: [409, 'The time to answer is over.'],
  DEVICES_FULL: [507, 'The server takes no more devices.'],
})

export const maintenanceWindow = z.object({ start: clockTime, end: clockTime })
export type MaintenanceWindow = z.infer<typeof maintenanceWindow>

/** How a release is rolled out; any combination is legal (spec 2.1.1). */
export const rolloutSettings = z.object({
  acquisition: z.enum(['fetch', 'upload']),
  trial: z.boolean(),
  consent: z.boolean(),
  settlement: z.enum(['apparatus', 'server']),
  delivery: z.enum(['record', 'install']),
  /** In each device's own time zone; null: at any time. */
  window: maintenanceWindow.nullable(),
  consentHours: z.number().int().min(1).max(8760),
  paymentDays: z.number().int().min(1).max(365),
  /** Attempts for one device, the first included; after them it is abandoned. */
  attemptsMax: z.number().int().min(1).max(100),
  /** Shares of the devices, in order; together 100. */
  groups: z.array(percent).min(1).max(20),
  /** Per cent of a group that must have ended well before the next one begins. */
  successThreshold: percent,
  /** Per cent of a group that may fail before everything stops. */
  errorThreshold: percent,
})
export type RolloutSettings = z.infer<typeof rolloutSettings>

/** Of a release at the carrier (spec 2.1.7). */
export const rolloutState = z.enum([
  'notified',
  'fetching',
  'auth-refused',
  'stored',
  'testing',
  'returned',
  'trial-passed',
  'collecting-consent',
  'distributing',
  'closed',
  'cancelled',
])
export type RolloutState = z.infer<typeof rolloutState>

/** Of one device in a rollout (spec 2.1.7). */
export const taskState = z.enum([
  'selected',
  'awaiting-answer',
  'agreed',
  'declined',
  'no-answer',
  'waiting-window',
  'connecting',
  'auth-failed',
  'downloading',
  'failed',
  'downloaded',
  'invoiced',
  'paid',
  'overdue',
  'abandoned',
  'cancelled',
])
export type TaskState = z.infer<typeof taskState>

export const rolloutGroup = z.object({
  number: id,
  size: count,
  succeeded: count,
  failed: count,
  state: z.enum(['waiting', 'running', 'done', 'stopped']),
})
export type RolloutGroup = z.infer<typeof rolloutGroup>

/** A vendor's release at the carrier, from its notice to the last bill. */
export const rollout = z.object({
  id,
  vendorName,
  softwareName: word,
  version: word,
  revision: id,
  /** In the vendor's own database. */
  vendorReleaseId: id,
  kind: z.enum(['firmware', 'package']).nullable(),
  model: z.string().nullable(),
  digest: sha256Hex.nullable(),
  bytes: count.nullable(),
  additional: additionalInformation.nullable(),
  settings: rolloutSettings,
  state: rolloutState,
  /** In words: what it waits for, or why it stands still; null: it goes on by itself. */
  reason: z.string().nullable(),
  isPaused: z.boolean(),
  groups: z.array(rolloutGroup),
  /** Devices by the state of their task; states without one are left out. */
  tasks: z.partialRecord(taskState, count),
  report: trialReport.nullable(),
  notifiedAt: instant,
  storedAt: instant.nullable(),
  /** Until when answers count. */
  deadline: instant.nullable(),
  closedAt: instant.nullable(),
  changedAt: instant,
})
export type Rollout = z.infer<typeof rollout>

export const deviceTask = z.object({
  /** Also the action of the device's own protocol. */
  id,
  rolloutId: id,
  deviceId: z.string(),
  managerName: z.string(),
  state: taskState,
  group: id,
  attempts: count,
  nextAt: instant.nullable(),
  /** Of the newest failure; null: none. */
  reason: z.string().nullable(),
  answer: z.enum(['yes', 'no']).nullable(),
  answeredAt: instant.nullable(),
  sentBytes: count,
  totalBytes: count.nullable(),
  downloadedAt: instant.nullable(),
  /** A wired restore brought the software (AMB-X.16). */
  isRestored: z.boolean(),
  /** The device itself has said that it runs the software. */
  confirmedAt: instant.nullable(),
  invoiceId: z.string().nullable(),
  changedAt: instant,
})
export type DeviceTask = z.infer<typeof deviceTask>

/** How the carrier gets at a vendor's database, and how it knows the vendor. */
export const carrierVendor = z.object({
  vendorName,
  databaseAddress: z.url().max(256),
  accessorId: word,
  registeredAt: instant,
})
export type CarrierVendor = z.infer<typeof carrierVendor>

const page = z.object({
  offset: queryNumber(count).default(0),
  limit: queryNumber(z.number().int().min(1).max(1000)).default(100),
})
const byId = z.object({ id: queryNumber(id) })
const password = z.string().min(1).max(128)
const oneRollout = call.errors(rolloutErrors).output(rollout)

export const rolloutCalls = {
  // Queries
  customers: call
    .route({ method: 'GET', path: '/carrier/customers', summary: 'The customer table, by pages' })
    .input(
      page.extend({
        /** Words that a row must hold somewhere in its device number, names or address. */
        filter: z.string().max(128).default(''),
        sort: z.enum(['deviceId', 'vendorName', 'managerName', 'deviceType']).default('deviceId'),
      }),
    )
    .output(z.object({ total: count, rows: z.array(customer) })),
  customer: call
    .route({ method: 'GET', path: '/carrier/customers/{deviceId}', summary: 'One row' })
    .input(z.object({ deviceId: z.string().max(64) }))
    .errors(rolloutErrors)
    .output(customer),
  vendors: call
    .route({ method: 'GET', path: '/carrier/vendors', summary: 'Vendors that the carrier knows' })
    .output(z.array(carrierVendor)),
  addresses: call
    .route({ method: 'GET', path: '/carrier/addresses', summary: 'Where IP addresses are reached' })
    .output(z.array(z.object({ ipAddress: z.ipv4(), base: z.url() }))),
  rollouts: call
    .route({ method: 'GET', path: '/carrier/rollouts', summary: 'Rollouts, newest first' })
    .input(z.object({ limit: queryNumber(id.max(500)).default(100) }))
    .output(z.array(rollout)),
  rollout: oneRollout
    .route({ method: 'GET', path: '/carrier/rollouts/{id}', summary: 'One rollout' })
    .input(byId),
  history: call
    .route({
      method: 'GET',
      path: '/carrier/rollouts/{id}/history',
      summary: 'The states that a rollout went through, oldest first',
    })
    .input(byId)
    .errors(rolloutErrors)
    .output(z.array(z.object({ at: instant, state: rolloutState, reason: z.string().nullable() }))),
  tasks: call
    .route({
      method: 'GET',
      path: '/carrier/rollouts/{id}/tasks',
      summary: 'The tasks of a rollout, by pages',
    })
    .input(
      page.extend({
        id: queryNumber(id),
        state: taskState.optional(),
        filter: z.string().max(128).default(''),
      }),
    )
    .errors(rolloutErrors)
    .output(z.object({ total: count, rows: z.array(deviceTask) })),
  rolloutDefaults: call
    .route({
      method: 'GET',
      path: '/carrier/rollout-defaults',
      summary: 'Settings of new rollouts',
    })
    .output(rolloutSettings),
  // Commands
  putCustomers: call
    .meta({ action: true })
    .route({ method: 'POST', path: '/carrier/customers', summary: 'Enters or replaces rows' })
    .input(z.object({ rows: z.array(newCustomer).min(1).max(1000) }))
    .errors(rolloutErrors)
    .output(z.object({ entered: count, replaced: count })),
  removeCustomers: call
    .meta({ action: true })
    .route({ method: 'POST', path: '/carrier/customers/remove', summary: 'Takes rows out' })
    .input(z.object({ deviceIds: z.array(z.string().max(64)).min(1).max(1000) }))
    .errors(rolloutErrors)
    .output(z.object({ removed: count })),
  /** Null takes the right away. The token is kept as a digest. */
  setDeviceToken: call
    .meta({ action: true })
    .route({
      method: 'PUT',
      path: '/carrier/customers/{deviceId}/token',
      summary: 'The token with which a polling device says who it is',
    })
    .input(z.object({ deviceId: z.string().max(64), token: z.string().min(8).max(128).nullable() }))
    .errors(rolloutErrors)
    .output(z.void()),
  /** Null takes the right away. The token is kept as a digest. */
  setGatewayToken: call
    .meta({ action: true })
    .route({
      method: 'PUT',
      path: '/carrier/gateway-token',
      summary: 'The token with which polling devices behind a gateway say who they are',
    })
    .input(z.object({ token: z.string().min(8).max(128).nullable() }))
    .output(z.void()),
  setVendor: call
    .meta({ action: true })
    .route({
      method: 'PUT',
      path: '/carrier/vendors/{vendorName}',
      summary: 'How the carrier fetches from a vendor, and with what the vendor says who it is',
    })
    .input(
      z.object({
        vendorName,
        databaseAddress: z.url().max(256),
        accessorId: word,
        /** The carrier's at the vendor's database. */
        accessorPassword: password,
        /** The vendor's at the carrier, for notices and uploads. */
        vendorPassword: password,
      }),
    )
    .errors(rolloutErrors)
    .output(carrierVendor),
  setAddress: call
    .meta({ action: true })
    .route({
      method: 'PUT',
      path: '/carrier/addresses/{ipAddress}',
      summary: 'Where an IP address of the table is reached; null: as the network says',
    })
    .input(z.object({ ipAddress: z.ipv4(), base: z.url().max(256).nullable() }))
    .output(z.void()),
  setRolloutDefaults: call
    .meta({ action: true })
    .route({
      method: 'PUT',
      path: '/carrier/rollout-defaults',
      summary: 'Settings of new rollouts',
    })
    .input(rolloutSettings.partial())
    .errors(rolloutErrors)
    .output(rolloutSettings),
  markNotified: oneRollout
    .meta({ action: true })
    .route({
      method: 'POST',
      path: '/carrier/rollouts',
      summary: 'Records by hand that a vendor told of a release (S1-28); fetching begins',
    })
    .input(
      z.object({ vendorName, vendorReleaseId: id, settings: rolloutSettings.partial().optional() }),
    ),
  configureRollout: oneRollout
    .meta({ action: true })
    .route({
      method: 'PATCH',
      path: '/carrier/rollouts/{id}',
      summary: 'Changes its settings, before any device is chosen',
    })
    .input(z.object({ id: queryNumber(id), settings: rolloutSettings.partial() })),
  fetchRollout: oneRollout
    .meta({ action: true })
    .route({
      method: 'POST',
      path: '/carrier/rollouts/{id}/fetch',
      summary: 'Tries again to fetch what was refused or interrupted (S12)',
    })
    .input(byId),
  pauseRollout: oneRollout
    .meta({ action: true })
    .route({ method: 'POST', path: '/carrier/rollouts/{id}/pause', summary: 'Begins nothing new' })
    .input(byId),
  resumeRollout: oneRollout
    .meta({ action: true })
    .route({
      method: 'POST',
      path: '/carrier/rollouts/{id}/resume',
      summary: 'Goes on, also where a threshold stopped it',
    })
    .input(byId),
  cancelRollout: oneRollout
    .meta({ action: true })
    .route({
      method: 'POST',
      path: '/carrier/rollouts/{id}/cancel',
      summary: 'Ends it; what was downloaded stays and is paid for',
    })
    .input(byId),
  retryTasks: call
    .meta({ action: true })
    .route({
      method: 'POST',
      path: '/carrier/rollouts/{id}/retry',
      summary: 'Gives failed and abandoned devices another round of attempts',
    })
    .input(
      z.object({
        id: queryNumber(id),
        deviceIds: z.array(z.string().max(64)).max(1000).optional(),
      }),
    )
    .errors(rolloutErrors)
    .output(z.object({ retried: count })),
  answerForDevice: call
    .meta({ action: true })
    .route({
      method: 'POST',
      path: '/carrier/rollouts/{id}/answers',
      summary: 'Records the answer of a manager that came another way than by the link',
    })
    .input(
      z.object({
        id: queryNumber(id),
        deviceId: z.string().max(64),
        answer: z.enum(['yes', 'no']),
      }),
    )
    .errors(rolloutErrors)
    .output(deviceTask),
}
