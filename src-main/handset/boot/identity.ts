import { asciiBytes, asciiText, toHex, viewOf } from '../../base/bytes'
import { crc32 } from '../../base/crc'
import type { AddressRange } from '../cpu/cpu-port'
import { SHA256_BYTES, type Sha256 } from '../digest'
import { regionOf, type HandsetModel } from '../model/model'

/** Who a handset is: written into its identity region when it is made, never afterwards. */
export interface HandsetIdentity {
  /** Spec: terminal ID, immutable. */
  readonly terminalId: string
  /** Spec: device key; 32 bytes that never leave the handset. */
  readonly deviceKey: Uint8Array
}

export interface Birth {
  readonly model: string
  readonly name: string
  readonly seed: number
}

/**
 * Size of the record at the start of the identity region, little-endian:
 *
 *     0  magic "KIDN"    4  terminal ID, ASCII, 0-padded    36  device key    68  CRC-32
 */
export const IDENTITY_BYTES = 72

const MAGIC = 'KIDN'
const TERMINAL_ID_AT = 4
const TERMINAL_ID_BYTES_MAX = 32
const DEVICE_KEY_AT = TERMINAL_ID_AT + TERMINAL_ID_BYTES_MAX
const CRC_AT = DEVICE_KEY_AT + SHA256_BYTES
const TERMINAL_ID = /^[A-Z0-9-]{1,32}$/
const SERIAL_HEX_DIGITS = 12

/** The same name, model and seed always give the same handset (decision 0003). */
export function createIdentity({ model, name, seed }: Birth, sha256: Sha256): HandsetIdentity {
  const derive = (purpose: string) => sha256([asciiBytes([purpose, model, name, seed].join('\n'))])
  const serial = toHex(derive('terminal-id')).slice(0, SERIAL_HEX_DIGITS)
  return {
    terminalId: `${model}-${serial}`.toUpperCase(),
    deviceKey: derive('device-key'),
  }
}

export function encodeIdentity({ terminalId, deviceKey }: HandsetIdentity): Uint8Array {
  const bytes = new Uint8Array(IDENTITY_BYTES)
  bytes.set(asciiBytes(MAGIC))
  bytes.set(asciiBytes(terminalId), TERMINAL_ID_AT)
  bytes.set(deviceKey, DEVICE_KEY_AT)
  viewOf(bytes).setUint32(CRC_AT, crc32(bytes.subarray(0, CRC_AT)), true)
  return bytes
}

/** Reads the record from the start of an identity region; undefined where there is no whole one. */
export function decodeIdentity(region: Uint8Array): HandsetIdentity | undefined {
  const bytes = region.slice(0, IDENTITY_BYTES)
  if (bytes.length < IDENTITY_BYTES || asciiText(bytes.subarray(0, 4)) !== MAGIC) return undefined
  if (viewOf(bytes).getUint32(CRC_AT, true) !== crc32(bytes.subarray(0, CRC_AT))) return undefined
  const terminalId = asciiText(bytes.subarray(TERMINAL_ID_AT, DEVICE_KEY_AT)).replace(/\0+$/, '')
  if (!TERMINAL_ID.test(terminalId)) return undefined
  return { terminalId, deviceKey: bytes.slice(DEVICE_KEY_AT, CRC_AT) }
}

/** The name of the model that a terminal ID begins with. */
export function modelNamedIn(terminalId: string): string {
  return terminalId.slice(0, Math.max(0, terminalId.lastIndexOf('-'))).toLowerCase()
}

/** Where the device key lies, from the start of the flash: not even the CPU may read it. */
export function deviceKeyRange(model: HandsetModel): AddressRange {
  return { address: regionOf(model, 'identity').address + DEVICE_KEY_AT, bytes: SHA256_BYTES }
}
