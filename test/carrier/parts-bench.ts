import { onTestFinished } from 'vitest'
import type { Clock } from '../../src-main/base/clock'
import { CustomerTable } from '../../src-main/carrier/customers/customer-table'
import type { WorkbenchEvent } from '../../src-main/contract/app'
import type { Customer, DeviceTask, Rollout } from '../../src-main/contract/rollouts'
import { Audit } from '../../src-main/observe/audit'
import { EventBus } from '../../src-main/observe/events'
import { Trace } from '../../src-main/observe/trace'
import { VirtualClock } from '../../src-main/observe/virtual-clock'
import { openStorage } from '../../src-main/storage/open-storage'

/** What every part of the carrier's server is built on, in memory and in virtual time. */
export async function partsBench<Time extends Clock = VirtualClock>(given?: {
  readonly clock: Time
}) {
  const clock = given?.clock ?? new VirtualClock()
  const storage = await openStorage({ clock })
  const { db, blobs } = storage
  const events = new EventBus()
  const seen: WorkbenchEvent[] = []
  events.subscribe(event => seen.push(event))
  const trace = new Trace({ clock, events })
  const audit = new Audit({ db, clock })
  const defects: unknown[] = []
  onTestFinished(async () => {
    await audit.settle()
    await storage.close()
  })
  const observed = { db, clock, trace, audit, events, logDefect: (e: unknown) => defects.push(e) }
  const customers = new CustomerTable(observed)
  return {
    ...observed,
    blobs,
    customers,
    seen,
    defects,
    enter: (...rows: Customer[]) => customers.putCustomers({ rows }),
    refusals: async () => (await audit.list({ limit: 500 })).map(({ code }) => code),
    messages: () => trace.list({ limit: 500 }),
  }
}

export type PartsBench = Awaited<ReturnType<typeof partsBench>>

/** A release of Vendor A that lies in the storage, with everything on. */
export function sampleRollout(changes: Partial<Rollout> = {}): Rollout {
  return {
    id: 1,
    vendorName: 'Vendor A',
    softwareName: 'router-os',
    version: '2.0.0',
    revision: 1,
    vendorReleaseId: 7,
    kind: 'package',
    model: null,
    digest: 'ab'.repeat(32),
    bytes: 1000,
    additional: {
      deviceTypes: [],
      fromVersions: [],
      price: 1500,
      currency: 'JPY',
      trial: { signal: 'hello', answer: 'hello', waitSeconds: 30 },
    },
    settings: {
      acquisition: 'fetch',
      trial: true,
      consent: true,
      settlement: 'apparatus',
      delivery: 'install',
      window: null,
      consentHours: 72,
      paymentDays: 30,
      attemptsMax: 3,
      groups: [100],
      successThreshold: 100,
      errorThreshold: 100,
    },
    state: 'stored',
    reason: null,
    isPaused: false,
    groups: [],
    tasks: {},
    report: null,
    notifiedAt: 0,
    storedAt: 0,
    deadline: null,
    closedAt: null,
    changedAt: 0,
    ...changes,
  }
}

/** Writes a rollout and tasks of it down as the rollout engine does. */
export async function writeDown(
  { db, clock }: Pick<PartsBench, 'db' | 'clock'>,
  rollout: Rollout,
  tasks: readonly { readonly customer: Customer; readonly state: DeviceTask['state'] }[] = [],
): Promise<void> {
  const { id, vendorName, softwareName, version, revision, vendorReleaseId } = rollout
  await db
    .insertInto('carrier_rollouts')
    .values({
      id,
      vendor_name: vendorName,
      software_name: softwareName,
      version,
      revision,
      vendor_release_id: vendorReleaseId,
      additional: JSON.stringify(rollout.additional),
      settings: JSON.stringify(rollout.settings),
      state: rollout.state,
      is_paused: 0,
      groups: '[]',
      notified_at: clock.now(),
      deadline: rollout.deadline,
      changed_at: clock.now(),
    })
    .execute()
  for (const { customer, state } of tasks) {
    await db
      .insertInto('carrier_tasks')
      .values({
        rollout_id: id,
        device_id: customer.deviceId,
        manager_name: customer.managerName,
        state,
        group_number: 1,
        attempts: 0,
        sent_bytes: 0,
        is_restored: 0,
        changed_at: clock.now(),
      })
      .execute()
  }
}
