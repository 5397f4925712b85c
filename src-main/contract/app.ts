import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import { call, errorCodes, instant, queryNumber } from './procedure'
import { device, deviceUpdate, release } from './carrier'
import { deltaJob } from './delta'
import { handsetView } from './handsets'
import { storedImage } from './images'
import { mail } from './mail'
import { fleet, networkDevice } from './network'
import { traceEntry } from './observe'
import { restoreView } from './restore'
import { rollout } from './rollouts'
import { invoice } from './settlement'
import { vendor, vendorRelease } from './vendor'

/** Something a person should know: a damaged file set aside, for example. */
export const notice = z.object({
  id: z.number().int().positive(),
  at: instant,
  severity: z.enum(['info', 'warning', 'error']),
  code: z.enum([
    'DATABASE_DAMAGED',
    'ENTRIES_UNREADABLE',
    'SETTINGS_DAMAGED',
    'SETTINGS_BACKUP_USED',
    'BLOB_DAMAGED',
  ]),
  message: z.string(),
})
export type Notice = z.infer<typeof notice>

export const theme = z.enum(['system', 'light', 'dark'])
export const language = z.enum(['system', 'en', 'ja'])

/** A mail server of the user's own. */
export const mailServer = z.object({
  host: z.string().regex(/^[A-Za-z0-9._:-]{1,253}$/, 'must be a host name or an IP address'),
  port: z.number().int().min(1).max(65_535),
  /** TLS from the first byte on, as on port 465. */
  isSecure: z.boolean(),
  user: z.string().max(254).nullable(),
  password: z.string().max(256).nullable(),
})
export type MailServer = z.infer<typeof mailServer>

/** Unknown keys are kept: a newer version may have written them. */
export const settings = z.looseObject({
  version: z.literal(1),
  theme,
  language,
  /** Most recent first. */
  recentLinks: z.array(z.string().max(1024)).max(20),
  /** Sizes of panes and columns by name, in per cent or pixels as the pane says. */
  layout: z.record(z.string(), z.number()),
  /** Where the servers send mail; left out: to the mailbox of the embedded server. */
  mailServer: mailServer.nullable().optional(),
})
export type Settings = z.infer<typeof settings>

export const settingsChange = z.object({
  theme: theme.optional(),
  language: language.optional(),
  recentLinks: z.array(z.string().max(1024)).max(20).optional(),
  layout: z.record(z.string().max(64), z.number()).optional(),
  mailServer: mailServer.nullable().optional(),
})
export type SettingsChange = z.infer<typeof settingsChange>

export const hello = z.object({
  product: z.literal('kintsugi'),
  version: z.string(),
  contract: z.number().int(),
  host: z.enum(['electron', 'headless', 'in-process']),
  /** Null: everything is kept in memory. */
  dataDir: z.string().nullable(),
  startedAt: instant,
})
export type Hello = z.infer<typeof hello>

export const snapshot = z.object({
  settings,
  notices: z.array(notice),
  handsets: z.array(handsetView),
  images: z.array(storedImage),
  restores: z.array(restoreView),
  releases: z.array(release),
  devices: z.array(device),
  /** The newest ones; `carrier.updates` lists more. */
  updates: z.array(deviceUpdate),
  deltaJobs: z.array(deltaJob),
  vendors: z.array(vendor),
  /** The newest ones. */
  rollouts: z.array(rollout),
  /** The newest ones. */
  mails: z.array(mail),
  networkDevices: z.array(networkDevice),
  fleets: z.array(fleet),
  /** The newest messages; `observe.trace` reads further back. */
  trace: z.array(traceEntry),
  clock: z.object({ kind: z.enum(['real', 'virtual']), now: instant }),
})
export type Snapshot = z.infer<typeof snapshot>

export const workbenchEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('settings-changed'), settings }),
  z.object({ kind: z.literal('notice-raised'), notice }),
  z.object({ kind: z.literal('notice-dismissed'), id: z.number().int() }),
  z.object({ kind: z.literal('handset-changed'), handset: handsetView }),
  z.object({ kind: z.literal('handset-removed'), name: z.string() }),
  /** What a handset sent on its line: `bytes` is base64, `from` counts the bytes since it was made. */
  z.object({
    kind: z.literal('handset-output'),
    name: z.string(),
    from: z.number().int(),
    bytes: z.string(),
  }),
  z.object({ kind: z.literal('image-added'), image: storedImage }),
  z.object({ kind: z.literal('image-removed'), digest: z.string() }),
  z.object({ kind: z.literal('restore-changed'), restore: restoreView }),
  z.object({ kind: z.literal('release-changed'), release }),
  /** It reported itself: an inquiry or the end of an update. */
  z.object({ kind: z.literal('device-changed'), device }),
  z.object({ kind: z.literal('update-changed'), update: deviceUpdate }),
  z.object({ kind: z.literal('delta-job-changed'), job: deltaJob }),
  z.object({ kind: z.literal('vendor-changed'), vendor }),
  z.object({ kind: z.literal('vendor-release-changed'), release: vendorRelease }),
  /** Some rows: a window asks again for those that it shows. */
  z.object({ kind: z.literal('customers-changed') }),
  z.object({ kind: z.literal('rollout-changed'), rollout }),
  /** Some of its tasks; at most twice a second for a rollout. */
  z.object({ kind: z.literal('tasks-changed'), rolloutId: z.number().int() }),
  z.object({ kind: z.literal('invoice-changed'), invoice }),
  z.object({ kind: z.literal('mail-received'), mail }),
  z.object({ kind: z.literal('mailbox-cleared') }),
  z.object({ kind: z.literal('network-device-changed'), device: networkDevice }),
  z.object({ kind: z.literal('network-device-removed'), ipAddress: z.string() }),
  z.object({ kind: z.literal('fleet-changed'), fleet }),
  z.object({ kind: z.literal('fleet-removed'), name: z.string() }),
  z.object({ kind: z.literal('trace-appended'), entries: z.array(traceEntry) }),
  z.object({ kind: z.literal('trace-cleared') }),
])
export type WorkbenchEvent = z.infer<typeof workbenchEvent>

/** A connection says hello, then gives the whole state, then what changes, in batches. */
export const connectionFrame = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('hello'), hello }),
  z.object({ kind: z.literal('snapshot'), snapshot }),
  z.object({ kind: z.literal('events'), events: z.array(workbenchEvent) }),
])
export type ConnectionFrame = z.infer<typeof connectionFrame>

export const appErrors = errorCodes({
  CONTRACT_MISMATCH: [409, 'Window and main process are of different versions; reload.'],
  SETTINGS_TOO_LARGE: [413, 'The settings would become too large.'],
})

export const app = {
  // Queries
  hello: call
    .route({ method: 'GET', path: '/hello', summary: 'Who is there, in which version' })
    .output(hello),
  settings: call
    .route({ method: 'GET', path: '/settings', summary: 'The settings' })
    .output(settings),
  // Commands
  changeSettings: call
    .meta({ action: true })
    .route({ method: 'PATCH', path: '/settings', summary: 'Changes some of the settings' })
    .input(settingsChange)
    .errors(appErrors)
    .output(settings),
  dismissNotice: call
    .route({ method: 'DELETE', path: '/notices/{id}', summary: 'Takes a notice off the window' })
    .input(z.object({ id: queryNumber(z.number().int().positive()) }))
    .output(z.void()),
  // Events
  connect: call
    .route({ method: 'GET', path: '/connect', summary: 'Hello, then a snapshot, then events' })
    .input(z.object({ contract: queryNumber(z.number().int()) }))
    .errors(appErrors)
    .output(eventIterator(connectionFrame)),
}
