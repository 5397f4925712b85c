import type { Rollout } from '../../contract/rollouts'
import { IMAGE_FILE_BYTES_MAX } from '../../contract/constants'
import { type ReleaseRecord, SOFTWARE_BYTES_MAX } from '../../wire/vendor/messages'

/** What a notice by hand says of names: nothing yet. The record of the release says them. */
export const UNSAID = '?'

export type Announced = Pick<
  Rollout,
  'vendorName' | 'vendorReleaseId' | 'softwareName' | 'version' | 'revision'
>

/**
 * Why a record is not that of the release which was announced (S1-71); undefined where it is. In
 * words.
 */
export function recordFlaw(record: ReleaseRecord, announced: Announced): string | undefined {
  const { vendorName, id, kind, model, bytes } = record
  if (vendorName !== announced.vendorName) {
    return `it is a release of ${vendorName}, and ${announced.vendorName} was asked`
  }
  if (id !== announced.vendorReleaseId) {
    return `it is release ${id} where ${announced.vendorReleaseId} was announced`
  }
  const named = announced.softwareName === UNSAID ? undefined : namesFlaw(record, announced)
  if (named !== undefined) return named
  const isFirmware = kind === 'firmware'
  if (isFirmware === (model === null)) {
    return isFirmware ? 'it is firmware for no model' : 'it is for a model and no firmware'
  }
  const limit = isFirmware ? IMAGE_FILE_BYTES_MAX : SOFTWARE_BYTES_MAX
  if (bytes <= limit) return undefined
  return `it has ${bytes} bytes, and at most ${limit} are taken`
}

function namesFlaw(record: ReleaseRecord, announced: Announced): string | undefined {
  const isSame =
    record.softwareName === announced.softwareName &&
    record.version === announced.version &&
    record.revision === announced.revision
  return isSame ? undefined : `it is ${nameOf(record)} where ${nameOf(announced)} was announced`
}

function nameOf(release: Pick<Announced, 'softwareName' | 'version' | 'revision'>): string {
  return `${release.softwareName} ${release.version}, revision ${release.revision}`
}
