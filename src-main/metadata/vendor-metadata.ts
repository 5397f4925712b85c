import { Metadata, Root, TargetFile, Targets } from '@tufjs/models'
import type { Clock } from '../base/clock'
import { CodedError } from '../base/coded-error'
import type { AdditionalInformation } from '../contract/vendor'
import {
  METADATA_BYTES_MAX,
  type OnlineKeys,
  ROOTS_MAX,
  type TargetCustom,
  targetPath,
  type VendorDocuments,
} from '../wire/metadata/messages'
import { expiryAt, readRoot, readTargets, signedDocument } from './documents'
import { newKey, publicHexOf, type SigningKey } from './keys'
import { type MetadataDb, MetadataStore } from './metadata-store'
import { newRoot, nextRoot } from './vendor-root'

export interface VendorMetadataParts {
  readonly db: MetadataDb
  readonly clock: Pick<Clock, 'now'>
}

export interface NewRepository {
  readonly vendorName: string
  /** Of the carrier; the root lists them for snapshot and timestamp. */
  readonly onlineKeys: OnlineKeys
  /** How many root keys there are, and how many of them must sign a root; one of one if left out. */
  readonly root?: { readonly keys: number; readonly threshold: number }
}

/** A firmware release: what lands in the flash, whole, not the file that it came in. */
export interface FirmwareTarget {
  readonly sha256: string
  readonly bytes: number
  readonly model: string
  readonly softwareName: string
  readonly version: string
  readonly additional: AdditionalInformation
}

const DAY_MS = 86_400_000
/** How long handsets believe the vendor without hearing from it; a frozen mirror shows then. */
const ROOT_MS = 365 * DAY_MS
const TARGETS_MS = 90 * DAY_MS

/**
 * The part of a vendor's TUF repository that the vendor signs: root and targets (decision 0010).
 * Writes go into the transaction that is given.
 */
export class VendorMetadata {
  readonly #parts: VendorMetadataParts

  constructor(parts: VendorMetadataParts) {
    this.#parts = parts
  }

  /** Makes keys, the first root and empty targets. */
  async create(db: MetadataDb, repository: NewRepository): Promise<void> {
    const { vendorName, onlineKeys, root = { keys: 1, threshold: 1 } } = repository
    const now = this.#parts.clock.now()
    const store = this.#store(vendorName, db)
    const rootKeys = Array.from({ length: root.keys }, newKey)
    const targetsKey = newKey()
    for (const key of rootKeys) await store.addKey('root', key, now)
    await store.addKey('targets', targetsKey, now)
    const signed = newRoot({
      vendorName,
      expires: expiryAt(now + ROOT_MS),
      threshold: root.threshold,
      rootKeys: rootKeys.map(publicHexOf),
      targetsKey: publicHexOf(targetsKey),
      onlineKeys,
    })
    await this.#keepRoot(store, signed, rootKeys)
    await this.#signTargets(store, {})
  }

  /**
   * Signs a whole image as a target. A new revision takes the place of an older one. Rejects with
   * `METADATA_FULL`.
   */
  async addTarget(db: MetadataDb, vendorName: string, target: FirmwareTarget): Promise<void> {
    const store = this.#store(vendorName, db)
    const { targets } = readTargets((await mustBeThere(store, 'targets')).document).signed
    const file = targetFile(target)
    await this.#signTargets(store, { ...targets, [file.path]: file })
  }

  /** Signs what there is for a full time again. */
  async prolong(db: MetadataDb, vendorName: string): Promise<void> {
    const store = this.#store(vendorName, db)
    const { targets } = readTargets((await mustBeThere(store, 'targets')).document).signed
    await this.#signTargets(store, targets)
  }

  /** Takes a release back whose bytes are these: no handset that hears of it installs it any more. */
  async removeTarget(db: MetadataDb, vendorName: string, sha256: string): Promise<void> {
    const store = this.#store(vendorName, db)
    const { targets } = readTargets((await mustBeThere(store, 'targets')).document).signed
    const left = Object.entries(targets).filter(([, { hashes }]) => hashes['sha256'] !== sha256)
    if (left.length === Object.keys(targets).length) return
    await this.#signTargets(store, Object.fromEntries(left))
  }

  /**
   * Replaces the oldest key of a role, and takes up the carrier's keys as they are now. The new root
   * is signed by the keys of the old and of the new one. Signs everything for a full time again.
   * Rejects with `METADATA_KEYS_MISSING` where too few root keys are left to sign.
   */
  async rotate(
    db: MetadataDb,
    vendorName: string,
    change: { readonly role: 'root' | 'targets'; readonly onlineKeys: OnlineKeys },
  ): Promise<void> {
    const { role, onlineKeys } = change
    const now = this.#parts.clock.now()
    const store = this.#store(vendorName, db)
    const { document, version } = await mustBeThere(store, 'root')
    if (version >= ROOTS_MAX) throw tooManyRoots(vendorName)
    const before = readRoot(document)
    const [oldest] = before.signed.roles[role]?.keyIDs ?? []
    const fresh = newKey()
    const expires = expiryAt(now + ROOT_MS)
    const replaced = { role, oldKeyId: oldest ?? '', publicKey: publicHexOf(fresh) }
    const signed = nextRoot(before.signed, { expires, replaced, onlineKeys })
    await store.addKey(role, fresh, now)
    const keys = await store.keys('root')
    await this.#keepRoot(store, signed, keys, before)
    if (oldest !== undefined) await store.retireKey(role, oldest, now)
    await this.prolong(db, vendorName)
  }

  /** For the record of a release, and for the carrier after a rotation. */
  documents(vendorName: string): Promise<VendorDocuments> {
    // A rotation between the two would give targets that no root of these vouches for.
    return this.#parts.db.transaction().execute(async db => {
      const store = this.#store(vendorName, db)
      const roots = await store.documents('root')
      const { document: targets } = await mustBeThere(store, 'targets')
      return { roots: roots.map(({ document }) => document), targets }
    })
  }

  /** The newest root, and when the first of the vendor's documents ends, in milliseconds. */
  async state(vendorName: string): Promise<{ root: string; version: number; expiresAt: number }> {
    const store = this.#store(vendorName)
    const { document: root, version } = await mustBeThere(store, 'root')
    const { document: targets } = await mustBeThere(store, 'targets')
    const ends = [readRoot(root).signed.expires, readTargets(targets).signed.expires]
    return { root, version, expiresAt: Math.min(...ends.map(end => Date.parse(end))) }
  }

  #store(vendorName: string, db = this.#parts.db): MetadataStore {
    return new MetadataStore(db, `vendor:${vendorName}`)
  }

  async #keepRoot(
    store: MetadataStore,
    signed: Root,
    keys: readonly SigningKey[],
    before?: Metadata<Root>,
  ): Promise<void> {
    const listed = new Set(
      [signed, before?.signed].flatMap(root => root?.roles['root']?.keyIDs ?? []),
    )
    const document = signedDocument(
      signed,
      keys.filter(({ keyId }) => listed.has(keyId)),
    )
    mustSuffice(document, before)
    const createdAt = this.#parts.clock.now()
    await store.keep('root', { version: signed.version, document, createdAt })
  }

  async #signTargets(store: MetadataStore, targets: Record<string, TargetFile>): Promise<void> {
    const root = readRoot((await mustBeThere(store, 'root')).document).signed
    const keyIds = new Set(root.roles['targets']?.keyIDs)
    const keys = (await store.keys('targets')).filter(({ keyId }) => keyIds.has(keyId))
    const version = ((await store.newest('targets'))?.version ?? 0) + 1
    const createdAt = this.#parts.clock.now()
    const expires = expiryAt(createdAt + TARGETS_MS)
    const signed = new Targets({ version, specVersion: root.specVersion, expires, targets })
    const document = signedDocument(signed, keys)
    if (Buffer.byteLength(document) > METADATA_BYTES_MAX.targets) throw tooManyTargets()
    await store.keep('targets', { version, document, createdAt })
    // Only the newest is ever handed out; the version must not be given twice.
    await store.forgetBefore('targets', version)
  }
}

function targetFile(target: FirmwareTarget): TargetFile {
  const { sha256, bytes, model, softwareName: name, version, additional } = target
  const softwareId = { name, version }
  const custom: TargetCustom = {
    softwareId,
    model,
    bases: additional.fromVersions,
    price: { amount: additional.price, currency: additional.currency },
    test: additional.trial,
  }
  return new TargetFile({
    path: targetPath(model, softwareId),
    length: bytes,
    hashes: { sha256 },
    unrecognizedFields: { custom },
  })
}

/** Throws where the keys that are left do not make a root that handsets take. */
function mustSuffice(document: string, before: Metadata<Root> | undefined): void {
  const root = readRoot(document)
  try {
    before?.verifyDelegate('root', root)
    root.verifyDelegate('root', root)
  } catch (cause) {
    const { threshold = 1 } = root.signed.roles['root'] ?? {}
    const message = `Fewer than the ${threshold} root keys that must sign are there. Bring the others back, or provision the handsets anew.`
    throw new CodedError('METADATA_KEYS_MISSING', message, { threshold }, { cause })
  }
}

async function mustBeThere(store: MetadataStore, role: 'root' | 'targets') {
  const newest = await store.newest(role)
  if (newest) return newest
  throw new CodedError('METADATA_UNKNOWN', `The vendor has no ${role} metadata yet.`, { role })
}

/** Nobody would take such a document, nor any that comes after it. */
function tooManyTargets(): CodedError {
  const limit = METADATA_BYTES_MAX.targets
  const message = `What the vendor signs of its releases would have more than the ${limit} bytes that handsets take. Open another vendor for further releases.`
  return new CodedError('METADATA_FULL', message, { limit })
}

function tooManyRoots(vendorName: string): CodedError {
  const message = `The root of ${vendorName} was changed ${ROOTS_MAX - 1} times, which is as often as handsets follow. Provision them anew.`
  return new CodedError('METADATA_FULL', message, { limit: ROOTS_MAX })
}
