import { type Insertable, type Kysely, type Selectable, sql, type Updateable } from 'kysely'
import * as z from 'zod'
import {
  type Rollout,
  type RolloutSettings,
  rolloutGroup,
  rolloutSettings,
  type RolloutState,
} from '../../contract/rollouts'
import { additionalInformation, trialReport } from '../../contract/vendor'
import { readStored } from '../../storage/stored-json'
import type { Schema } from '../../storage/schema'
import type { RolloutsTable } from '../../storage/tables/rollout'
import { type KeptGroup, shownGroup, type TaskCount } from './groups'
import type { AnnouncedRelease } from './ports'
import { FIRST_DEFAULTS } from './rollout-settings'

/** A rollout as it is kept: what the contract shows but for the count of its tasks. */
export interface KeptRollout extends Omit<Rollout, 'tasks' | 'groups'> {
  readonly groups: readonly KeptGroup[]
  /** Of its software in the update catalogue; null: it is no firmware. */
  readonly catalogueId: number | null
}

/** What a change of a rollout writes beside its state. */
export interface RolloutChange extends Partial<
  Pick<
    KeptRollout,
    | 'softwareName'
    | 'version'
    | 'revision'
    | 'kind'
    | 'model'
    | 'digest'
    | 'bytes'
    | 'additional'
    | 'settings'
    | 'isPaused'
    | 'groups'
    | 'report'
    | 'storedAt'
    | 'deadline'
    | 'closedAt'
    | 'catalogueId'
    | 'reason'
  >
> {
  readonly at: number
}

const keptGroups = z.array(rolloutGroup.extend({ forgiven: z.number(), isForced: z.boolean() }))
const DEFAULTS = 'rollout-defaults'

/** Rollouts, the states that they went through, and the settings of new ones. */
export class RolloutStore {
  readonly #db: Kysely<Schema>

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  async defaults(): Promise<RolloutSettings> {
    const row = await this.#db
      .selectFrom('carrier_settings')
      .select('value')
      .where('name', '=', DEFAULTS)
      .executeTakeFirst()
    return (row && readStored(rolloutSettings, row.value)) ?? FIRST_DEFAULTS
  }

  async setDefaults(settings: RolloutSettings): Promise<void> {
    const row = { name: DEFAULTS, value: JSON.stringify(settings) }
    await this.#db
      .insertInto('carrier_settings')
      .values(row)
      .onConflict(conflict => conflict.column('name').doUpdateSet(row))
      .execute()
  }

  /** Gives the one that there is where the release was announced before. */
  async enter(
    release: AnnouncedRelease,
    settings: RolloutSettings,
    at: number,
  ): Promise<{ readonly rollout: KeptRollout; readonly isNew: boolean }> {
    return this.#db.transaction().execute(async changes => {
      const { vendorName, vendorReleaseId } = release
      const known = await rowsOf(changes)
        .where('vendor_name', '=', vendorName)
        .where('vendor_release_id', '=', vendorReleaseId)
        .executeTakeFirst()
      if (known) return { rollout: rolloutOf(known), isNew: false }
      const row = await changes
        .insertInto('carrier_rollouts')
        .values(newRow(release, settings, at))
        .returningAll()
        .executeTakeFirstOrThrow()
      const first = { rollout_id: row.id, position: 0, at, state: row.state, reason: null }
      await changes.insertInto('carrier_rollout_history').values(first).execute()
      return { rollout: rolloutOf(row), isNew: true }
    })
  }

  async rollout(id: number): Promise<KeptRollout | undefined> {
    const row = await rowsOf(this.#db).where('id', '=', id).executeTakeFirst()
    return row && rolloutOf(row)
  }

  /** Newest first. */
  async rollouts(limit: number): Promise<KeptRollout[]> {
    const rows = await rowsOf(this.#db).orderBy('id', 'desc').limit(limit).execute()
    return rows.map(rolloutOf)
  }

  /** Oldest first. */
  async inStates(states: readonly RolloutState[]): Promise<KeptRollout[]> {
    const rows = await rowsOf(this.#db).where('state', 'in', states).orderBy('id').execute()
    return rows.map(rolloutOf)
  }

  /** Whether this revision, or the release under this number, came back from its trial. */
  async isReturned({ vendorName, softwareName, version, revision }: AnnouncedRelease) {
    const row = await this.#db
      .selectFrom('carrier_rollouts')
      .select('id')
      .where('vendor_name', '=', vendorName)
      .where('software_name', '=', softwareName)
      .where('version', '=', version)
      .where('revision', '=', revision)
      .where('state', '=', 'returned')
      .executeTakeFirst()
    return row !== undefined
  }

  /** Changes what is no state. */
  async change(id: number, change: RolloutChange): Promise<void> {
    await this.#db
      .updateTable('carrier_rollouts')
      .set(columnsOf(change))
      .where('id', '=', id)
      .execute()
  }

  /** From one state to the next, with its entry in the history. False where it is in another. */
  async move(
    id: number,
    states: { readonly from: RolloutState; readonly to: RolloutState },
    change: RolloutChange,
  ): Promise<boolean> {
    return this.#db.transaction().execute(changes => moveRollout(changes, id, states, change))
  }

  async history(id: number) {
    return this.#db
      .selectFrom('carrier_rollout_history')
      .select(['at', 'state', 'reason'])
      .where('rollout_id', '=', id)
      .orderBy('position')
      .execute()
  }

  /** From the index alone. */
  async counts(id: number): Promise<TaskCount[]> {
    return this.#db
      .selectFrom('carrier_tasks')
      .select(['state', sql.ref<number>('group_number').as('group')])
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('rollout_id', '=', id)
      .groupBy(['state', 'group_number'])
      .execute()
  }
}

/** In a transaction of the caller's, so that what follows from the state is written with it. */
export async function moveRollout(
  changes: Kysely<Schema>,
  id: number,
  { from, to }: { readonly from: RolloutState; readonly to: RolloutState },
  change: RolloutChange,
): Promise<boolean> {
  const reason = change.reason ?? null
  const moved = await changes
    .updateTable('carrier_rollouts')
    .set({ ...columnsOf(change), reason, state: to })
    .where('id', '=', id)
    .where('state', '=', from)
    .executeTakeFirst()
  if (moved.numUpdatedRows === 0n) return false
  const { position } = await changes
    .selectFrom('carrier_rollout_history')
    .select(({ fn }) => fn.countAll<number>().as('position'))
    .where('rollout_id', '=', id)
    .executeTakeFirstOrThrow()
  const entry = { rollout_id: id, position, at: change.at, state: to, reason }
  await changes.insertInto('carrier_rollout_history').values(entry).execute()
  return true
}

/** With the count of its tasks, as the contract shows it. */
export function shownRollout(
  { catalogueId: _catalogueId, ...rollout }: KeptRollout,
  counts: readonly TaskCount[],
): Rollout {
  const tasks: Rollout['tasks'] = {}
  for (const { state, count } of counts) tasks[state] = (tasks[state] ?? 0) + count
  return { ...rollout, groups: rollout.groups.map(shownGroup), tasks }
}

function rowsOf(db: Kysely<Schema>) {
  return db.selectFrom('carrier_rollouts').selectAll()
}

function newRow(
  { vendorName, softwareName, version, revision, vendorReleaseId }: AnnouncedRelease,
  settings: RolloutSettings,
  at: number,
): Insertable<RolloutsTable> {
  return {
    vendor_name: vendorName,
    software_name: softwareName,
    version,
    revision,
    vendor_release_id: vendorReleaseId,
    kind: null,
    model: null,
    digest: null,
    bytes: null,
    additional: null,
    settings: JSON.stringify(settings),
    state: 'notified',
    reason: null,
    is_paused: 0,
    groups: '[]',
    report: null,
    notified_at: at,
    stored_at: null,
    deadline: null,
    closed_at: null,
    changed_at: at,
    catalogue_id: null,
  }
}

/** Fields that a change leaves out stay as they are. */
function columnsOf({ at, ...change }: RolloutChange): Updateable<RolloutsTable> {
  const { additional, settings, isPaused, groups, report } = change
  const { version, revision, kind, model, digest, bytes, deadline, reason } = change
  return {
    changed_at: at,
    version,
    revision,
    kind,
    model,
    digest,
    bytes,
    deadline,
    reason,
    software_name: change.softwareName,
    stored_at: change.storedAt,
    closed_at: change.closedAt,
    catalogue_id: change.catalogueId,
    additional: jsonOf(additional),
    settings: jsonOf(settings),
    is_paused: isPaused === undefined ? undefined : Number(isPaused),
    groups: jsonOf(groups),
    report: jsonOf(report),
  }
}

function jsonOf(value: unknown): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value)
}

export function rolloutOf(row: Selectable<RolloutsTable>): KeptRollout {
  const { id, version, revision, kind, model, digest, bytes, state, reason, deadline } = row
  return {
    id,
    vendorName: row.vendor_name,
    softwareName: row.software_name,
    version,
    revision,
    vendorReleaseId: row.vendor_release_id,
    kind,
    model,
    digest,
    bytes,
    additional: storedOr(additionalInformation, row.additional, null),
    settings: storedOr(rolloutSettings, row.settings, FIRST_DEFAULTS),
    state,
    reason,
    isPaused: row.is_paused !== 0,
    groups: storedOr(keptGroups, row.groups, []),
    report: storedOr(trialReport, row.report, null),
    notifiedAt: row.notified_at,
    storedAt: row.stored_at,
    deadline,
    closedAt: row.closed_at,
    changedAt: row.changed_at,
    catalogueId: row.catalogue_id,
  }
}

function storedOr<Value, Other>(schema: z.ZodType<Value>, text: string | null, other: Other) {
  return (text === null ? undefined : readStored(schema, text)) ?? other
}
