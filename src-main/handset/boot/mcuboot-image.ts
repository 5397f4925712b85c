import { equalBytes, viewOf } from '../../base/bytes'
import type { Sha256 } from '../digest'
import type { FlashPort } from '../flash/flash-port'
import { readPieces } from './read-pieces'

// MCUboot's image format: docs/design.md and boot/bootutil/include/bootutil/image.h of
// mcu-tools/mcuboot. All fields are little-endian.
const MAGIC = 0x96f3b83d
const HEADER_BYTES = 32
const TLV_INFO_BYTES = 4
const TLV_HEADER_BYTES = 4
const TLV_INFO_MAGIC = 0x6907
const PROTECTED_TLV_INFO_MAGIC = 0x6908
const TLV_SHA256 = 0x10
const SHA256_BYTES = 32

export interface McubootImage {
  /** `major.minor.revision`, and `.build` where it is not 0. */
  readonly version: string
  /** The SHA-256 that the image carries; undefined where it carries none or a wrong one. */
  readonly hash: Uint8Array | undefined
}

interface Header {
  readonly headerBytes: number
  readonly protectedTlvBytes: number
  readonly imageBytes: number
  readonly version: string
}

/** Reads an image of `length` bytes from the start of a region; undefined without the header. */
export function readMcubootImage(
  region: FlashPort,
  length: number,
  sha256: Sha256,
): McubootImage | undefined {
  if (length < HEADER_BYTES) return undefined
  const header = decodeHeader(region.read(0, HEADER_BYTES))
  if (!header) return undefined
  const { headerBytes, imageBytes, protectedTlvBytes, version } = header
  const hashedBytes = headerBytes + imageBytes + protectedTlvBytes
  const carried = readHash(region, { from: hashedBytes, to: length })
  const isTrue =
    carried !== undefined &&
    hasProtectedTlvs(region, header) &&
    equalBytes(carried, sha256(readPieces(region, hashedBytes)))
  return { version, hash: isTrue ? carried : undefined }
}

function decodeHeader(bytes: Uint8Array): Header | undefined {
  const view = viewOf(bytes)
  if (view.getUint32(0, true) !== MAGIC) return undefined
  const parts = [view.getUint8(20), view.getUint8(21), view.getUint16(22, true)]
  const build = view.getUint32(24, true)
  return {
    headerBytes: view.getUint16(8, true),
    protectedTlvBytes: view.getUint16(10, true),
    imageBytes: view.getUint32(12, true),
    version: [...parts, ...(build === 0 ? [] : [build])].join('.'),
  }
}

function hasProtectedTlvs(region: FlashPort, header: Header): boolean {
  if (header.protectedTlvBytes === 0) return true
  if (header.protectedTlvBytes < TLV_INFO_BYTES) return false
  const info = region.read(header.headerBytes + header.imageBytes, TLV_INFO_BYTES)
  const view = viewOf(info)
  return (
    view.getUint16(0, true) === PROTECTED_TLV_INFO_MAGIC &&
    view.getUint16(2, true) === header.protectedTlvBytes
  )
}

/** The SHA-256 entry of the TLV area that begins at `from`, where all of it ends before `to`. */
function readHash(
  region: FlashPort,
  { from, to }: { readonly from: number; readonly to: number },
): Uint8Array | undefined {
  if (from + TLV_INFO_BYTES > to) return undefined
  const info = viewOf(region.read(from, TLV_INFO_BYTES))
  if (info.getUint16(0, true) !== TLV_INFO_MAGIC) return undefined
  const end = from + info.getUint16(2, true)
  if (end > to) return undefined
  for (let at = from + TLV_INFO_BYTES; at + TLV_HEADER_BYTES <= end;) {
    const entry = viewOf(region.read(at, TLV_HEADER_BYTES))
    const bytes = entry.getUint16(2, true)
    const value = at + TLV_HEADER_BYTES
    if (value + bytes > end) return undefined
    if (entry.getUint16(0, true) === TLV_SHA256 && bytes === SHA256_BYTES) {
      return region.read(value, bytes)
    }
    at = value + bytes
  }
  return undefined
}
