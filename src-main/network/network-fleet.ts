import type { Clock } from '../base/clock'
import { invariant } from '../base/assert'
import type { Fleet, FleetDevice } from '../contract/network'
import { DeviceAccess } from './access'
import { addressAfter, numberOf } from './ip-address'
import { type HandsetFace, NetworkNode } from './network-node'

/** What becomes of a fleet is told so often at most, in milliseconds of the watcher's time. */
const TELL_MS = 250

export interface FleetOrder extends Pick<Fleet, 'name' | 'model' | 'size'> {
  /** Version of built-in software; undefined: the first one of the model. */
  readonly software?: string | undefined
  /** Decides who the handsets are and when they ask. */
  readonly seed: number
}

/** Many handsets without a CPU, as who made them gives them. */
export interface FleetHandsets {
  /** From 0 on. */
  face(index: number): HandsetFace
  summary(): Pick<Fleet, 'versions' | 'polls' | 'updated' | 'failed'>
  close(): void
}

export interface NetworkFleetParts extends Pick<Fleet, 'name' | 'model' | 'size'> {
  readonly firstIpAddress: string
  readonly password: string
  readonly prefix: string
  readonly clock: Pick<Clock, 'now'>
  readonly publish: (fleet: Fleet) => void
}

/** A fleet in the network: each of its handsets has an address, one behind the other. */
export class NetworkFleet {
  readonly #parts: NetworkFleetParts
  readonly #first: number
  /** Made when somebody reaches for them. */
  readonly #nodes: (NetworkNode | undefined)[] = []
  #handsets: FleetHandsets | undefined
  #telling: NodeJS.Timeout | undefined

  constructor(parts: NetworkFleetParts) {
    this.#parts = parts
    this.#first = numberOf(parts.firstIpAddress)
  }

  get size(): number {
    return this.#parts.size
  }

  /** From here on its addresses answer. */
  fit(handsets: FleetHandsets): void {
    this.#handsets = handsets
    this.#parts.publish(this.view())
  }

  /** Whether one of so many addresses from this one on is the fleet's. */
  overlaps(firstIpAddress: string, count: number): boolean {
    const first = numberOf(firstIpAddress)
    return first < this.#first + this.#parts.size && this.#first < first + count
  }

  nodeAt(ipAddress: string): NetworkNode | undefined {
    const index = numberOf(ipAddress) - this.#first
    const isOurs = index >= 0 && index < this.#parts.size
    return isOurs && this.#handsets ? (this.#nodes[index] ??= this.#nodeOf(index)) : undefined
  }

  /** What stands in the customer table of so many devices. */
  devices(offset: number, limit: number): FleetDevice[] {
    const handsets = this.#handsets
    if (!handsets) return []
    const count = Math.max(0, Math.min(limit, this.#parts.size - offset))
    return Array.from({ length: count }, (_, place) => {
      const { terminalId, software } = handsets.face(offset + place)
      const { deviceId, ipAddress } = this.#namesOf(offset + place)
      return { deviceId, ipAddress, terminalId, software }
    })
  }

  view(): Fleet {
    const { name, model, size, firstIpAddress } = this.#parts
    const none = { versions: {}, polls: 0, updated: 0, failed: 0 }
    return { name, model, size, firstIpAddress, ...(this.#handsets?.summary() ?? none) }
  }

  /** Something of its summary is not what it was. */
  changed(): void {
    // Its handsets end after it, and they are not there before it.
    if (!this.#handsets) return
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined
      this.#parts.publish(this.view())
    }, TELL_MS).unref()
  }

  close(): void {
    const handsets = this.#handsets
    this.#handsets = undefined
    clearTimeout(this.#telling)
    handsets?.close()
  }

  #nodeOf(index: number): NetworkNode {
    const { clock, password } = this.#parts
    const { deviceId, ipAddress } = this.#namesOf(index)
    const access = new DeviceAccess({ deviceId, password }, { clock })
    const face = () => this.#handsets?.face(index)
    return new NetworkNode({
      ipAddress,
      deviceClass: 'handset',
      access,
      body: { takes: 'notice', handset: null, face },
      // Of a fleet only the summary is told.
      onChange: () => {},
    })
  }

  #namesOf(index: number): { readonly deviceId: string; readonly ipAddress: string } {
    const { prefix, firstIpAddress } = this.#parts
    const ipAddress = addressAfter(firstIpAddress, index)
    invariant(ipAddress !== undefined, 'the last address was checked')
    return { deviceId: `${prefix}-${index + 1}`, ipAddress }
  }
}
