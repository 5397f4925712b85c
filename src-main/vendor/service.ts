import type { Kysely } from 'kysely'
import type { Clock } from '../base/clock'
import { CodedError } from '../base/coded-error'
import type {
  Accessor,
  Vendor,
  VendorAccess,
  VendorPackage,
  VendorRelease,
} from '../contract/vendor'
import { VendorMetadata } from '../metadata/vendor-metadata'
import type { EventSink } from '../observe/events'
import type { AuditSink, TraceSink } from '../observe/message'
import type { DefectLog } from '../site/refusal'
import type { BlobStore } from '../storage/blob-store'
import type { Schema } from '../storage/schema'
import { AccessStore } from './access-store'
import { CarrierLine, type SendMail } from './carrier-line'
import { Databases } from './databases'
import { type NewPackage, takePackage } from './packages'
import type { ContentSources } from './release-content'
import { ReleaseDesk } from './release-desk'
import { VendorStore } from './store'
import { type Named, VendorBook } from './vendor-book'

export interface VendorServiceParts {
  readonly db: Kysely<Schema>
  readonly blobs: BlobStore
  readonly images: ContentSources['images']
  readonly clock: Clock
  readonly trace: TraceSink
  readonly audit: AuditSink
  readonly events: EventSink
  readonly logDefect: DefectLog
  /** Of the carrier's server. */
  readonly carrierAddress: () => Promise<string>
  readonly sendMail: SendMail
}

/** The vendors' calls of the contract. What they refuse is in the audit under `vendor`. */
export class VendorService {
  readonly #parts: VendorServiceParts
  readonly #store: VendorStore
  readonly #access: AccessStore
  readonly #databases: Databases
  readonly #book: VendorBook
  readonly #desk: ReleaseDesk

  constructor(parts: VendorServiceParts) {
    const { db, clock, events } = parts
    const now = () => clock.now()
    const onReleaseChanged = (release: VendorRelease) => this.#releaseChanged(release)
    const onVendorChanged = (vendor: Vendor) => events.publish({ kind: 'vendor-changed', vendor })
    const metadata = new VendorMetadata({ db, clock })
    const line = new CarrierLine(parts)
    this.#parts = parts
    this.#store = new VendorStore(db)
    this.#access = new AccessStore(db)
    this.#databases = new Databases({ ...parts, metadata, onReleaseChanged })
    const shared = { ...parts, store: this.#store, databases: this.#databases, metadata, line, now }
    this.#book = new VendorBook({ ...shared, access: this.#access, onVendorChanged })
    this.#desk = new ReleaseDesk({ ...shared, book: this.#book, onReleaseChanged })
  }

  list(): Promise<Vendor[]> {
    return this.#book.list()
  }

  releases(input: Named): Promise<VendorRelease[]> {
    return this.#desk.releases(input)
  }

  async accessors({ vendorName }: Named): Promise<Accessor[]> {
    await this.#book.vendor(vendorName)
    return this.#access.accessors(vendorName)
  }

  async accesses({ vendorName, limit }: Named & { limit: number }): Promise<VendorAccess[]> {
    await this.#book.vendor(vendorName)
    return this.#access.accesses(vendorName, limit)
  }

  packages(): Promise<VendorPackage[]> {
    return this.#store.packages()
  }

  root(input: Named): Promise<{ version: number; root: string }> {
    return this.#book.root(input)
  }

  create(input: Parameters<VendorBook['create']>[0]): Promise<Vendor> {
    return this.#audited(() => this.#book.create(input))
  }

  register(input: Parameters<ReleaseDesk['register']>[0]): Promise<VendorRelease> {
    return this.#audited(() => this.#desk.register(input))
  }

  notify(input: Parameters<ReleaseDesk['notify']>[0]): Promise<VendorRelease> {
    return this.#audited(() => this.#desk.notify(input))
  }

  upload(input: Parameters<ReleaseDesk['upload']>[0]): Promise<VendorRelease> {
    return this.#audited(() => this.#desk.upload(input))
  }

  setAccessor(input: Parameters<VendorBook['setAccessor']>[0]): Promise<Accessor> {
    return this.#audited(() => this.#book.setAccessor(input))
  }

  removeAccessor(input: Parameters<VendorBook['removeAccessor']>[0]): Promise<void> {
    return this.#audited(() => this.#book.removeAccessor(input))
  }

  setCarrier(input: Parameters<VendorBook['setCarrier']>[0]): Promise<Vendor> {
    return this.#audited(() => this.#book.setCarrier(input))
  }

  rotateKeys(input: Parameters<VendorBook['rotateKeys']>[0]): Promise<Vendor> {
    return this.#audited(() => this.#book.rotateKeys(input))
  }

  /** Takes in a file that is no firmware image. Rejects as {@link takePackage} says. */
  addPackage(file: NewPackage): Promise<VendorPackage> {
    return this.#audited(() => takePackage({ ...this.#parts, store: this.#store }, file))
  }

  /** Opens the databases of the vendors that there are, where they were before. */
  async start(): Promise<void> {
    for (const { name, port } of await this.#store.vendors()) {
      const { site } = await this.#databases.open(name, port)
      if (site.port === port) continue
      await this.#store.changeVendor(name, { port: site.port })
      const message = `Port ${port} of the software database of ${name} is taken. It is at ${site.address} now; tell whoever fetches from it.`
      this.#parts.audit.refuse({ actor: 'vendor-database', code: 'PORT_UNUSABLE', message })
    }
  }

  /** Ends every line; resolves when nothing is being written down any more. */
  async close(): Promise<void> {
    await this.#databases.close()
    await this.#book.settle()
  }

  #releaseChanged(release: VendorRelease): void {
    this.#parts.events.publish({ kind: 'vendor-release-changed', release })
    const isSignedNoMore = release.state === 'returned' && release.kind === 'firmware'
    if (isSignedNoMore) this.#book.publish(release.vendorName)
  }

  async #audited<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof CodedError) {
        const { code, message } = error
        this.#parts.audit.refuse({ actor: 'vendor', code, message })
      }
      throw error
    }
  }
}
