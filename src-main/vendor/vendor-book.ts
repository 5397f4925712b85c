import { CodedError } from '../base/coded-error'
import type { Accessor, Vendor } from '../contract/vendor'
import type { VendorMetadata } from '../metadata/vendor-metadata'
import type { DefectLog } from '../site/refusal'
import { passwordHash } from '../site/credentials'
import type { AccessStore } from './access-store'
import type { CarrierLine } from './carrier-line'
import type { Databases } from './databases'
import type { KeptVendor, VendorStore } from './store'

interface VendorBookParts {
  readonly store: VendorStore
  readonly access: AccessStore
  readonly metadata: VendorMetadata
  readonly line: CarrierLine
  readonly databases: Databases
  readonly now: () => number
  readonly onVendorChanged: (vendor: Vendor) => void
  readonly logDefect: DefectLog
}

export interface Named {
  readonly vendorName: string
}

/** The vendors: their databases' places, keys, accessors and passwords. */
export class VendorBook {
  readonly #parts: VendorBookParts
  /** One vendor is opened after the other: two of one name must not both get a server. */
  #opening: Promise<unknown> = Promise.resolve()
  readonly #publishing = new Set<Promise<void>>()

  constructor(parts: VendorBookParts) {
    this.#parts = parts
  }

  /** By name. */
  async list(): Promise<Vendor[]> {
    const vendors = await this.#parts.store.vendors()
    return Promise.all(vendors.map(vendor => this.#shown(vendor)))
  }

  /** Rejects with `VENDOR_UNKNOWN`. */
  async vendor(name: string): Promise<KeptVendor> {
    const vendor = await this.#parts.store.vendor(name)
    if (vendor) return vendor
    const message = `There is no vendor "${name}". Open it first.`
    throw new CodedError('VENDOR_UNKNOWN', message, { name })
  }

  /** Rejects with `VENDOR_EXISTS`, and with `NOTICE_FAILED` where the carrier gives no keys. */
  create(input: {
    readonly name: string
    readonly root?: { readonly keys: number; readonly threshold: number } | undefined
  }): Promise<Vendor> {
    const opened = this.#opening.then(() => this.#create(input))
    this.#opening = opened.catch(() => undefined)
    return opened
  }

  async root({ vendorName }: Named): Promise<{ version: number; root: string }> {
    await this.vendor(vendorName)
    const { version, root } = await this.#parts.metadata.state(vendorName)
    return { version, root }
  }

  /** Rejects with `METADATA_KEYS_MISSING`, `METADATA_FULL` and `NOTICE_FAILED`. */
  async rotateKeys({ vendorName, role }: Named & { role: 'root' | 'targets' }): Promise<Vendor> {
    const { line, metadata, store } = this.#parts
    await this.vendor(vendorName)
    const onlineKeys = await line.onlineKeys(vendorName)
    await store.within((_, trx) => metadata.rotate(trx, vendorName, { role, onlineKeys }))
    this.publish(vendorName)
    return this.changed(vendorName)
  }

  async setCarrier(
    input: Named & { readonly password: string; readonly mailAddress?: string | undefined },
  ): Promise<Vendor> {
    const { vendorName, password, mailAddress } = input
    await this.vendor(vendorName)
    await this.#parts.store.changeVendor(vendorName, {
      carrierPassword: password,
      ...(mailAddress === undefined ? {} : { carrierMail: mailAddress }),
    })
    return this.changed(vendorName)
  }

  /** Also gives one who is registered another password. */
  async setAccessor(
    input: Named & Pick<Accessor, 'accessorId' | 'party'> & { readonly password: string },
  ): Promise<Accessor> {
    const { vendorName, accessorId, party, password } = input
    const { access, now } = this.#parts
    await this.vendor(vendorName)
    const hash = await passwordHash(password)
    const fresh = { accessorId, party, registeredAt: now(), lastAccessAt: null }
    await access.putAccessor(vendorName, { ...fresh, passwordHash: hash })
    await this.changed(vendorName)
    const kept = (await access.accessor(vendorName, accessorId)) ?? fresh
    const { registeredAt, lastAccessAt } = kept
    return { accessorId, party, registeredAt, lastAccessAt }
  }

  /** Rejects with `ACCESSOR_UNKNOWN`. */
  async removeAccessor({ vendorName, accessorId }: Named & { accessorId: string }): Promise<void> {
    await this.vendor(vendorName)
    if (!(await this.#parts.access.removeAccessor(vendorName, accessorId))) {
      const message = `${vendorName} has no accessor ${accessorId}. Its list of accessors says who there is.`
      throw new CodedError('ACCESSOR_UNKNOWN', message, { accessorId })
    }
    await this.changed(vendorName)
  }

  /** Tells everybody what the vendor is like now. */
  async changed(name: string): Promise<Vendor> {
    const vendor = await this.#shown(await this.vendor(name))
    this.#parts.onVendorChanged(vendor)
    return vendor
  }

  /** The carrier signs for what the vendor signs for; it need not hear of it at once. */
  publish(vendorName: string): void {
    const { metadata, line, logDefect } = this.#parts
    const work = metadata
      .documents(vendorName)
      .then(documents => line.publish(vendorName, documents))
      .catch((error: unknown) => logDefect(error, 'vendor'))
      .finally(() => this.#publishing.delete(work))
    this.#publishing.add(work)
  }

  /** Resolves when the carrier has heard of everything, or cannot. */
  async settle(): Promise<void> {
    await Promise.all(this.#publishing)
  }

  async #create({ name, root }: Parameters<VendorBook['create']>[0]): Promise<Vendor> {
    const { databases, line, metadata, now, store } = this.#parts
    if (await store.vendor(name)) {
      const message = `There is a vendor "${name}". Choose another name.`
      throw new CodedError('VENDOR_EXISTS', message, { name })
    }
    const onlineKeys = await line.onlineKeys(name)
    const { site } = await databases.open(name, 0)
    try {
      await store.within(async (within, trx) => {
        await within.insertVendor(name, { at: now(), port: site.port })
        const repository = { vendorName: name, onlineKeys, ...(root ? { root } : {}) }
        await metadata.create(trx, repository)
      })
    } catch (error) {
      await databases.drop(name)
      throw error
    }
    return this.changed(name)
  }

  async #shown({ name, port, releases, accessors, createdAt }: KeptVendor): Promise<Vendor> {
    const { version, expiresAt } = await this.#parts.metadata.state(name)
    return {
      name,
      address: `http://127.0.0.1:${port}`,
      releases,
      accessors,
      rootVersion: version,
      metadataExpiresAt: expiresAt,
      createdAt,
    }
  }
}
