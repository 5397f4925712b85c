import { CodedError } from '../base/coded-error'
import type { StoredImage } from '../contract/images'
import type { VendorRelease } from '../contract/vendor'
import type { BlobStore } from '../storage/blob-store'
import type { FirmwareImage } from '../wire/image/firmware-image'
import { releaseImageOf } from '../wire/image/release-image'
import { UPDATE_FILE_BYTES_MAX } from '../wire/update/messages'
import type { VendorStore } from './store'

/** What a release hands out, and what it is called. */
type ReleaseContent = Pick<
  VendorRelease,
  'kind' | 'model' | 'softwareName' | 'version' | 'digest' | 'bytes'
>

export interface ContentSources {
  /** Of the image library. */
  readonly images: {
    read(digest: string): Promise<{ readonly stored: StoredImage; readonly image: FirmwareImage }>
  }
  readonly store: Pick<VendorStore, 'package'>
  readonly blobs: BlobStore
}

/** What a person says of a file that is to be a release. */
export interface NamedFile {
  readonly digest: string
  readonly softwareName?: string | undefined
  readonly version?: string | undefined
}

const BLOB_LIMIT = {
  bytes: UPDATE_FILE_BYTES_MAX,
  tooLarge: () => new CodedError('RELEASE_UNFIT', 'The image is larger than what can be sent.'),
}

/**
 * Finds the content of a release and keeps its bytes. An added file is a package as soon as name
 * and version are given, since it says neither itself; everything else must be a firmware image,
 * of which what lands in the flash is handed out. Rejects with `IMAGE_UNKNOWN`, `BLOB_DAMAGED`,
 * `PACKAGE_UNKNOWN` or `RELEASE_UNFIT`.
 */
export async function contentOf(
  sources: ContentSources,
  { digest, softwareName, version }: NamedFile,
): Promise<ReleaseContent> {
  const added = await sources.store.package(digest)
  if (!added) return firmwareOf(sources, { digest, softwareName, version })
  if (softwareName === undefined || version === undefined) {
    const message = `${added.name} does not say what it is. Give the name and the version of its software.`
    throw new CodedError('RELEASE_UNFIT', message, { digest })
  }
  if (await sources.blobs.has(digest)) {
    return { kind: 'package', model: null, softwareName, version, digest, bytes: added.bytes }
  }
  const message = `The bytes of ${added.name} are no longer in the data folder. Add the file again.`
  throw new CodedError('PACKAGE_UNKNOWN', message, { digest })
}

async function firmwareOf(
  { images, blobs }: ContentSources,
  { digest: file, softwareName, version }: NamedFile,
): Promise<ReleaseContent> {
  const { stored, image } = await images.read(file)
  const { model, software, data } = releaseImageOf(stored.name, image)
  const isNamed = softwareName === undefined || softwareName === software.name
  if (!isNamed || (version !== undefined && version !== software.version)) {
    const message = `${stored.name} says that it is ${software.name} ${software.version}. Leave name and version out, or give the same.`
    throw new CodedError('RELEASE_UNFIT', message, { digest: file })
  }
  const { digest, bytes } = await blobs.put([data], BLOB_LIMIT)
  const named = { softwareName: software.name, version: software.version }
  return { kind: 'firmware', model, ...named, digest, bytes }
}
