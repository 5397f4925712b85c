import type { Kysely } from 'kysely'
import type { Clock } from '../../base/clock'
import type {
  DeviceTask,
  Rollout,
  RolloutSettings,
  RolloutState,
  TaskState,
} from '../../contract/rollouts'
import type { EventSink } from '../../observe/events'
import type { AuditSink, TraceSink } from '../../observe/message'
import type { DefectLog } from '../../site/refusal'
import type { BlobStore } from '../../storage/blob-store'
import type { Schema } from '../../storage/schema'
import type { SqliteAccess } from '../../storage/sqlite'
import { audited } from '../audited'
import { ConsentDesk } from '../consent/consent-desk'
import { CustomerTable } from '../customers/customer-table'
import { DdiEdge } from '../ddi/edge'
import { Intake } from '../intake/intake'
import { VendorReturns } from '../intake/returns'
import { BlobSoftwareStorage } from '../intake/software-storage'
import { VendorRegistry } from '../intake/vendor-registry'
import { CarrierMetadata } from '../metadata/carrier-metadata'
import { metadataMount } from '../metadata/metadata-mount'
import type { CarrierMount } from '../server'
import type { CarrierStore } from '../store'
import { TestDeviceTrial } from '../trial/trial'
import { AddressBook } from './address-book'
import type { Assignments } from './assignments'
import { RolloutEngine } from './engine'
import { changedSettings, type SettingsChange } from './rollout-settings'
import { shownRollout } from './rollout-store'
import { mountSettlements } from './settlement-route'
import type { CarrierSurroundings } from './surroundings'
import { shownTask } from './task-row'
import type { TaskPage } from './task-store'

export interface RolloutServiceParts {
  readonly db: Kysely<Schema>
  /** Below Kysely, where it is SQLite: for what is asked thousands of times a second. */
  readonly sqlite?: SqliteAccess
  readonly clock: Clock
  readonly blobs: BlobStore
  readonly trace: TraceSink
  readonly audit: AuditSink
  readonly events: EventSink
  readonly logDefect: DefectLog
  readonly surroundings: CarrierSurroundings
  readonly store: CarrierStore
  /** Of the carrier's own server, for links in mails. */
  readonly carrierAddress: () => Promise<string>
}

interface ById {
  readonly id: number
}

/** The calls about customers, vendors and rollouts, and what they are made of. */
export class RolloutService {
  /** Software storage 6. */
  readonly storage: BlobSoftwareStorage
  readonly #parts: RolloutServiceParts
  readonly #customers: CustomerTable
  readonly #vendors: VendorRegistry
  readonly #addresses: AddressBook
  readonly #metadata: CarrierMetadata
  readonly #intake: Intake
  readonly #polling: DdiEdge
  readonly #engine: RolloutEngine
  readonly #mounts: readonly CarrierMount[]
  #unsubscribe = () => {}

  constructor(parts: RolloutServiceParts) {
    const { blobs, carrierAddress, db, surroundings, trace } = parts
    const storage = new BlobSoftwareStorage(blobs)
    const registry = new VendorRegistry(parts)
    const metadata = new CarrierMetadata(parts)
    let consent: ConsentDesk | undefined
    const engine: RolloutEngine = new RolloutEngine({
      ...parts,
      storage,
      catalogue: parts.store,
      returns: new VendorReturns({ ...parts, registry }),
      trial: delivery => new TestDeviceTrial({ ...parts, delivery }),
      consent: answers => (consent = new ConsentDesk({ ...parts, answers, carrierAddress })),
      others: {
        fetch: id => this.#intake.fetch(id),
        stopFetching: id => this.#intake.stopFetching(id),
        recheck: id => this.#polling.recheck(id),
      },
    })
    const { onMail, settlementSecret } = surroundings
    const { answers, entry: book } = engine
    const intake = new Intake({ ...parts, registry, storage, metadata, book, onMail })
    const onMoved = (id: number, isDue: boolean) => engine.touch(id, isDue)
    const polling = new DdiEdge({ ...parts, software: storage, answers, onMoved })
    this.storage = storage
    this.#parts = parts
    this.#customers = new CustomerTable(parts)
    this.#vendors = registry
    this.#metadata = metadata
    this.#addresses = new AddressBook(db)
    this.#engine = engine
    this.#intake = intake
    this.#polling = polling
    this.#mounts = [
      intake.mount,
      polling.mount,
      metadataMount(metadata, trace),
      ...(consent ? [consent.mount] : []),
      mountSettlements(settlementSecret, notice => engine.settled(notice)),
    ]
  }

  /** Paths of the carrier's server that are not about updates. */
  get mounts(): readonly CarrierMount[] {
    return this.#mounts
  }

  /** What terminals of the customer table may have. */
  get assignments(): Assignments {
    return this.#engine.terminals
  }

  /** Goes on with what a stop interrupted. */
  async start(): Promise<void> {
    const { ownBooks } = this.#parts.surroundings
    this.#unsubscribe = ownBooks.onChanged(invoice => this.#engine.settled(invoice))
    this.#intake.start()
    await this.#engine.start()
  }

  async close(): Promise<void> {
    this.#unsubscribe()
    await this.#intake.close()
    await this.#engine.close()
    await this.#polling.close()
  }

  customers(page: Parameters<CustomerTable['customers']>[0]) {
    return this.#customers.customers(page)
  }

  customer(row: { readonly deviceId: string }) {
    return this.#customers.customer(row)
  }

  putCustomers(rows: Parameters<CustomerTable['putCustomers']>[0]) {
    return this.#customers.putCustomers(rows)
  }

  removeCustomers(rows: Parameters<CustomerTable['removeCustomers']>[0]) {
    return this.#customers.removeCustomers(rows)
  }

  setDeviceToken(given: Parameters<CustomerTable['setDeviceToken']>[0]) {
    return this.#customers.setDeviceToken(given)
  }

  /** With it every device of a gateway may poll; null takes that right away. */
  setGatewayToken({ token }: { readonly token: string | null }): Promise<void> {
    return this.#polling.setGatewayToken(token)
  }

  vendors() {
    return this.#vendors.vendors()
  }

  setVendor(given: Parameters<VendorRegistry['setVendor']>[0]) {
    return this.#vendors.setVendor(given)
  }

  addresses() {
    return this.#addresses.addresses()
  }

  setAddress(given: Parameters<AddressBook['setAddress']>[0]) {
    return this.#addresses.setAddress(given)
  }

  /** Newest first. */
  async rollouts({ limit }: { readonly limit: number }): Promise<Rollout[]> {
    const { rollouts } = this.#engine
    const shown: Rollout[] = []
    for (const rollout of await rollouts.rollouts(limit)) {
      shown.push(shownRollout(rollout, await rollouts.counts(rollout.id)))
    }
    return shown
  }

  rollout({ id }: ById): Promise<Rollout> {
    return this.#engine.ledger.shown(id)
  }

  async history({
    id,
  }: ById): Promise<{ at: number; state: RolloutState; reason: string | null }[]> {
    await this.#engine.ledger.kept(id)
    return this.#engine.rollouts.history(id)
  }

  async tasks(
    page: Omit<TaskPage, 'state'> & { readonly state?: TaskState | undefined },
  ): Promise<{ total: number; rows: DeviceTask[] }> {
    await this.#engine.ledger.kept(page.id)
    const { total, rows } = await this.#engine.tasks.page(page)
    return { total, rows: rows.map(shownTask) }
  }

  rolloutDefaults(): Promise<RolloutSettings> {
    return this.#engine.rollouts.defaults()
  }

  setRolloutDefaults(change: SettingsChange): Promise<RolloutSettings> {
    const { rollouts } = this.#engine
    return audited(this.#parts.audit, async () => {
      const settings = changedSettings(await rollouts.defaults(), change)
      await rollouts.setDefaults(settings)
      return settings
    })
  }

  markNotified(release: Parameters<Intake['markNotified']>[0]): Promise<Rollout> {
    return this.#intake.markNotified(release)
  }

  configureRollout(given: ById & { readonly settings: SettingsChange }) {
    return this.#engine.commands.configure(given.id, given.settings)
  }

  fetchRollout(rollout: ById): Promise<Rollout> {
    return this.#engine.commands.fetchAgain(rollout)
  }

  /** After a theft of the carrier's online keys. */
  replaceMetadataKeys(): Promise<void> {
    return this.#metadata.replaceOnlineKeys()
  }

  pauseRollout(rollout: ById): Promise<Rollout> {
    return this.#engine.commands.pause(rollout)
  }

  resumeRollout(rollout: ById): Promise<Rollout> {
    return this.#engine.commands.resume(rollout)
  }

  cancelRollout(rollout: ById): Promise<Rollout> {
    return this.#engine.commands.cancel(rollout)
  }

  async retryTasks(given: ById & { readonly deviceIds?: readonly string[] | undefined }) {
    return { retried: await this.#engine.commands.retry(given) }
  }

  async answerForDevice(
    given: ById & { readonly deviceId: string; readonly answer: 'yes' | 'no' },
  ) {
    const { id: rolloutId, deviceId, answer } = given
    return this.#engine.answers.answerOf({ rolloutId, deviceId }, answer)
  }
}
