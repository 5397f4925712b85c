import { CodedError } from '../base/coded-error'
import type { TrialReport, VendorRelease } from '../contract/vendor'

/** What a vendor's software database decides, without its disk and its line. */

export type NamedVersion = Pick<VendorRelease, 'vendorName' | 'softwareName' | 'version'>

/**
 * The revision under which a version is registered. A version can be registered again only after
 * its newest revision was returned (S1-48, AMB-1.21). Throws `RELEASE_EXISTS`.
 */
export function revisionAfter(
  newest: Pick<VendorRelease, 'revision' | 'state'> | undefined,
  { vendorName, softwareName, version }: NamedVersion,
): number {
  if (!newest) return 1
  if (newest.state === 'returned') return newest.revision + 1
  const message = `${softwareName} ${version} of ${vendorName} is registered as revision ${newest.revision}, which was not returned. Give the software another version.`
  throw new CodedError('RELEASE_EXISTS', message, { version, revision: newest.revision })
}

/** Throws `RELEASE_RETURNED`: a returned revision goes nowhere any more (S1-48). */
export function refuseReturned(release: VendorRelease): VendorRelease {
  if (release.state !== 'returned') return release
  const { id, softwareName, version, revision } = release
  const message = `${softwareName} ${version}, revision ${revision}, was returned by the carrier. Register it again for a new revision.`
  throw new CodedError('RELEASE_RETURNED', message, { id, revision })
}

/**
 * What becomes of a release that is given back with a report (S37). The same report again is the
 * same return, whose answer was lost. Throws `RETURN_UNPROVED`, `RELEASE_NOT_HANDED_OUT` or
 * `RETURN_CONFLICT`.
 */
export function judgeReturn(release: VendorRelease, report: TrialReport): 'taken' | 'known' {
  const { id, state } = release
  if (report.outcome === 'passed') {
    const message = 'A release that passed its trial is not returned.'
    throw new CodedError('RETURN_UNPROVED', message, { id })
  }
  if (state === 'handed-out') return 'taken'
  if (state !== 'returned') {
    const message = `Release ${id} was handed out to nobody, so nobody can return it.`
    throw new CodedError('RELEASE_NOT_HANDED_OUT', message, { id, state })
  }
  if (release.report && isSame(release.report, report)) return 'known'
  const message = `Release ${id} was returned before, with another report. The first one counts.`
  throw new CodedError('RETURN_CONFLICT', message, { id })
}

function isSame(a: TrialReport, b: TrialReport): boolean {
  return (
    a.deviceId === b.deviceId &&
    a.outcome === b.outcome &&
    a.answer === b.answer &&
    a.message === b.message &&
    a.startedAt === b.startedAt &&
    a.endedAt === b.endedAt
  )
}
