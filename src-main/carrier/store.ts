import { type Kysely, type Selectable, sql } from 'kysely'
import type { Device, DeviceUpdate } from '../contract/carrier'
import type { CarrierFilesTable, CarrierUpdatesTable, Schema } from '../storage/schema'
import type { CatalogueRelease } from './catalogue'

/** For what a file was made; together they name it. */
export interface MadeFor {
  /** SHA-256 of the software that it is made from; empty: it holds the whole image. */
  readonly base: string
  readonly releaseId: number
  readonly sectorBytes: number
  readonly stashBytes: number
  readonly ramBytes: number
}

/** A file that was made once; its bytes lie in the blob store under `sha256`. */
export interface MadeFile extends MadeFor {
  readonly sha256: string
  readonly bytes: number
  /** RAM that rewriting takes beside the file. */
  readonly workBytes: number
  /** What a file that holds the whole image has at least. */
  readonly fullBytes: number
}

/** An update with what only the server knows of it. */
export interface KeptUpdate extends DeviceUpdate {
  readonly releaseId: number
  readonly fileSha256: string
  /** SHA-256 of the token for the file; null before a request. */
  readonly tokenDigest: string | null
  /** Until when the token is good. */
  readonly tokenUntil: number | null
}

export type UpdateChange = Partial<
  Pick<KeptUpdate, 'state' | 'sentBytes' | 'tokenDigest' | 'tokenUntil'>
> & { readonly changedAt: number }

export type SeenDevice = Omit<Device, 'update'>

const OPEN_STATES: ReadonlySet<DeviceUpdate['state']> = new Set(['announced', 'requested', 'sent'])

/** Every other state ends an update; nothing changes it any more. */
export function isOpen(state: DeviceUpdate['state']): boolean {
  return OPEN_STATES.has(state)
}

/** Everything that the server keeps. All SQL of this subsystem is here. */
export class CarrierStore {
  readonly #db: Kysely<Schema>

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  /** What is for every handset, newest first. */
  async releases(): Promise<CatalogueRelease[]> {
    const rows = await this.#db
      .selectFrom('carrier_releases')
      .selectAll()
      .where('rollout_id', 'is', null)
      .orderBy('id', 'desc')
      .execute()
    return rows.map(releaseOf)
  }

  async release(id: number): Promise<CatalogueRelease | undefined> {
    const row = await this.#db
      .selectFrom('carrier_releases')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst()
    return row && releaseOf(row)
  }

  /** Undefined where the model's software of that version is handed out already. */
  async publish(release: Omit<CatalogueRelease, 'id'>): Promise<CatalogueRelease | undefined> {
    const { digest, model, software, bytes, sha256, publishedAt } = release
    const row = await this.#db
      .insertInto('carrier_releases')
      .values({
        digest,
        model,
        ...software,
        bytes,
        sha256,
        published_at: publishedAt,
        withdrawn_at: null,
      })
      .onConflict(conflict => conflict.doNothing())
      .returningAll()
      .executeTakeFirst()
    return row && releaseOf(row)
  }

  /** What a rollout brings, to its devices alone. The same again gives what there is. */
  async assign(
    rolloutId: number,
    release: Omit<CatalogueRelease, 'id' | 'withdrawnAt'>,
  ): Promise<CatalogueRelease> {
    const { digest, model, software, bytes, sha256, publishedAt } = release
    return this.#db.transaction().execute(async changes => {
      const known = await changes
        .selectFrom('carrier_releases')
        .selectAll()
        .where('rollout_id', '=', rolloutId)
        .executeTakeFirst()
      const values = { digest, model, ...software, bytes, sha256, published_at: publishedAt }
      const row =
        known ??
        (await changes
          .insertInto('carrier_releases')
          .values({ ...values, withdrawn_at: null, rollout_id: rolloutId })
          .returningAll()
          .executeTakeFirstOrThrow())
      return releaseOf(row)
    })
  }

  /** Any release, of the catalogue or of a rollout, with this software. */
  async releaseWith(sha256: string): Promise<CatalogueRelease | undefined> {
    const row = await this.#db
      .selectFrom('carrier_releases')
      .selectAll()
      .where('sha256', '=', sha256)
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst()
    return row && releaseOf(row)
  }

  async withdraw(id: number, at: number): Promise<void> {
    await this.#db
      .updateTable('carrier_releases')
      .set({ withdrawn_at: at })
      .where('id', '=', id)
      .where('withdrawn_at', 'is', null)
      .execute()
  }

  async file(madeFor: MadeFor): Promise<MadeFile | undefined> {
    const { base, releaseId, sectorBytes, stashBytes, ramBytes } = madeFor
    const row = await this.#db
      .selectFrom('carrier_files')
      .selectAll()
      .where('base', '=', base)
      .where('release_id', '=', releaseId)
      .where('sector_bytes', '=', sectorBytes)
      .where('stash_bytes', '=', stashBytes)
      .where('ram_bytes', '=', ramBytes)
      .executeTakeFirst()
    return row && fileOf(row)
  }

  async fileWith(sha256: string): Promise<MadeFile | undefined> {
    const row = await this.#db
      .selectFrom('carrier_files')
      .selectAll()
      .where('sha256', '=', sha256)
      .executeTakeFirst()
    return row && fileOf(row)
  }

  async keepFile(file: MadeFile, madeAt: number): Promise<void> {
    const row = {
      base: file.base,
      release_id: file.releaseId,
      sector_bytes: file.sectorBytes,
      stash_bytes: file.stashBytes,
      ram_bytes: file.ramBytes,
      sha256: file.sha256,
      bytes: file.bytes,
      work_bytes: file.workBytes,
      full_bytes: file.fullBytes,
      made_at: madeAt,
    }
    await this.#db
      .insertInto('carrier_files')
      .values(row)
      .onConflict(conflict => conflict.doUpdateSet(row))
      .execute()
  }

  /** Seen last, the newest first. */
  async devices(limit: number): Promise<Device[]> {
    const rows = await this.#deviceRows().orderBy('seen_at', 'desc').limit(limit).execute()
    const terminals = rows.map(({ terminal_id }) => terminal_id)
    const newest = await this.#updateRows()
      .where('carrier_updates.number', 'in', database =>
        database
          .selectFrom('carrier_updates')
          .select(({ fn }) => fn.max('number').as('newest'))
          .where('terminal_id', 'in', terminals)
          .groupBy('terminal_id'),
      )
      .execute()
    const updates = new Map(newest.map(row => [row.terminal_id, shownUpdate(updateOf(row))]))
    return rows.map(row => ({ ...seenOf(row), update: updates.get(row.terminal_id) ?? null }))
  }

  async device(terminalId: string): Promise<Device | undefined> {
    const row = await this.#deviceRows().where('terminal_id', '=', terminalId).executeTakeFirst()
    if (!row) return undefined
    const newest = await this.newestUpdate(terminalId)
    return { ...seenOf(row), update: newest ? shownUpdate(newest) : null }
  }

  async deviceCount(): Promise<number> {
    const { count } = await this.#db
      .selectFrom('carrier_devices')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    return count
  }

  async keepDevice({ terminalId, model, software, lastSeenAt }: SeenDevice): Promise<void> {
    const row = {
      terminal_id: terminalId,
      model,
      software_name: software?.name ?? null,
      software_version: software?.version ?? null,
      seen_at: lastSeenAt,
    }
    await this.#db
      .insertInto('carrier_devices')
      .values(row)
      .onConflict(conflict => conflict.column('terminal_id').doUpdateSet(row))
      .execute()
  }

  /** Newest first. */
  async updates(limit: number): Promise<DeviceUpdate[]> {
    const rows = await this.#updateRows()
      .orderBy('carrier_updates.number', 'desc')
      .limit(limit)
      .execute()
    return rows.map(row => shownUpdate(updateOf(row)))
  }

  async update(id: string): Promise<KeptUpdate | undefined> {
    const row = await this.#updateRows().where('carrier_updates.id', '=', id).executeTakeFirst()
    return row && updateOf(row)
  }

  /** The newest update of a handset, if it is with this file and did not end. */
  async openUpdate(terminalId: string, fileSha256: string): Promise<KeptUpdate | undefined> {
    const newest = await this.newestUpdate(terminalId)
    const isSame = newest?.fileSha256 === fileSha256
    return newest && isSame && isOpen(newest.state) ? newest : undefined
  }

  async insertUpdate(update: Omit<KeptUpdate, 'to'>): Promise<void> {
    const row = {
      id: update.id,
      terminal_id: update.terminalId,
      release_id: update.releaseId,
      from_name: update.from?.name ?? null,
      from_version: update.from?.version ?? null,
      kind: update.kind,
      file_sha256: update.fileSha256,
      file_bytes: update.fileBytes,
      sent_bytes: update.sentBytes,
      state: update.state,
      announced_at: update.announcedAt,
      changed_at: update.changedAt,
      token_digest: update.tokenDigest,
      token_until: update.tokenUntil,
    }
    await this.#db.insertInto('carrier_updates').values(row).execute()
  }

  async changeUpdate(id: string, change: UpdateChange): Promise<void> {
    const { changedAt, state, sentBytes, tokenDigest, tokenUntil } = change
    await this.#db
      .updateTable('carrier_updates')
      .set({
        changed_at: changedAt,
        ...(state === undefined ? {} : { state }),
        ...(sentBytes === undefined ? {} : { sent_bytes: sentBytes }),
        ...(tokenDigest === undefined ? {} : { token_digest: tokenDigest }),
        ...(tokenUntil === undefined ? {} : { token_until: tokenUntil }),
      })
      .where('id', '=', id)
      .execute()
  }

  async newestUpdate(terminalId: string): Promise<KeptUpdate | undefined> {
    const row = await this.#updateRows()
      .where('carrier_updates.terminal_id', '=', terminalId)
      .orderBy('carrier_updates.number', 'desc')
      .limit(1)
      .executeTakeFirst()
    return row && updateOf(row)
  }

  #deviceRows() {
    return this.#db.selectFrom('carrier_devices').selectAll()
  }

  #updateRows() {
    return this.#db
      .selectFrom('carrier_updates')
      .innerJoin('carrier_releases', 'carrier_releases.id', 'carrier_updates.release_id')
      .selectAll('carrier_updates')
      .select([sql.ref<string>('carrier_releases.name').as('to_name')])
      .select([sql.ref<string>('carrier_releases.version').as('to_version')])
  }
}

/** What the contract shows of an update. */
export function shownUpdate(update: KeptUpdate): DeviceUpdate {
  const { id, terminalId, from, to, kind, fileBytes, sentBytes, state } = update
  const { announcedAt, changedAt } = update
  return { id, terminalId, from, to, kind, fileBytes, sentBytes, state, announcedAt, changedAt }
}

function releaseOf(row: Selectable<Schema['carrier_releases']>): CatalogueRelease {
  const { id, digest, model, name, version, bytes, sha256 } = row
  return {
    id,
    digest,
    model,
    bytes,
    sha256,
    software: { name, version },
    publishedAt: row.published_at,
    withdrawnAt: row.withdrawn_at,
  }
}

function fileOf(row: Selectable<CarrierFilesTable>): MadeFile {
  return {
    base: row.base,
    releaseId: row.release_id,
    sectorBytes: row.sector_bytes,
    stashBytes: row.stash_bytes,
    ramBytes: row.ram_bytes,
    sha256: row.sha256,
    bytes: row.bytes,
    workBytes: row.work_bytes,
    fullBytes: row.full_bytes,
  }
}

function seenOf(row: Selectable<Schema['carrier_devices']>): SeenDevice {
  return {
    terminalId: row.terminal_id,
    model: row.model,
    software: softwareOf(row.software_name, row.software_version),
    lastSeenAt: row.seen_at,
  }
}

interface UpdateRow extends Selectable<CarrierUpdatesTable> {
  readonly to_name: string
  readonly to_version: string
}

function updateOf(row: UpdateRow): KeptUpdate {
  return {
    id: row.id,
    terminalId: row.terminal_id,
    from: softwareOf(row.from_name, row.from_version),
    to: { name: row.to_name, version: row.to_version },
    kind: row.kind,
    fileBytes: row.file_bytes,
    sentBytes: row.sent_bytes,
    state: row.state,
    announcedAt: row.announced_at,
    changedAt: row.changed_at,
    releaseId: row.release_id,
    fileSha256: row.file_sha256,
    tokenDigest: row.token_digest,
    tokenUntil: row.token_until,
  }
}

function softwareOf(name: string | null, version: string | null): Device['software'] {
  return name === null || version === null ? null : { name, version }
}
