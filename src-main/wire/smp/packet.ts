import { decode, encode } from 'cbor2'
import { invariant } from '../../base/assert'
import { concatBytes, viewOf } from '../../base/bytes'
import { MAX_PACKET_BYTES, SMP_HEADER_BYTES, SmpOp } from './constants'

/** Nesting that no SMP message needs; deeper input is an attack or noise. */
const MAX_CBOR_DEPTH = 8

export interface SmpHeader {
  readonly op: SmpOp
  /** 0: `rc` errors (MCUboot and older tools); 1: also `err` maps of a group. */
  readonly version: 0 | 1
  readonly group: number
  /** Copied by the server into its answer. */
  readonly sequence: number
  readonly command: number
}

export type SmpPayload = Readonly<Record<string, unknown>>

export interface SmpPacket extends SmpHeader {
  readonly payload: SmpPayload
}

/** Bytes that are no SMP packet. The message says what was wrong with which field. */
export class SmpFormatError extends Error {
  override readonly name = 'SmpFormatError'
}

/** Header and CBOR payload of one packet, as the raw encoding sends them. */
export function encodePacket(packet: SmpPacket): Uint8Array {
  const payload = encode(plainBytes(packet.payload))
  const bytes = SMP_HEADER_BYTES + payload.length
  invariant(bytes <= MAX_PACKET_BYTES, 'whoever cuts data into packets knows how long they get')
  const header = new Uint8Array(SMP_HEADER_BYTES)
  const view = viewOf(header)
  view.setUint8(0, (packet.version << 3) | packet.op)
  view.setUint16(2, payload.length)
  view.setUint16(4, packet.group)
  view.setUint8(6, packet.sequence)
  view.setUint8(7, packet.command)
  return concatBytes([header, payload])
}

/** Some platforms' byte arrays say how they look as JSON, and would be encoded so: as maps. */
function plainBytes(payload: SmpPayload): SmpPayload {
  const entries = Object.entries(payload).map(([name, value]) => [
    name,
    value instanceof Uint8Array
      ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
      : value,
  ])
  return Object.fromEntries(entries)
}

/** The payload length that a header announces; undefined while fewer than 8 bytes are there. */
export function announcedPayloadBytes(bytes: Uint8Array): number | undefined {
  return bytes.length < SMP_HEADER_BYTES ? undefined : viewOf(bytes).getUint16(2)
}

/** Reads one whole packet. Throws {@link SmpFormatError} on anything reserved, short or long. */
export function decodePacket(bytes: Uint8Array): SmpPacket {
  const header = decodeHeader(bytes)
  const payloadBytes = bytes.length - SMP_HEADER_BYTES
  const announced = announcedPayloadBytes(bytes)
  if (announced !== payloadBytes) {
    throw new SmpFormatError(`header announces ${announced} payload bytes, ${payloadBytes} arrived`)
  }
  return { ...header, payload: decodePayload(bytes.subarray(SMP_HEADER_BYTES)) }
}

/** Reads the header alone: what it takes to answer a packet whose payload makes no sense. */
export function decodeHeader(bytes: Uint8Array): SmpHeader {
  if (bytes.length < SMP_HEADER_BYTES) {
    throw new SmpFormatError(`a packet has at least 8 bytes, ${bytes.length} arrived`)
  }
  if (bytes.length > MAX_PACKET_BYTES) {
    throw new SmpFormatError(`a packet has at most ${MAX_PACKET_BYTES} bytes, got ${bytes.length}`)
  }
  const view = viewOf(bytes)
  const first = view.getUint8(0)
  // Byte 1 holds flags: none is defined yet, so none is looked at.
  if (first >> 5 !== 0) throw new SmpFormatError('the reserved bits of the first byte are not 0')
  return {
    op: operationOf(first & 7),
    version: versionOf((first >> 3) & 3),
    group: view.getUint16(4),
    sequence: view.getUint8(6),
    command: view.getUint8(7),
  }
}

function operationOf(code: number): SmpOp {
  const op = Object.values(SmpOp).find(known => known === code)
  if (op !== undefined) return op
  throw new SmpFormatError(`operation ${code} is none of read, write and their answers`)
}

function versionOf(code: number): 0 | 1 {
  if (code === 0 || code === 1) return code
  throw new SmpFormatError(`protocol version ${code} is not known (0 and 1 are)`)
}

function decodePayload(bytes: Uint8Array): SmpPayload {
  const value = decodeCbor(bytes)
  if (!isPayload(value)) throw new SmpFormatError('the payload is not a map with text keys')
  return value
}

/** SMP has no tagged values, so tags stay what they are instead of becoming dates or patterns. */
function decodeCbor(bytes: Uint8Array): unknown {
  try {
    return decode(bytes, {
      maxDepth: MAX_CBOR_DEPTH,
      rejectDuplicateKeys: true,
      ignoreGlobalTags: true,
    })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new SmpFormatError(`the payload is not CBOR: ${reason}`)
  }
}

/** A CBOR map with text keys only, which the decoder gives as a plain object. */
export function isPayload(value: unknown): value is SmpPayload {
  if (typeof value !== 'object' || value === null) return false
  return Object.getPrototypeOf(value) === Object.prototype
}
