import { viewOf } from '../../base/bytes'

/** What an image that was made for MCUboot (imgtool) says of itself. */
export interface McubootImage {
  /** `major.minor.revision`, with `.build` where it is not 0. */
  readonly version: string
  /** SHA-256 as the image carries it: what a device lists as its hash, if it is right. */
  readonly hash: Uint8Array
  /** The hash is that of so many bytes from the start: header, body and protected entries. */
  readonly hashedBytes: number
}

// MCUboot, boot/bootutil/include/bootutil/image.h; all numbers little-endian.
const HEADER_MAGIC = 0x96f3b83d
const HEADER_BYTES = 32
const TLV_INFO_BYTES = 4
const TLV_INFO_MAGIC = 0x6907
const PROTECTED_TLV_INFO_MAGIC = 0x6908
const TLV_HEADER_BYTES = 4
const TLV_SHA256 = 0x10
const SHA256_BYTES = 32

/** Reads the header and the trailer; undefined where either is missing or does not add up. */
export function readMcubootImage(bytes: Uint8Array): McubootImage | undefined {
  const headerBytes = mcubootHeaderBytes(bytes)
  if (headerBytes === undefined) return undefined
  const view = viewOf(bytes)
  const protectedBytes = view.getUint16(10, true)
  const bodyBytes = view.getUint32(12, true)
  const trailer = headerBytes + bodyBytes
  if (headerBytes < HEADER_BYTES || trailer > bytes.length) return undefined
  const hasProtected = protectedBytes > 0
  if (hasProtected && tlvArea(view, trailer)?.magic !== PROTECTED_TLV_INFO_MAGIC) return undefined
  const hashedBytes = trailer + protectedBytes
  const hash = hashIn(bytes, hashedBytes)
  return hash && { version: versionOf(view), hash, hashedBytes }
}

/** Where the program begins behind its header; undefined where there is no header. */
export function mcubootHeaderBytes(bytes: Uint8Array): number | undefined {
  if (bytes.length < HEADER_BYTES) return undefined
  const view = viewOf(bytes)
  return view.getUint32(0, true) === HEADER_MAGIC ? view.getUint16(8, true) : undefined
}

/** The SHA-256 entry of the unprotected area that begins at `start`. */
function hashIn(bytes: Uint8Array, start: number): Uint8Array | undefined {
  const view = viewOf(bytes)
  const area = tlvArea(view, start)
  if (area?.magic !== TLV_INFO_MAGIC) return undefined
  let at = start + TLV_INFO_BYTES
  while (at + TLV_HEADER_BYTES <= area.end) {
    const type = view.getUint16(at, true)
    const length = view.getUint16(at + 2, true)
    const value = at + TLV_HEADER_BYTES
    if (value + length > area.end) return undefined
    if (type === TLV_SHA256) {
      return length === SHA256_BYTES ? bytes.slice(value, value + length) : undefined
    }
    at = value + length
  }
  return undefined
}

function tlvArea(view: DataView, start: number): { magic: number; end: number } | undefined {
  if (start + TLV_INFO_BYTES > view.byteLength) return undefined
  const end = start + view.getUint16(start + 2, true)
  return end > view.byteLength ? undefined : { magic: view.getUint16(start, true), end }
}

function versionOf(view: DataView): string {
  const build = view.getUint32(24, true)
  const version = `${view.getUint8(20)}.${view.getUint8(21)}.${view.getUint16(22, true)}`
  return build === 0 ? version : `${version}.${build}`
}
