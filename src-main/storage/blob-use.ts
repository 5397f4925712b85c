import type { Kysely } from 'kysely'
import type { Schema } from './schema'

/**
 * Whether somebody beside the image library needs a blob: the same bytes may be a vendor's release,
 * a file that was made from them, and software in the carrier's storage.
 */
export async function isBlobInUse(db: Kysely<Schema>, digest: string): Promise<boolean> {
  const uses = await Promise.all([
    db
      .selectFrom('vendor_releases')
      .select('digest')
      .where('digest', '=', digest)
      .limit(1)
      .execute(),
    db
      .selectFrom('vendor_packages')
      .select('digest')
      .where('digest', '=', digest)
      .limit(1)
      .execute(),
    db
      .selectFrom('carrier_rollouts')
      .select('digest')
      .where('digest', '=', digest)
      .limit(1)
      .execute(),
    db.selectFrom('carrier_files').select('sha256').where('sha256', '=', digest).limit(1).execute(),
  ])
  return uses.some(rows => rows.length > 0)
}
