import { CodedError } from '../../base/coded-error'
import { mustBeSigned, readRoot, readTargets, vendorOf } from '../../metadata/documents'
import type { VendorDocuments } from '../../wire/metadata/messages'

/** What the carrier has of a vendor's own documents. */
export interface HeldDocuments {
  /** Oldest first, from the first one on. */
  readonly roots: readonly string[]
  readonly targets: string | undefined
}

export interface ProvedDocuments {
  /** Those that were not held yet, oldest first. */
  readonly newRoots: readonly { readonly version: number; readonly document: string }[]
  /** Undefined: they are held already. */
  readonly newTargets: { readonly version: number; readonly document: string } | undefined
}

/**
 * Proves a vendor's documents against those that are held: every root signed by the one before and
 * by itself, targets signed by the newest one, nothing older than what is held, nothing else under
 * the same version. The first root is believed because of how the vendor authenticated. Throws
 * `METADATA_WRONG`, `METADATA_UNSIGNED`, `METADATA_OLDER`, `METADATA_CONFLICT` or
 * `METADATA_EXPIRED`.
 */
export function provedDocuments(
  vendorName: string,
  given: VendorDocuments,
  { held, now }: { readonly held: HeldDocuments; readonly now: number },
): ProvedDocuments {
  const roots = given.roots.map(document => readRoot(document))
  for (const [at, root] of roots.entries()) {
    const document = given.roots[at] ?? ''
    const known = held.roots[at]
    if (known !== undefined && known !== document) throw conflict('root', at + 1)
    // Proved when it was taken: anybody may bring roots, and signatures cost time.
    if (known !== undefined) continue
    if (root.signed.version !== at + 1) throw wrong(`root ${at + 1} is missing or out of order`)
    if (vendorOf(document) !== vendorName) throw wrong(`root ${at + 1} is another vendor's`)
    mustBeSigned(roots[at - 1] ?? root, root)
    mustBeSigned(root, root)
  }
  if (roots.length < held.roots.length) throw older('root', roots.length, held.roots.length)
  const newest = roots.at(-1)
  if (!newest) throw wrong('there is no root')
  const targets = readTargets(given.targets)
  mustBeSigned(newest, targets)
  for (const { signed } of [newest, targets]) {
    if (signed.isExpired(new Date(now))) throw expired(signed.type, signed.expires)
  }
  const newRoots = given.roots.map((document, at) => ({ version: at + 1, document }))
  return {
    newRoots: newRoots.slice(held.roots.length),
    newTargets: isNew(given.targets, held.targets)
      ? { version: targets.signed.version, document: given.targets }
      : undefined,
  }
}

function isNew(document: string, held: string | undefined): boolean {
  if (held === undefined) return true
  const [version, heldVersion] = [document, held].map(each => readTargets(each).signed.version)
  if (version === undefined || heldVersion === undefined) return false
  if (version < heldVersion) throw older('targets', version, heldVersion)
  if (version === heldVersion && document !== held) throw conflict('targets', version)
  return version > heldVersion
}

function wrong(what: string): CodedError {
  const message = `The vendor's metadata is wrong: ${what}. Ask the vendor.`
  return new CodedError('METADATA_WRONG', message)
}

function older(role: string, version: number, held: number): CodedError {
  const message = `The ${role} metadata has version ${version}, version ${held} was there already. Ask the vendor for the newest.`
  return new CodedError('METADATA_OLDER', message, { role, version, held })
}

function conflict(role: string, version: number): CodedError {
  const message = `Version ${version} of the ${role} metadata was another one before. Ask the vendor who signed it.`
  return new CodedError('METADATA_CONFLICT', message, { role, version })
}

function expired(role: string, end: string): CodedError {
  const message = `The ${role} metadata ended at ${end}. The vendor has to sign it anew.`
  return new CodedError('METADATA_EXPIRED', message, { role, end })
}
