import { CodedError } from '../base/coded-error'
import type { Clock } from '../base/clock'
import { plainName } from '../base/plain-name'
import type { VendorPackage } from '../contract/vendor'
import type { BlobStore } from '../storage/blob-store'
import { SOFTWARE_BYTES_MAX } from '../wire/vendor/messages'
import type { VendorStore } from './store'

/** A file on its way in; its name may be a whole path. */
export interface NewPackage {
  readonly name: string
  readonly content: AsyncIterable<Uint8Array> | Uint8Array
}

const BLOB_LIMIT = {
  bytes: SOFTWARE_BYTES_MAX,
  tooLarge() {
    const message = `The file is too large: software has at most ${SOFTWARE_BYTES_MAX} bytes.`
    return new CodedError('PACKAGE_TOO_LARGE', message, { limit: SOFTWARE_BYTES_MAX })
  },
}

/**
 * Takes in a file for releases that is no firmware image, while it arrives. The same bytes again
 * give the entry that is there. Rejects with `PACKAGE_TOO_LARGE` or, for no byte at all,
 * `RELEASE_UNFIT`; nothing is kept then.
 */
export async function takePackage(
  { store, blobs, clock }: { store: VendorStore; blobs: BlobStore; clock: Clock },
  { name, content }: NewPackage,
): Promise<VendorPackage> {
  const pieces = content instanceof Uint8Array ? [content] : content
  const { digest, bytes } = await blobs.put(withBytes(pieces), BLOB_LIMIT)
  const addedAt = clock.now()
  const added = { digest, name: plainName(name, 'package'), bytes, addedAt }
  await store.keepPackage(added)
  return (await store.package(digest)) ?? added
}

async function* withBytes(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let isEmpty = true
  for await (const piece of pieces) {
    isEmpty &&= piece.length === 0
    yield piece
  }
  if (isEmpty) throw new CodedError('RELEASE_UNFIT', 'The file is empty. Choose another.')
}
