import { decode, encode } from 'cbor2'
import { concatBytes, viewOf } from '../../base/bytes'
import { MAX_PACKET_BYTES, SMP_HEADER_BYTES, type SmpOp } from './constants'

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
  const payload = encode(packet.payload)
  const header = new Uint8Array(SMP_HEADER_BYTES)
  const view = viewOf(header)
  view.setUint8(0, (packet.version << 3) | packet.op)
  view.setUint16(2, payload.length)
  view.setUint16(4, packet.group)
  view.setUint8(6, packet.sequence)
  view.setUint8(7, packet.command)
  return concatBytes([header, payload])
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

function decodeHeader(bytes: Uint8Array): SmpHeader {
  if (bytes.length < SMP_HEADER_BYTES) {
    throw new SmpFormatError(`a packet has at least 8 bytes, ${bytes.length} arrived`)
  }
  if (bytes.length > MAX_PACKET_BYTES) {
    throw new SmpFormatError(`a packet has at most ${MAX_PACKET_BYTES} bytes, got ${bytes.length}`)
  }
  const view = viewOf(bytes)
  const first = view.getUint8(0)
  const op = first & 7
  const version = (first >> 3) & 3
  if (op > 3) throw new SmpFormatError(`operation ${op} is none of read, write and their answers`)
  if (version > 1)
    throw new SmpFormatError(`protocol version ${version} is not known (0 and 1 are)`)
  return {
    op: op as SmpOp,
    version: version as 0 | 1,
    group: view.getUint16(4),
    sequence: view.getUint8(6),
    command: view.getUint8(7),
  }
}

function decodePayload(bytes: Uint8Array): SmpPayload {
  let value: unknown
  try {
    value = decode(bytes, { maxDepth: MAX_CBOR_DEPTH, rejectDuplicateKeys: true })
  } catch (error) {
    throw new SmpFormatError(`the payload is not CBOR: ${(error as Error).message}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Map) {
    throw new SmpFormatError('the payload is not a map with text keys')
  }
  return value as SmpPayload
}
