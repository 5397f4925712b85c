import type { Clock } from '../base/clock'
import { CodedError } from '../base/coded-error'
import {
  FLEET_DEVICES_MAX,
  type Fleet,
  type FleetDevice,
  type NetworkDevice,
} from '../contract/network'
import type { EventBus } from '../observe/events'
import type { AuditSink } from '../observe/message'
import type { DefectLog } from '../site/refusal'
import { type RunningSite, startSite } from '../site/start-site'
import { DeviceAccess } from './access'
import { DEVICE_STATUS, mountDevices } from './device-paths'
import { addressAfter, numberOf } from './ip-address'
import { type FleetHandsets, type FleetOrder, NetworkFleet } from './network-fleet'
import { type HandsetFace, NetworkNode, type NodeBody, type NodeChange } from './network-node'
import { SoftwareDevice } from './software-device'

export interface NetworkServiceParts {
  readonly clock: Clock
  readonly audit: AuditSink
  readonly events: EventBus
  readonly logDefect: DefectLog
  /** Undefined: there is none of that name. */
  readonly handset: (name: string) => HandsetFace | undefined
  /** Makes the handsets of a fleet, which poll the carrier; calls back when one has changed. */
  readonly makeFleet: (order: FleetOrder, onChange: () => void) => Promise<FleetHandsets>
}

interface NewNode {
  readonly deviceId: string
  readonly ipAddress: string
  readonly password: string
}

interface NewFleet extends FleetOrder, Pick<Fleet, 'firstIpAddress'> {
  readonly password: string
  readonly prefix: string
}

/** As many devices can be reached at once. */
const CONNECTIONS_MAX = 1024

/**
 * The emulated IP network: devices that the carrier's server reaches by their addresses. One server
 * stands for all of them; the address book maps an IP address to its path. It lives in memory, as
 * long as the workbench does.
 */
export class NetworkService {
  readonly #parts: NetworkServiceParts
  readonly #nodes = new Map<string, NetworkNode>()
  readonly #fleets = new Map<string, NetworkFleet>()
  readonly #unsubscribe: () => void
  #server: Promise<RunningSite> | undefined
  #isClosed = false

  constructor(parts: NetworkServiceParts) {
    this.#parts = parts
    this.#unsubscribe = parts.events.subscribe(event => {
      if (event.kind === 'handset-changed') this.#handsetChanged(event.handset.name)
      if (event.kind === 'handset-removed') this.#handsetChanged(event.name)
    })
  }

  /** It listens from when somebody first wants to know where. Rejects with `CLOSED` after the end. */
  async server(): Promise<{ address: string }> {
    const { audit, clock, logDefect } = this.#parts
    // Nobody would end a server that begins now.
    if (this.#isClosed) {
      throw new CodedError('CLOSED', 'The network has ended. Open the workbench again.')
    }
    const nodeAt = (ipAddress: string) => this.#nodeAt(ipAddress)
    const starting = (this.#server ??= startSite({
      actor: 'device',
      mount: site => mountDevices(site, { clock, nodeAt }),
      statusOfCode: DEVICE_STATUS,
      audit,
      clock,
      logDefect,
      port: 0,
      connectionsMax: CONNECTIONS_MAX,
    }))
    return { address: (await starting).address }
  }

  devices(): NetworkDevice[] {
    return [...this.#nodes.values()].map(node => node.view())
  }

  fleets(): Fleet[] {
    return [...this.#fleets.values()].map(fleet => fleet.view())
  }

  /** Throws `FLEET_UNKNOWN`. */
  fleetDevices({ name, offset, limit }: { name: string; offset: number; limit: number }) {
    return this.#fleet(name).devices(offset, limit) satisfies FleetDevice[]
  }

  /** Throws `HANDSET_UNKNOWN` or `ADDRESS_TAKEN`. */
  connectHandset({ handset, ...given }: NewNode & { readonly handset: string }): NetworkDevice {
    const face = () => this.#parts.handset(handset)
    if (!face()) {
      const message = `This workbench has no virtual handset named "${handset}". Make it first.`
      throw new CodedError('HANDSET_UNKNOWN', message, { handset })
    }
    return this.#put(given, 'handset', { takes: 'notice', handset, face })
  }

  /** Throws `ADDRESS_TAKEN`. */
  addDevice({
    deviceClass,
    software,
    ...given
  }: NewNode & {
    readonly deviceClass: NetworkDevice['deviceClass']
    readonly software: NetworkDevice['software']
  }): NetworkDevice {
    const body: NodeBody = { takes: 'software', device: new SoftwareDevice(software) }
    return this.#put(given, deviceClass, body)
  }

  /** Also one device of a fleet. Throws `ADDRESS_UNKNOWN`. */
  changeDevice({ ipAddress, ...change }: NodeChange & { readonly ipAddress: string }) {
    const node = this.#nodeAt(ipAddress)
    if (!node) throw addressUnknown(ipAddress)
    node.change(change)
    return node.view() satisfies NetworkDevice
  }

  /** Throws `ADDRESS_UNKNOWN`. */
  removeDevice({ ipAddress }: { readonly ipAddress: string }): void {
    if (!this.#nodes.delete(ipAddress)) throw addressUnknown(ipAddress)
    this.#parts.events.publish({ kind: 'network-device-removed', ipAddress })
  }

  /** Rejects with `FLEET_EXISTS`, `ADDRESS_TAKEN`, `MODEL_UNKNOWN` or `FLEET_UNFIT`. */
  async createFleet({ password, prefix, firstIpAddress, ...order }: NewFleet): Promise<Fleet> {
    const { clock, events, makeFleet } = this.#parts
    const { name, size } = order
    this.#checkRoom(order, firstIpAddress)
    const publish = (fleet: Fleet) => events.publish({ kind: 'fleet-changed', fleet })
    const fleet = new NetworkFleet({ ...order, firstIpAddress, password, prefix, clock, publish })
    // Nobody else is to have the name or the addresses meanwhile.
    this.#fleets.set(name, fleet)
    try {
      const handsets = await makeFleet(order, () => fleet.changed())
      if (this.#fleets.get(name) === fleet) fleet.fit(handsets)
      else handsets.close()
    } catch (error) {
      if (this.#fleets.get(name) === fleet) this.#fleets.delete(name)
      throw fleetError(error, size)
    }
    return fleet.view()
  }

  /** Throws `FLEET_UNKNOWN`. */
  removeFleet({ name }: { readonly name: string }): void {
    this.#fleet(name).close()
    this.#fleets.delete(name)
    this.#parts.events.publish({ kind: 'fleet-removed', name })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#unsubscribe()
    for (const fleet of this.#fleets.values()) fleet.close()
    this.#fleets.clear()
    const server = await this.#server?.catch(() => undefined)
    await server?.close()
  }

  #put(
    { ipAddress, ...names }: NewNode,
    deviceClass: NetworkDevice['deviceClass'],
    body: NodeBody,
  ): NetworkDevice {
    this.#checkFree(ipAddress, 1)
    const { clock } = this.#parts
    const access = new DeviceAccess(names, { clock })
    const onChange = (changed: NetworkNode) => this.#publish(changed)
    const node = new NetworkNode({ ipAddress, deviceClass, access, body, onChange })
    this.#nodes.set(ipAddress, node)
    this.#publish(node)
    return node.view()
  }

  #publish(node: NetworkNode): void {
    // What goes on at a device that was removed meanwhile is nobody's.
    if (this.#nodes.get(node.ipAddress) !== node) return
    this.#parts.events.publish({ kind: 'network-device-changed', device: node.view() })
  }

  /** What is shown of a device is also what its handset is. */
  #handsetChanged(name: string): void {
    for (const node of this.#nodes.values()) {
      if (node.body.takes === 'notice' && node.body.handset === name) node.handsetChanged()
    }
  }

  #nodeAt(ipAddress: string): NetworkNode | undefined {
    const node = this.#nodes.get(ipAddress)
    if (node) return node
    for (const fleet of this.#fleets.values()) {
      const inFleet = fleet.nodeAt(ipAddress)
      if (inFleet) return inFleet
    }
    return undefined
  }

  #fleet(name: string): NetworkFleet {
    const fleet = this.#fleets.get(name)
    if (fleet) return fleet
    throw new CodedError('FLEET_UNKNOWN', `There is no fleet named "${name}".`, { name })
  }

  #checkRoom({ name, size }: FleetOrder, firstIpAddress: string): void {
    if (this.#fleets.has(name)) {
      const message = `A fleet named "${name}" exists. Take another name, or remove that one.`
      throw new CodedError('FLEET_EXISTS', message, { name })
    }
    const sizes = [...this.#fleets.values()].map(fleet => fleet.size)
    const total = sizes.reduce((sum, other) => sum + other, size)
    if (total > FLEET_DEVICES_MAX) {
      const message = `All fleets together have at most ${FLEET_DEVICES_MAX} handsets. Remove one first, or make a smaller one.`
      throw new CodedError('FLEET_UNFIT', message, { limit: FLEET_DEVICES_MAX })
    }
    if (addressAfter(firstIpAddress, size - 1) === undefined) {
      const message = `There are not ${size} addresses from ${firstIpAddress} on. Begin with a lower one.`
      throw new CodedError('FLEET_UNFIT', message, { firstIpAddress })
    }
    this.#checkFree(firstIpAddress, size)
  }

  #checkFree(firstIpAddress: string, count: number): void {
    const isFleets = [...this.#fleets.values()].some(fleet => fleet.overlaps(firstIpAddress, count))
    const isDevices = [...this.#nodes.keys()].some(taken => {
      const places = numberOf(taken) - numberOf(firstIpAddress)
      return places >= 0 && places < count
    })
    if (!isFleets && !isDevices) return
    const which =
      count === 1 ? firstIpAddress : `One of ${count} addresses from ${firstIpAddress} on`
    throw new CodedError('ADDRESS_TAKEN', `${which} belongs to another device. Take another one.`)
  }
}

function addressUnknown(ipAddress: string): CodedError {
  return new CodedError('ADDRESS_UNKNOWN', `No device has the address ${ipAddress}.`, { ipAddress })
}

/** What a model or its software cannot do is the fleet's misfit. */
function fleetError(error: unknown, size: number): unknown {
  if (!(error instanceof CodedError) || error.code === 'MODEL_UNKNOWN') return error
  return new CodedError('FLEET_UNFIT', error.message, { size }, { cause: error })
}
