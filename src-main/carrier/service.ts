import type { Kysely } from 'kysely'
import type { Clock } from '../base/clock'
import { CodedError } from '../base/coded-error'
import type { CarrierOperator, Device, DeviceUpdate, Release } from '../contract/carrier'
import type { EventSink } from '../observe/events'
import type { AuditSink, TraceSink } from '../observe/message'
import type { BlobStore } from '../storage/blob-store'
import type { DefectLog } from '../site/refusal'
import type { RunningSite } from '../site/start-site'
import type { Schema } from '../storage/schema'
import type { SqliteAccess } from '../storage/sqlite'
import type { CatalogueRelease } from './catalogue'
import { type FactoryImage, FileShelf, type MakeFile } from './file-shelf'
import { startOnKeptPort } from './kept-port'
import { releaseFactsOf } from './release-image'
import { keepOperator, readOperator } from './operator'
import { RolloutService } from './rollout/service'
import type { CarrierSurroundings } from './rollout/surroundings'
import { startCarrierServer } from './server'
import { type ImageShelf, SoftwareShelf } from './software-shelf'
import { CarrierStore } from './store'
import { UpdateDesk } from './update-desk'

export interface CarrierServiceParts {
  readonly db: Kysely<Schema>
  /** Below Kysely, where it is SQLite. */
  readonly sqlite?: SqliteAccess
  readonly blobs: BlobStore
  readonly images: ImageShelf
  readonly makeFile: MakeFile
  readonly factoryImage: FactoryImage
  readonly clock: Clock
  readonly trace: TraceSink
  readonly audit: AuditSink
  readonly events: EventSink
  readonly logDefect: DefectLog
  /** Where handsets reach the server; 0 takes a free port. */
  readonly port: number
  readonly surroundings: CarrierSurroundings
}

/** The newest; consoles page through the customer table instead. */
const DEVICES_SHOWN_MAX = 500

/**
 * The carrier's software management server: a catalogue of update software, and the server that
 * handsets ask. It listens from when somebody first wants to know where.
 */
export class CarrierService {
  /** Vendors' releases, and how they reach devices. */
  readonly rollouts: RolloutService
  readonly #parts: CarrierServiceParts
  readonly #store: CarrierStore
  readonly #shelf: FileShelf
  readonly #desk: UpdateDesk
  readonly #closing = new AbortController()
  #server: Promise<RunningSite> | undefined

  constructor(parts: CarrierServiceParts) {
    const { db, blobs, images, makeFile, factoryImage, clock, trace, audit, events } = parts
    this.#parts = parts
    const { signal } = this.#closing
    const store = new CarrierStore(db)
    const carrierAddress = async () => (await this.server()).address
    this.rollouts = new RolloutService({ ...parts, store, carrierAddress })
    const { assignments, storage } = this.rollouts
    const software = new SoftwareShelf({ images, storage, store })
    const shelf = new FileShelf({ store, blobs, software, makeFile, factoryImage, clock, signal })
    this.#store = store
    this.#shelf = shelf
    this.#desk = new UpdateDesk({ store, shelf, assignments, clock, trace, audit, events })
  }

  /** Where handsets reach it. Rejects with `PORT_UNUSABLE`, and with `CLOSED` after the end. */
  async server(): Promise<{ address: string }> {
    const { audit, clock, db, logDefect, port } = this.#parts
    // Nobody would end a server that begins now.
    if (this.#closing.signal.aborted) throw closed()
    const start = (at: number) =>
      startCarrierServer({
        audit,
        clock,
        logDefect,
        port: at,
        desk: this.#desk,
        mounts: this.rollouts.mounts,
      })
    const starting = (this.#server ??= port === 0 ? startOnKeptPort(db, start) : start(port))
    try {
      const { address } = await starting
      return { address }
    } catch (error) {
      // The port may be free the next time.
      this.#server = undefined
      throw error
    }
  }

  operator(): Promise<CarrierOperator> {
    return readOperator(this.#parts.db)
  }

  setOperator(operator: CarrierOperator): Promise<CarrierOperator> {
    return keepOperator(this.#parts.db, operator)
  }

  /** Newest first. */
  async releases(): Promise<Release[]> {
    return (await this.#store.releases()).map(shownRelease)
  }

  /** Who was seen last comes first. */
  devices(): Promise<Device[]> {
    return this.#store.devices(DEVICES_SHOWN_MAX)
  }

  /** Newest first. */
  updates({ limit }: { readonly limit: number }): Promise<DeviceUpdate[]> {
    return this.#store.updates(limit)
  }

  /**
   * Hands an image of the library out from now on, to the model that its descriptor names. Rejects
   * with `IMAGE_UNKNOWN`, `BLOB_DAMAGED`, `RELEASE_UNFIT` or `RELEASE_EXISTS`.
   */
  async publish({ digest }: { readonly digest: string }): Promise<Release> {
    return this.#audited(async () => {
      const { clock, images } = this.#parts
      const { stored, image } = await images.read(digest)
      const facts = releaseFactsOf(stored.name, image)
      const publishedAt = clock.now()
      const release = { digest, ...facts, publishedAt, withdrawnAt: null }
      const kept = await this.#store.publish(release)
      if (kept) return this.#told(kept)
      const { name, version } = facts.software
      const message = `${name} ${version} for ${facts.model} is in the catalogue. Withdraw it first, or give the image another version.`
      throw new CodedError('RELEASE_EXISTS', message, { digest, version })
    })
  }

  /** Hands it out no more; an update that was announced goes on. Rejects with `RELEASE_UNKNOWN`. */
  async withdraw({ id }: { readonly id: number }): Promise<Release> {
    return this.#audited(async () => {
      await this.#store.withdraw(id, this.#parts.clock.now())
      const release = await this.#store.release(id)
      if (release) return this.#told(release)
      const message = `There is no release ${id}. The catalogue lists them with their numbers.`
      throw new CodedError('RELEASE_UNKNOWN', message, { id })
    })
  }

  /** After a theft of the carrier's online keys. */
  replaceMetadataKeys(): Promise<void> {
    return this.rollouts.replaceMetadataKeys()
  }

  /** Ends what goes on. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.rollouts.close()
    const server = await this.#server?.catch(() => undefined)
    // Files first, so that who waits for one still hears that there is none.
    await this.#shelf.settle()
    await server?.close()
    await this.#shelf.settle()
    await this.#desk.settle()
  }

  #told(release: CatalogueRelease): Release {
    const shown = shownRelease(release)
    this.#parts.events.publish({ kind: 'release-changed', release: shown })
    return shown
  }

  async #audited<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof CodedError) {
        const { code, message } = error
        this.#parts.audit.refuse({ actor: 'carrier', code, message })
      }
      throw error
    }
  }
}

function closed(): CodedError {
  return new CodedError('CLOSED', "The carrier's server has ended. Open the workbench again.")
}

function shownRelease(release: CatalogueRelease): Release {
  const { id, digest, model, software, bytes, publishedAt, withdrawnAt } = release
  return { id, digest, model, software, bytes, publishedAt, withdrawnAt }
}
