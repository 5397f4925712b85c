import { viewOf } from '../../base/bytes'

/** Bytes that are read where they lie: a file in memory, or a flash through its port. */
export interface ByteSource {
  readonly length: number
  read(offset: number, length: number): Uint8Array
}

/** What an image that was made for MCUboot (imgtool) says of itself. */
export interface McubootImage {
  /** Where the program begins. */
  readonly headerBytes: number
  /** `major.minor.revision`, with `.build` where it is not 0. */
  readonly version: string
  /** Undefined where the trailer is missing or does not add up. */
  readonly carried: CarriedHash | undefined
}

export interface CarriedHash {
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

/** Reads header and trailer; undefined without the header. */
export function readMcubootImage(source: ByteSource): McubootImage | undefined {
  if (source.length < HEADER_BYTES) return undefined
  const view = viewOf(source.read(0, HEADER_BYTES))
  if (view.getUint32(0, true) !== HEADER_MAGIC) return undefined
  const headerBytes = view.getUint16(8, true)
  const trailer = headerBytes + view.getUint32(12, true)
  const protectedBytes = view.getUint16(10, true)
  const isSound = headerBytes >= HEADER_BYTES && hasProtected(source, trailer, protectedBytes)
  const hashedBytes = trailer + protectedBytes
  const hash = isSound ? hashIn(source, hashedBytes) : undefined
  return { headerBytes, version: versionOf(view), carried: hash && { hash, hashedBytes } }
}

/** Bytes in memory as a source. */
export function sourceOf(bytes: Uint8Array): ByteSource {
  return {
    length: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
  }
}

/** Whether the protected area has the length that the header announces. */
function hasProtected(source: ByteSource, start: number, protectedBytes: number): boolean {
  if (protectedBytes === 0) return true
  const area = tlvArea(source, start)
  return area?.magic === PROTECTED_TLV_INFO_MAGIC && area.end === start + protectedBytes
}

/** The SHA-256 entry of the unprotected area that begins at `start`. */
function hashIn(source: ByteSource, start: number): Uint8Array | undefined {
  const area = tlvArea(source, start)
  if (area?.magic !== TLV_INFO_MAGIC) return undefined
  let at = start + TLV_INFO_BYTES
  while (at + TLV_HEADER_BYTES <= area.end) {
    const entry = viewOf(source.read(at, TLV_HEADER_BYTES))
    const length = entry.getUint16(2, true)
    const value = at + TLV_HEADER_BYTES
    if (value + length > area.end) return undefined
    if (entry.getUint16(0, true) === TLV_SHA256) {
      return length === SHA256_BYTES ? source.read(value, length).slice() : undefined
    }
    at = value + length
  }
  return undefined
}

function tlvArea(source: ByteSource, start: number): { magic: number; end: number } | undefined {
  if (start + TLV_INFO_BYTES > source.length) return undefined
  const info = viewOf(source.read(start, TLV_INFO_BYTES))
  const end = start + info.getUint16(2, true)
  return end > source.length ? undefined : { magic: info.getUint16(0, true), end }
}

function versionOf(view: DataView): string {
  const build = view.getUint32(24, true)
  const version = `${view.getUint8(20)}.${view.getUint8(21)}.${view.getUint16(22, true)}`
  return build === 0 ? version : `${version}.${build}`
}
