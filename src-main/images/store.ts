import type { Kysely, Selectable } from 'kysely'
import { imageInfo, storedImage, type StoredImage } from '../contract/images'
import type { RaiseNotice } from '../storage/notices'
import type { ImagesTable, Schema } from '../storage/schema'
import { entriesUnreadable, readStored } from '../storage/stored-json'

/**
 * The list of the image library. All SQL of this subsystem is here. Rows that cannot be read stay in
 * the table and count as absent; the first one met raises one notice for all of them.
 */
export class ImageStore {
  readonly #db: Kysely<Schema>
  readonly #raise: RaiseNotice
  #told = false

  constructor(db: Kysely<Schema>, raise: RaiseNotice) {
    this.#db = db
    this.#raise = raise
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
    const images = rows.flatMap(row => storedImageOf(row) ?? [])
    this.#tellUnreadable(rows.length - images.length)
    return images
  }

  async find(digest: string): Promise<StoredImage | undefined> {
    const row = await this.#db
      .selectFrom('images')
      .selectAll()
      .where('digest', '=', digest)
      .executeTakeFirst()
    return row && storedImageOf(row)
  }

  /** Also in place of a row of that digest which cannot be read. */
  async insert({ digest, name, fileBytes, addedAt, info }: StoredImage): Promise<void> {
    const row = {
      digest,
      name,
      file_bytes: fileBytes,
      added_at: addedAt,
      info: JSON.stringify(info),
    }
    await this.#db
      .insertInto('images')
      .values(row)
      .onConflict(conflict => conflict.column('digest').doUpdateSet(row))
      .execute()
  }

  /** Whether there was such an image. */
  async remove(digest: string): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('images')
      .where('digest', '=', digest)
      .executeTakeFirstOrThrow()
    return numDeletedRows > 0n
  }

  #tellUnreadable(count: number): void {
    if (this.#told || count === 0) return
    this.#told = true
    this.#raise(entriesUnreadable('the image library', count))
  }
}

function storedImageOf(row: Selectable<ImagesTable>): StoredImage | undefined {
  const image = {
    digest: row.digest,
    name: row.name,
    fileBytes: row.file_bytes,
    addedAt: row.added_at,
    info: readStored(imageInfo, row.info),
  }
  return storedImage.safeParse(image).data
}
