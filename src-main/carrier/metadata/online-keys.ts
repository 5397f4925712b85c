import { derivedKey, newKey, publicHexOf, type SigningKey } from '../../metadata/keys'
import { type MetadataDb, MetadataStore } from '../../metadata/metadata-store'
import type { OnlineKeys } from '../../wire/metadata/messages'

type OnlineRole = keyof OnlineKeys

/** Master keys belong to no vendor; each vendor's keys are derived from them. */
const REPOSITORY = 'carrier'

/**
 * The carrier's online keys. Each vendor has keys of its own, or the signed timestamp of one vendor
 * could be shown to the handsets of another one and make them refuse what comes later.
 */
export class OnlineKeyRing {
  readonly #store: MetadataStore
  readonly #now: number

  constructor(db: MetadataDb, now: number) {
    this.#store = new MetadataStore(db, REPOSITORY)
    this.#now = now
  }

  /** What a root that a vendor signs now is to list. */
  async publicKeys(vendorName: string): Promise<OnlineKeys> {
    return {
      snapshot: publicHexOf(await this.#current('snapshot', vendorName)),
      timestamp: publicHexOf(await this.#current('timestamp', vendorName)),
    }
  }

  /** Of all generations: a vendor's root goes on listing older ones until it is rotated. */
  async keys(role: OnlineRole, vendorName: string): Promise<SigningKey[]> {
    const masters = await this.#masters(role)
    return masters.map(({ privateKey }) => derivedKey(privateKey, purpose(role, vendorName)))
  }

  /** From now on vendors are given new keys; what was stolen is of no use once they rotated their root. */
  async replace(): Promise<void> {
    for (const role of ['snapshot', 'timestamp'] as const) {
      for (const { keyId, isRetired } of await this.#masters(role)) {
        if (!isRetired) await this.#store.retireKey(role, keyId, this.#now)
      }
      await this.#store.addKey(role, newKey(), this.#now)
    }
  }

  async #current(role: OnlineRole, vendorName: string): Promise<SigningKey> {
    const masters = await this.#masters(role)
    const current = masters.find(({ isRetired }) => !isRetired)
    if (current) return derivedKey(current.privateKey, purpose(role, vendorName))
    await this.#store.addKey(role, newKey(), this.#now)
    return this.#current(role, vendorName)
  }

  #masters(role: OnlineRole) {
    return this.#store.keys(role)
  }
}

function purpose(role: OnlineRole, vendorName: string): string {
  return `${role}\n${vendorName}`
}
