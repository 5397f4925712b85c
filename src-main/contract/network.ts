import * as z from 'zod'
import { call, errorCodes, handsetName, instant, queryNumber, sha256Hex } from './procedure'

const count = z.number().int().nonnegative()
const word = z.string().min(1).max(64)

export const networkErrors = errorCodes({
  ADDRESS_TAKEN: [409, 'Another device has this address.'],
  ADDRESS_UNKNOWN: [404, 'No device has this address.'],
  HANDSET_UNKNOWN: [404, 'No such handset.'],
  FLEET_EXISTS: [409, 'A fleet of this name exists.'],
  FLEET_UNKNOWN: [404, 'No such fleet.'],
  FLEET_UNFIT: [422, 'Such a fleet cannot be made.'],
  MODEL_UNKNOWN: [422, 'No such model.'],
})

/** A device of the emulated IP network, as the carrier's server can reach it. */
export const networkDevice = z.object({
  ipAddress: z.ipv4(),
  deviceId: z.string(),
  deviceClass: z.enum(['handset', 'information-terminal', 'pc', 'network-device']),
  /** Of a virtual handset; null for what is none. */
  handset: z.string().nullable(),
  isReachable: z.boolean(),
  /** What it runs; null where nothing says. */
  software: z.object({ name: z.string(), version: z.string() }).nullable(),
  /** Recorded, not running. */
  recorded: z
    .object({ name: z.string(), version: z.string(), sha256: sha256Hex, bytes: count })
    .nullable(),
  /** How the next accesses go wrong; null: they do not. */
  fault: z.enum(['silence', 'wrong-answer', 'broken-link', 'lies']).nullable(),
  lastAccessAt: instant.nullable(),
})
export type NetworkDevice = z.infer<typeof networkDevice>

/** Many handsets with real agents and flash but without a CPU (decision 14). */
export const fleet = z.object({
  name: handsetName,
  model: z.string(),
  size: count,
  firstIpAddress: z.ipv4(),
  /** Devices by the version that they hold. */
  versions: z.record(z.string(), count),
  polls: count,
  updated: count,
  failed: count,
})
export type Fleet = z.infer<typeof fleet>

/** One device of a fleet, as a row of the customer table names it. */
export const fleetDevice = z.object({
  deviceId: z.string(),
  ipAddress: z.ipv4(),
  terminalId: z.string(),
  software: z.object({ name: z.string(), version: z.string() }).nullable(),
})
export type FleetDevice = z.infer<typeof fleetDevice>

/** Memory for more is not there: each costs some KiB, and each update some more. */
export const FLEET_DEVICES_MAX = 10_000

const at = z.object({ ipAddress: z.ipv4() })
const password = z.string().min(1).max(128)

export const network = {
  // Queries
  server: call
    .route({ method: 'GET', path: '/network/server', summary: 'Where the network is reached' })
    .output(z.object({ address: z.string() })),
  devices: call
    .route({
      method: 'GET',
      path: '/network/devices',
      summary: 'Devices that were put there one by one',
    })
    .output(z.array(networkDevice)),
  fleets: call
    .route({ method: 'GET', path: '/network/fleets', summary: 'Fleets' })
    .output(z.array(fleet)),
  fleetDevices: call
    .route({
      method: 'GET',
      path: '/network/fleets/{name}/devices',
      summary: 'Devices of a fleet, by pages, as customer rows name them',
    })
    .input(
      z.object({
        name: handsetName,
        offset: queryNumber(count).default(0),
        limit: queryNumber(z.number().int().min(1).max(1000)).default(100),
      }),
    )
    .errors(networkErrors)
    .output(z.array(fleetDevice)),
  // Commands
  connectHandset: call
    .meta({ action: true })
    .route({
      method: 'POST',
      path: '/network/handsets',
      summary: 'Gives a virtual handset an address and a password',
    })
    .input(z.object({ handset: handsetName, deviceId: word, ipAddress: z.ipv4(), password }))
    .errors(networkErrors)
    .output(networkDevice),
  addDevice: call
    .meta({ action: true })
    .route({
      method: 'POST',
      path: '/network/devices',
      summary: 'Adds a device that is no handset: a PC, an information terminal',
    })
    .input(
      z.object({
        deviceId: word,
        deviceClass: z.enum(['information-terminal', 'pc', 'network-device']),
        ipAddress: z.ipv4(),
        password,
        software: z.object({ name: word, version: word }).nullable().default(null),
      }),
    )
    .errors(networkErrors)
    .output(networkDevice),
  changeDevice: call
    .meta({ action: true })
    .route({
      method: 'PATCH',
      path: '/network/devices/{ipAddress}',
      summary: 'Changes its password, its link or how it goes wrong',
    })
    .input(
      at.extend({
        password: password.optional(),
        isReachable: z.boolean().optional(),
        fault: networkDevice.shape.fault.optional(),
      }),
    )
    .errors(networkErrors)
    .output(networkDevice),
  removeDevice: call
    .meta({ action: true })
    .route({ method: 'DELETE', path: '/network/devices/{ipAddress}', summary: 'Takes it off' })
    .input(at)
    .errors(networkErrors)
    .output(z.void()),
  createFleet: call
    .meta({ action: true })
    .route({
      method: 'POST',
      path: '/network/fleets',
      summary: 'Makes many handsets without a CPU, which poll the carrier once a day',
    })
    .input(
      z.object({
        name: handsetName,
        model: word,
        software: word.optional(),
        size: z.number().int().min(1).max(FLEET_DEVICES_MAX),
        firstIpAddress: z.ipv4(),
        password,
        /** Device numbers are PREFIX-1, PREFIX-2, …. */
        prefix: z.string().regex(/^[A-Z0-9]{1,16}$/),
        seed: count.default(1),
      }),
    )
    .errors(networkErrors)
    .output(fleet),
  removeFleet: call
    .meta({ action: true })
    .route({ method: 'DELETE', path: '/network/fleets/{name}', summary: 'Ends a fleet' })
    .input(z.object({ name: handsetName }))
    .errors(networkErrors)
    .output(z.void()),
}
