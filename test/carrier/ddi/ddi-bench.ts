import { hash } from 'node:crypto'
import { onTestFinished } from 'vitest'
import type { Clock } from '../../../src-main/base/clock'
import { DdiEdge } from '../../../src-main/carrier/ddi/edge'
import { FIRST_DEFAULTS } from '../../../src-main/carrier/rollout/rollout-settings'
import type { RolloutSettings, TaskState } from '../../../src-main/contract/rollouts'
import { Audit } from '../../../src-main/observe/audit'
import { EventBus } from '../../../src-main/observe/events'
import { realClock } from '../../../src-main/observe/real-clock'
import { Trace } from '../../../src-main/observe/trace'
import { startSite } from '../../../src-main/site/start-site'
import { tokenDigestOf } from '../../../src-main/site/tokens'
import { openStorage } from '../../../src-main/storage/open-storage'
import { MINATO } from '../customers/fixture'

export interface DdiBenchOptions {
  readonly dataDir?: string
  readonly clock?: Clock
  /** Kysely's own store instead of prepared statements. */
  readonly isPlain?: boolean
  /** Seconds between polls. */
  readonly pace?: { readonly busy: number; readonly idle: number }
}

/** The token of a device. */
export const tokenOf = (deviceId: string) => `token-of-${deviceId}`

/** Software that no two positions have the same bytes around in. */
export function softwareOf(bytes: number, start = ''): Uint8Array {
  const content = Buffer.alloc(bytes)
  for (let at = 0; at + 4 <= bytes; at += 4) content.writeUInt32LE((at * 2654435761) >>> 0, at)
  content.write(start, 'latin1')
  return content
}

export interface AnsweredQuestion {
  readonly rolloutId: number
  readonly deviceId: string
  readonly answer: 'yes' | 'no'
}

/** The edge on a server of its own, with the tables that others fill otherwise. */
export async function ddiBench(options: DdiBenchOptions = {}) {
  const { clock = realClock, dataDir, isPlain = false } = options
  const storage = await openStorage({ clock, ...(dataDir === undefined ? {} : { dataDir }) })
  const { db, sqlite } = storage
  const trace = new Trace({ clock, events: new EventBus() })
  const audit = new Audit({ db, clock })
  const software = new Map<string, Uint8Array>()
  const answered: AnsweredQuestion[] = []
  const moved: number[] = []
  const defects: unknown[] = []
  const logDefect = (error: unknown) => void defects.push(error)
  const edge = new DdiEdge({
    db,
    sqlite: isPlain ? undefined : sqlite,
    clock,
    trace,
    audit,
    logDefect,
    ...(options.pace ? { pace: options.pace } : {}),
    software: { read: async digest => software.get(digest) ?? new Uint8Array() },
    answers: {
      answered: async ({ rolloutId, deviceId }, answer) => {
        answered.push({ rolloutId, deviceId, answer })
      },
    },
    onMoved: rolloutId => void moved.push(rolloutId),
  })
  const site = await startSite({
    actor: 'carrier',
    mount: edge.mount,
    statusOfCode: {},
    audit,
    clock,
    logDefect,
    port: 0,
    connectionsMax: 2000,
  })
  let isOpen = true
  const close = async () => {
    if (!isOpen) return
    isOpen = false
    await site.close()
    await edge.close()
    await audit.settle()
    await storage.close()
  }
  onTestFinished(close)
  return {
    address: site.address,
    edge,
    db,
    answered,
    moved,
    defects,
    close,
    trace: () => trace.list({ limit: 5000 }),
    audit: () => audit.list({ limit: 5000 }),
    refusals: async () => (await audit.list({ limit: 5000 })).map(({ code }) => code),
    addDevice: (deviceId: string, changes: { reach?: 'poll' | 'access' } = {}) =>
      addDevice(db, deviceId, changes),
    /** A rollout of this software that hands out. */
    async addRollout(bytes: Uint8Array, settings: Partial<RolloutSettings> = {}) {
      const digest = hash('sha256', bytes, 'hex')
      software.set(digest, bytes)
      return addRollout(db, { digest, bytes: bytes.length, settings })
    },
    addTask: (rolloutId: number, deviceId: string, state: TaskState = 'connecting') =>
      addTask(db, { rolloutId, deviceId, state }),
    setState: (id: number, state: TaskState) =>
      db.updateTable('carrier_tasks').set({ state }).where('id', '=', id).execute(),
    task: (id: number) =>
      db.selectFrom('carrier_tasks').selectAll().where('id', '=', id).executeTakeFirstOrThrow(),
    outbox: () => db.selectFrom('carrier_outbox').select(['key', 'kind']).execute(),
    polling: (deviceId: string) =>
      db
        .selectFrom('carrier_polling')
        .selectAll()
        .where('device_id', '=', deviceId)
        .executeTakeFirst(),
  }
}

export type DdiBench = Awaited<ReturnType<typeof ddiBench>>
type Database = Awaited<ReturnType<typeof openStorage>>['db']

async function addDevice(
  db: Database,
  deviceId: string,
  { reach = 'poll' }: { readonly reach?: 'poll' | 'access' },
): Promise<void> {
  await db
    .insertInto('carrier_customers')
    .values({
      device_id: deviceId,
      ip_address: MINATO.ipAddress,
      password: MINATO.password,
      vendor_name: MINATO.vendorName,
      manager_name: MINATO.managerName,
      manager_email: MINATO.managerEmail,
      update_management: 'update',
      device_class: 'network-device',
      is_test_device: 0,
      wanted_software: '[]',
      time_zone: MINATO.timeZone,
      reach,
      token_digest: tokenDigestOf(tokenOf(deviceId)),
      extra: '{}',
      changed_at: 0,
    })
    .execute()
}

async function addRollout(
  db: Database,
  given: { digest: string; bytes: number; settings: Partial<RolloutSettings> },
): Promise<number> {
  const { digest, bytes, settings } = given
  const known = await db.selectFrom('carrier_rollouts').select('id').execute()
  const additional = { deviceTypes: [], fromVersions: [], price: 300, currency: 'JPY', trial: null }
  const { id } = await db
    .insertInto('carrier_rollouts')
    .values({
      vendor_name: MINATO.vendorName,
      software_name: 'gateway',
      version: '2.0.0',
      revision: known.length + 1,
      vendor_release_id: known.length + 1,
      kind: 'package',
      digest,
      bytes,
      additional: JSON.stringify(additional),
      settings: JSON.stringify({ ...FIRST_DEFAULTS, window: null, ...settings }),
      state: 'distributing',
      is_paused: 0,
      groups: '[]',
      notified_at: 0,
      changed_at: 0,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

async function addTask(
  db: Database,
  { rolloutId, deviceId, state }: { rolloutId: number; deviceId: string; state: TaskState },
): Promise<number> {
  const { id } = await db
    .insertInto('carrier_tasks')
    .values({
      rollout_id: rolloutId,
      device_id: deviceId,
      manager_name: MINATO.managerName,
      state,
      group_number: 1,
      attempts: 0,
      sent_bytes: 0,
      is_restored: 0,
      changed_at: 0,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}
