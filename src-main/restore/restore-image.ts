import { createHash } from 'node:crypto'
import { equalBytes } from '../base/bytes'
import { CodedError } from '../base/coded-error'
import type { StoredImage } from '../contract/images'
import { readMcubootImage, sourceOf } from '../wire/image/mcuboot'
import { flatten, type FirmwareImage } from '../wire/image/firmware-image'
import type { RestoreImage } from './drivers/driver'

/** Where the restore service gets images from. Rejects with `IMAGE_UNKNOWN`. */
export interface ImageSource {
  read(digest: string): Promise<{ stored: StoredImage; image: FirmwareImage }>
}

/** What goes over the wire: always the complete image, never a difference (spec S0-42). */
export function restoreImageOf(image: FirmwareImage): RestoreImage {
  const bytes = flatten(image).data
  const sha256 = digestOf(bytes)
  const carried = readMcubootImage(sourceOf(bytes))?.carried
  // A device lists the hash that MCUboot's tool put in, but only after checking it.
  const isTrue =
    carried && equalBytes(digestOf(bytes.subarray(0, carried.hashedBytes)), carried.hash)
  const listedHash = isTrue ? carried.hash : sha256
  return { bytes, sha256, listedHash, listedHashCoversAll: equalBytes(listedHash, sha256) }
}

/**
 * Over SMP the device decides where its region begins, so there is nothing to offset (decision
 * 0004). Throws `OPTION_UNFIT`.
 */
export function refuseOffset(offset: number, image: FirmwareImage): void {
  if (offset === 0) return
  throw new CodedError(
    'OPTION_UNFIT',
    image.format === 'bin'
      ? `The offset ${offset} cannot be used: over smp an image goes to the start of the region.`
      : `The offset ${offset} cannot be used: a file of format ${image.format} says its addresses itself.`,
    { offset },
  )
}

function digestOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(bytes).digest())
}
