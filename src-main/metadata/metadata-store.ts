import type { Kysely } from 'kysely'
import type { Schema } from '../storage/schema'
import type { MetadataRole } from '../wire/metadata/messages'
import type { SigningKey } from './keys'

/** A transaction, or the database itself. */
export type MetadataDb = Kysely<Schema>

export interface KeptDocument {
  readonly version: number
  /** JSON as its signatures cover it. */
  readonly document: string
  /** Milliseconds since 1970. */
  readonly createdAt: number
}

export interface KeptKey extends SigningKey {
  readonly role: MetadataRole
  readonly isRetired: boolean
}

/** Documents and keys of one repository: `vendor:NAME`, `carrier:NAME` or `carrier`. All SQL on them. */
export class MetadataStore {
  readonly #db: MetadataDb
  readonly #repository: string

  constructor(db: MetadataDb, repository: string) {
    this.#db = db
    this.#repository = repository
  }

  /** Oldest first. */
  async documents(role: MetadataRole): Promise<KeptDocument[]> {
    return this.#of(role).orderBy('version').execute()
  }

  async newest(role: MetadataRole): Promise<KeptDocument | undefined> {
    return this.#of(role).orderBy('version', 'desc').limit(1).executeTakeFirst()
  }

  async document(role: MetadataRole, version: number): Promise<KeptDocument | undefined> {
    return this.#of(role).where('version', '=', version).executeTakeFirst()
  }

  async keep(role: MetadataRole, { version, document, createdAt }: KeptDocument): Promise<void> {
    const repository = this.#repository
    await this.#db
      .insertInto('metadata')
      .values({ repository, role, version, document, created_at: createdAt })
      .execute()
  }

  /** Throws older versions away. */
  async forgetBefore(role: MetadataRole, version: number): Promise<void> {
    await this.#db
      .deleteFrom('metadata')
      .where('repository', '=', this.#repository)
      .where('role', '=', role)
      .where('version', '<', version)
      .execute()
  }

  /** Oldest first, with those that are retired. */
  async keys(role: MetadataRole): Promise<KeptKey[]> {
    const rows = await this.#db
      .selectFrom('metadata_keys')
      .selectAll()
      .where('repository', '=', this.#repository)
      .where('role', '=', role)
      .orderBy('created_at')
      .orderBy('key_id')
      .execute()
    return rows.map(({ key_id: keyId, private_key: privateKey, retired_at: retiredAt }) => {
      return { role, keyId, privateKey, isRetired: retiredAt !== null }
    })
  }

  async addKey(role: MetadataRole, key: SigningKey, createdAt: number): Promise<void> {
    const { keyId, privateKey } = key
    const named = { repository: this.#repository, role, key_id: keyId, private_key: privateKey }
    await this.#db
      .insertInto('metadata_keys')
      .values({ ...named, created_at: createdAt, retired_at: null })
      .execute()
  }

  async retireKey(role: MetadataRole, keyId: string, retiredAt: number): Promise<void> {
    await this.#db
      .updateTable('metadata_keys')
      .set({ retired_at: retiredAt })
      .where('repository', '=', this.#repository)
      .where('role', '=', role)
      .where('key_id', '=', keyId)
      .execute()
  }

  #of(role: MetadataRole) {
    return this.#db
      .selectFrom('metadata')
      .select(['version', 'document', 'created_at as createdAt'])
      .where('repository', '=', this.#repository)
      .where('role', '=', role)
  }
}
