import type { Release } from '../contract/carrier'
import type { Inquiry } from '../wire/update/messages'
import { compareVersions } from '../wire/update/versions'

/** A release with what the server must know of its image beside what it shows. */
export interface CatalogueRelease extends Release {
  /** Of what lands in the flash. */
  readonly sha256: string
}

type Held = Inquiry['software']

/**
 * What a handset could be given, the newest first: of its own model (S0-27), fitting into its
 * region, of the name of the software that it holds, and above that software's version. A handset
 * that cannot say what it holds can be given everything of its model.
 */
export function releasesFor(
  { model, software, flash }: Pick<Inquiry, 'model' | 'software' | 'flash'>,
  releases: readonly CatalogueRelease[],
): CatalogueRelease[] {
  return releases
    .filter(release => release.withdrawnAt === null && release.model === model)
    .filter(release => release.bytes <= flash.regionBytes && isAbove(release, software))
    .toSorted((a, b) => compareVersions(b.software.version, a.software.version) || b.id - a.id)
}

function isAbove({ software, sha256 }: CatalogueRelease, held: Held): boolean {
  if (!held) return true
  if (held.id.name !== software.name || held.sha256 === sha256) return false
  return compareVersions(software.version, held.id.version) > 0
}
