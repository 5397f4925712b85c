import { Snapshot, Timestamp } from '@tufjs/models'
import type { Root } from '@tufjs/models'
import type { Clock } from '../../base/clock'
import { CodedError } from '../../base/coded-error'
import {
  expiryAt,
  readRoot,
  readTargets,
  signedDocument,
  vouchedFile,
} from '../../metadata/documents'
import { type MetadataDb, MetadataStore } from '../../metadata/metadata-store'
import type { MetadataRole, OnlineKeys, VendorDocuments } from '../../wire/metadata/messages'
import { OnlineKeyRing } from './online-keys'
import { provedDocuments } from './vendor-documents'

export interface CarrierMetadataParts {
  readonly db: MetadataDb
  readonly clock: Pick<Clock, 'now'>
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** How long a mirror that shows old documents goes unnoticed. */
const TIMESTAMP_MS = DAY_MS
const SNAPSHOT_MS = 7 * DAY_MS
/** At this age they are signed anew as somebody asks. */
const TIMESTAMP_RENEWED_MS = TIMESTAMP_MS / 4
const SNAPSHOT_RENEWED_MS = SNAPSHOT_MS / 2
/** Somebody may be between a timestamp and the snapshot that it names. */
const SNAPSHOTS_KEPT = 4

/**
 * The part of each vendor's TUF repository that the carrier signs: snapshot and timestamp
 * (decision 0010). They are signed anew when somebody asks and they are no longer young.
 */
export class CarrierMetadata {
  readonly #parts: CarrierMetadataParts
  /** One after the other: no version must be given twice. */
  #changes: Promise<unknown> = Promise.resolve()

  constructor(parts: CarrierMetadataParts) {
    this.#parts = parts
  }

  /** The carrier's keys that a vendor's root is to list. */
  onlineKeys(vendorName: string): Promise<OnlineKeys> {
    return this.#change(db => this.#ring(db).publicKeys(vendorName))
  }

  /** From now on vendors' roots are to list new keys. Each vendor rotates a key of its own then. */
  replaceOnlineKeys(): Promise<void> {
    return this.#change(db => this.#ring(db).replace())
  }

  /**
   * Takes a vendor's documents over, as they come with a release, and signs what vouches for them.
   * The same again changes nothing. Rejects as `provedDocuments` does, and with
   * `METADATA_KEYS_OTHER` where the root lists none of the carrier's keys.
   */
  take(vendorName: string, documents: VendorDocuments): Promise<void> {
    return this.#change(async db => {
      const store = storeOf(vendorName, db)
      const now = this.#parts.clock.now()
      const held = {
        roots: (await store.documents('root')).map(({ document }) => document),
        targets: (await store.newest('targets'))?.document,
      }
      const { newRoots, newTargets } = provedDocuments(vendorName, documents, { held, now })
      for (const root of newRoots) await store.keep('root', { ...root, createdAt: now })
      if (newTargets) await store.keep('targets', { ...newTargets, createdAt: now })
      if (newRoots.length > 0 || newTargets) await this.#signSnapshot(vendorName, db)
    })
  }

  /** The same from a vendor itself, once it is known. Rejects also with `METADATA_UNKNOWN`. */
  async renew(vendorName: string, documents: VendorDocuments): Promise<void> {
    if (!(await storeOf(vendorName, this.#parts.db).newest('root'))) throw unknown(vendorName)
    await this.take(vendorName, documents)
  }

  /** What the documents of a vendor are now; undefined: there is none of that role and version. */
  async document(
    vendorName: string,
    { role, version }: { readonly role: MetadataRole; readonly version: number | undefined },
  ): Promise<string | undefined> {
    const store = storeOf(vendorName, this.#parts.db)
    if (role === 'timestamp') await this.#keepYoung(vendorName)
    const kept = version === undefined ? store.newest(role) : store.document(role, version)
    return (await kept)?.document
  }

  async #keepYoung(vendorName: string): Promise<void> {
    const store = storeOf(vendorName, this.#parts.db)
    if (!(await this.#isOld(store))) return
    await this.#change(async db => {
      const trusted = storeOf(vendorName, db)
      // Somebody else may have waited for the same.
      if (!(await this.#isOld(trusted))) return
      const snapshot = await trusted.newest('snapshot')
      const age = this.#parts.clock.now() - (snapshot?.createdAt ?? 0)
      if (age >= SNAPSHOT_RENEWED_MS) await this.#signSnapshot(vendorName, db)
      else await this.#signTimestamp(vendorName, db)
    })
  }

  async #isOld(store: MetadataStore): Promise<boolean> {
    const timestamp = await store.newest('timestamp')
    if (!timestamp) return false
    const age = this.#parts.clock.now() - timestamp.createdAt
    // A clock that was set back makes documents from the future, which are none to go on with.
    return age >= TIMESTAMP_RENEWED_MS || age < 0
  }

  async #signSnapshot(vendorName: string, db: MetadataDb): Promise<void> {
    const store = storeOf(vendorName, db)
    const targets = await mustBeThere(store, 'targets', vendorName)
    const { version: targetsVersion } = readTargets(targets).signed
    const createdAt = this.#parts.clock.now()
    const version = ((await store.newest('snapshot'))?.version ?? 0) + 1
    const snapshot = new Snapshot({
      version,
      specVersion: '1.0.31',
      expires: expiryAt(createdAt + SNAPSHOT_MS),
      meta: { 'targets.json': vouchedFile(targets, targetsVersion) },
    })
    const document = await this.#signed('snapshot', snapshot, { vendorName, db })
    await store.keep('snapshot', { version, document, createdAt })
    await store.forgetBefore('snapshot', version - SNAPSHOTS_KEPT)
    await store.forgetBefore('targets', targetsVersion - SNAPSHOTS_KEPT)
    await this.#signTimestamp(vendorName, db)
  }

  async #signTimestamp(vendorName: string, db: MetadataDb): Promise<void> {
    const store = storeOf(vendorName, db)
    const snapshot = await store.newest('snapshot')
    if (!snapshot) throw unknown(vendorName)
    const createdAt = this.#parts.clock.now()
    const version = ((await store.newest('timestamp'))?.version ?? 0) + 1
    const timestamp = new Timestamp({
      version,
      specVersion: '1.0.31',
      expires: expiryAt(createdAt + TIMESTAMP_MS),
      snapshotMeta: vouchedFile(snapshot.document, snapshot.version),
    })
    const document = await this.#signed('timestamp', timestamp, { vendorName, db })
    await store.keep('timestamp', { version, document, createdAt })
    await store.forgetBefore('timestamp', version)
  }

  /** By those of the carrier's keys that the vendor's newest root lists. */
  async #signed(
    role: 'snapshot' | 'timestamp',
    signed: Snapshot | Timestamp,
    { vendorName, db }: { readonly vendorName: string; readonly db: MetadataDb },
  ): Promise<string> {
    const root = readRoot(await mustBeThere(storeOf(vendorName, db), 'root', vendorName)).signed
    const keys = await this.#ring(db).keys(role, vendorName)
    const listed = keys.filter(({ keyId }) => lists(root, role, keyId))
    if (listed.length > 0) return signedDocument(signed, listed)
    const message = `The root of ${vendorName} lists none of the carrier's ${role} keys. The vendor has to rotate a key.`
    throw new CodedError('METADATA_KEYS_OTHER', message, { vendorName, role })
  }

  #ring(db: MetadataDb): OnlineKeyRing {
    return new OnlineKeyRing(db, this.#parts.clock.now())
  }

  #change<Result>(change: (db: MetadataDb) => Promise<Result>): Promise<Result> {
    const { db } = this.#parts
    const result = this.#changes.then(() => db.transaction().execute(change))
    this.#changes = result.catch(() => undefined)
    return result
  }
}

function storeOf(vendorName: string, db: MetadataDb): MetadataStore {
  return new MetadataStore(db, `carrier:${vendorName}`)
}

function lists(root: Root, role: 'snapshot' | 'timestamp', keyId: string): boolean {
  return root.roles[role]?.keyIDs.includes(keyId) === true
}

async function mustBeThere(
  store: MetadataStore,
  role: 'root' | 'targets',
  vendorName: string,
): Promise<string> {
  const newest = await store.newest(role)
  if (newest) return newest.document
  throw unknown(vendorName)
}

function unknown(vendorName: string): CodedError {
  const message = `The carrier has no metadata of ${vendorName} yet: it comes with the vendor's first release.`
  return new CodedError('METADATA_UNKNOWN', message, { vendorName })
}
