import { CodedError } from '../../base/coded-error'
import { readImage } from '../../wire/image/read-image'
import { releaseImageOf } from '../../wire/image/release-image'
import type { ReleaseRecord } from '../../wire/vendor/messages'
import type { SoftwareStorage, StoredSoftware } from '../rollout/ports'
import { type Announced, recordFlaw } from './record-flaw'

/** Signed metadata of a vendor, as it comes with each of its releases. */
export interface MetadataTaker {
  /** Rejects with a CodedError where its signatures do not prove it. */
  take(vendorName: string, documents: ReleaseRecord['metadata']): Promise<void>
}

export interface TakeInParts {
  readonly storage: SoftwareStorage
  readonly metadata: MetadataTaker
}

/** Throws `RELEASE_FOREIGN` for a record of anything but the announced release. */
export function proveRecord(record: ReleaseRecord, announced: Announced): void {
  const flaw = recordFlaw(record, announced)
  if (flaw === undefined) return
  const message = `The record that came is not that of the announced release: ${flaw}.`
  throw new CodedError('RELEASE_FOREIGN', message, { releaseId: announced.vendorReleaseId })
}

/**
 * Takes a release's bytes into the software storage (S1, S18). Rejects with `SOFTWARE_WRONG`,
 * `RELEASE_UNFIT`, `METADATA_…`, or as the content does; then there is nothing to hand out.
 */
export async function takeIn(
  { storage, metadata }: TakeInParts,
  record: ReleaseRecord,
  content: AsyncIterable<Uint8Array>,
): Promise<StoredSoftware> {
  const { vendorName, kind, model, digest, bytes, additional } = record
  const { softwareName, version, revision } = record
  await storage.put(content, { bytes, digest })
  const isSigned = record.metadata.roots.length > 0
  if (kind === 'firmware') proveFirmware(record, await storage.read(digest))
  if (kind === 'firmware' || isSigned) {
    await metadata.take(vendorName, record.metadata).catch(unlessOvertaken)
  }
  return { kind, model, digest, bytes, additional, softwareName, version, revision }
}

/** While these bytes came, the vendor brought newer metadata: that is what is given out. */
function unlessOvertaken(error: unknown): void {
  if (!(error instanceof CodedError) || error.code !== 'METADATA_OLDER') throw error
}

/** What firmware says of itself must be what its vendor says of it: devices believe the former. */
function proveFirmware(record: ReleaseRecord, file: Uint8Array): void {
  const said = `${record.softwareName} ${record.version}`
  const { model, software } = releaseImageOf(said, readImage(file))
  const isSame =
    model === record.model &&
    software.name === record.softwareName &&
    software.version === record.version
  if (isSame) return
  const found = `${software.name} ${software.version} for ${model}`
  const message = `The firmware that came as ${said} for ${record.model} says that it is ${found}.`
  throw new CodedError('RELEASE_UNFIT', message, { model })
}
