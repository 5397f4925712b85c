import { invariant } from '../../base/assert'

/** What a firmware file says, whatever its format. */
export interface FirmwareImage {
  readonly format: 'bin' | 'ihex' | 'srec' | 'uf2' | 'elf'
  /** At least one; by rising address, apart from each other, at most {@link MAX_SPAN_BYTES} wide. */
  readonly segments: readonly ImageSegment[]
  /** Where execution starts; null where the file does not say. */
  readonly entry: number | null
  readonly warnings: readonly ImageWarning[]
}

export interface ImageSegment {
  /** 0 for `bin`, whose address the device decides. */
  readonly address: number
  /** May be a view of the file's own bytes. */
  readonly data: Uint8Array
}

export interface ImageWarning {
  readonly code: 'VECTORS_IMPLAUSIBLE'
  readonly message: string
}

export const MAX_PAYLOAD_BYTES = 64 * 1024 * 1024
/** From the first to the last byte of an image: what {@link flatten} may have to allocate. */
export const MAX_SPAN_BYTES = 64 * 1024 * 1024

/** The image as one piece, as an erased flash would show it: gaps are 0xFF. */
export function flatten(image: FirmwareImage): ImageSegment {
  const [first, last] = [image.segments[0], image.segments.at(-1)]
  invariant(first && last, 'an image has a segment')
  if (first === last) return first
  const data = new Uint8Array(last.address + last.data.length - first.address).fill(0xff)
  for (const segment of image.segments) data.set(segment.data, segment.address - first.address)
  return { address: first.address, data }
}
