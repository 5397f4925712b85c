import { asciiBytes, asciiText, concatBytes, viewOf } from '../../base/bytes'
import { invariant } from '../../base/assert'
import { crc32 } from '../../base/crc'
import type { ByteSource } from './mcuboot'

/** From the start of the executable region, and so of an image for it. */
export const DESCRIPTOR_OFFSET = 0x40
/** Little-endian, as `resources/firmware/README.md` shows it. */
export const DESCRIPTOR_BYTES = 64

/** What firmware of ours says of itself: the software ID is name and version (spec 1.3). */
export interface SoftwareDescriptor {
  readonly model: string
  readonly name: string
  /** `major.minor.revision` */
  readonly version: string
  readonly agentLevel: number
  /** Of the whole image, from the start of the region. */
  readonly bytes: number
  /** Of the image without the four bytes that hold it. */
  readonly crc32: number
}

const MAGIC = 'KSWD'
const FORMAT = 1
const FORMAT_AT = 4
const AGENT_LEVEL_AT = 6
const MODEL_AT = 8
const NAME_AT = 24
const TEXT_BYTES = 16
const VERSION_AT = 40
const RESERVED_AT = 46
const BYTES_AT = 48
const CRC_AT = 52
const CRC_BYTES = 4
const UNUSED_AT = 56
const TEXT = /^[\x21-\x7e]+( [\x21-\x7e]+)*$/
const IMAGE_BYTES_MIN = DESCRIPTOR_OFFSET + DESCRIPTOR_BYTES

/** Undefined for anything but a descriptor of this format that is sound in every field. */
export function decodeDescriptor(bytes: Uint8Array): SoftwareDescriptor | undefined {
  if (bytes.length !== DESCRIPTOR_BYTES || asciiText(bytes.subarray(0, 4)) !== MAGIC) return
  const view = viewOf(bytes)
  if (view.getUint16(FORMAT_AT, true) !== FORMAT) return undefined
  if (view.getUint16(RESERVED_AT, true) !== 0) return undefined
  if (bytes.subarray(UNUSED_AT).some(byte => byte !== 0xff)) return undefined
  const model = textIn(bytes, MODEL_AT)
  const name = textIn(bytes, NAME_AT)
  const imageBytes = view.getUint32(BYTES_AT, true)
  if (model === undefined || name === undefined || imageBytes < IMAGE_BYTES_MIN) return undefined
  const parts = [0, 2, 4].map(at => view.getUint16(VERSION_AT + at, true))
  return {
    model,
    name,
    version: parts.join('.'),
    agentLevel: view.getUint16(AGENT_LEVEL_AT, true),
    bytes: imageBytes,
    crc32: view.getUint32(CRC_AT, true),
  }
}

/** The 64 bytes. All of it comes from us, so what does not fit in is a defect. */
export function encodeDescriptor(descriptor: SoftwareDescriptor): Uint8Array {
  const bytes = new Uint8Array(DESCRIPTOR_BYTES)
  const view = viewOf(bytes)
  bytes.set(asciiBytes(MAGIC))
  view.setUint16(FORMAT_AT, FORMAT, true)
  view.setUint16(AGENT_LEVEL_AT, descriptor.agentLevel, true)
  bytes.set(asciiBytes(descriptor.model), MODEL_AT)
  bytes.set(asciiBytes(descriptor.name), NAME_AT)
  for (const [index, part] of descriptor.version.split('.').entries()) {
    view.setUint16(VERSION_AT + 2 * index, Number(part), true)
  }
  view.setUint32(BYTES_AT, descriptor.bytes, true)
  view.setUint32(CRC_AT, descriptor.crc32, true)
  bytes.fill(0xff, UNUSED_AT)
  invariant(sameDescriptor(decodeDescriptor(bytes), descriptor), 'a descriptor holds its fields')
  return bytes
}

/**
 * What the software in a region, or in an image for it, says of itself; undefined where it says
 * nothing or says that it is longer than what it lies in. Reads the 64 bytes and no digest.
 */
export function describedSoftware(source: ByteSource): SoftwareDescriptor | undefined {
  if (source.length < IMAGE_BYTES_MIN) return undefined
  const descriptor = decodeDescriptor(source.read(DESCRIPTOR_OFFSET, DESCRIPTOR_BYTES))
  return descriptor && descriptor.bytes <= source.length ? descriptor : undefined
}

/**
 * The other model that software was provably made for (decision 0004): its descriptor names it.
 * Takes any number of its first bytes; undefined where they prove nothing.
 */
export function modelMadeFor(firstBytes: Uint8Array, model: string): string | undefined {
  const end = DESCRIPTOR_OFFSET + DESCRIPTOR_BYTES
  const descriptor = decodeDescriptor(firstBytes.subarray(DESCRIPTOR_OFFSET, end))
  return descriptor && descriptor.model !== model ? descriptor.model : undefined
}

/**
 * What shows that an image is not the one that its own descriptor describes: it was cut short or
 * changed since it was built. Undefined for a whole one, and without a descriptor.
 */
export function descriptorFlaw(image: Uint8Array): string | undefined {
  const end = DESCRIPTOR_OFFSET + DESCRIPTOR_BYTES
  const descriptor = decodeDescriptor(image.subarray(DESCRIPTOR_OFFSET, end))
  if (!descriptor) return undefined
  const { bytes } = descriptor
  if (bytes > image.length) {
    return `its descriptor announces ${bytes} bytes, it has ${image.length}`
  }
  const crcAt = DESCRIPTOR_OFFSET + CRC_AT
  const covered = [image.subarray(0, crcAt), image.subarray(crcAt + CRC_BYTES, bytes)]
  const isWhole = crc32(concatBytes(covered)) === descriptor.crc32
  return isWhole ? undefined : 'its bytes do not have the CRC of its descriptor'
}

/** ASCII in a field of its own, 0-padded; undefined for an empty one and for anything else. */
function textIn(bytes: Uint8Array, at: number): string | undefined {
  const text = asciiText(bytes.subarray(at, at + TEXT_BYTES)).replace(/\0+$/, '')
  return TEXT.test(text) ? text : undefined
}

function sameDescriptor(a: SoftwareDescriptor | undefined, b: SoftwareDescriptor): boolean {
  return (
    a?.model === b.model &&
    a.name === b.name &&
    a.version === b.version &&
    a.agentLevel === b.agentLevel &&
    a.bytes === b.bytes &&
    a.crc32 === b.crc32
  )
}
