import type { Kysely, Selectable } from 'kysely'
import { imageInfo, type StoredImage } from '../contract/images'
import type { ImagesTable, Schema } from '../storage/schema'

/** The list of the image library. All SQL of this subsystem is here. */
export class ImageStore {
  readonly #db: Kysely<Schema>

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  /** Newest first. */
  async list(): Promise<StoredImage[]> {
    const rows = await this.#db
      .selectFrom('images')
      .selectAll()
      .orderBy('added_at', 'desc')
      .orderBy('name')
      .orderBy('digest')
      .execute()
    return rows.map(storedImageOf)
  }

  async find(digest: string): Promise<StoredImage | undefined> {
    const row = await this.#db
      .selectFrom('images')
      .selectAll()
      .where('digest', '=', digest)
      .executeTakeFirst()
    return row && storedImageOf(row)
  }

  async insert({ digest, name, fileBytes, addedAt, info }: StoredImage): Promise<void> {
    const row = {
      digest,
      name,
      file_bytes: fileBytes,
      added_at: addedAt,
      info: JSON.stringify(info),
    }
    await this.#db.insertInto('images').values(row).execute()
  }

  /** Whether there was such an image. */
  async remove(digest: string): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('images')
      .where('digest', '=', digest)
      .executeTakeFirstOrThrow()
    return numDeletedRows > 0n
  }
}

function storedImageOf(row: Selectable<ImagesTable>): StoredImage {
  return {
    digest: row.digest,
    name: row.name,
    fileBytes: row.file_bytes,
    addedAt: row.added_at,
    info: imageInfo.parse(JSON.parse(row.info)),
  }
}
