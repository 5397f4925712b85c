import { hash } from 'node:crypto'
import type { ImageInfo } from '../contract/images'
import { flatten, type FirmwareImage } from '../wire/image/firmware-image'

/** A firmware file and what was read from it. */
export interface ReadFile {
  readonly name: string
  readonly file: Uint8Array
  readonly image: FirmwareImage
}

/** What people and scripts are told about a firmware file. */
export function imageInfoOf({ name, file, image }: ReadFile): ImageInfo {
  const segments = image.segments.map(({ address, data }) => ({ address, bytes: data.length }))
  return {
    name,
    format: image.format,
    bytes: segments.reduce((total, segment) => total + segment.bytes, 0),
    segments,
    sha256: hash('sha256', flatten(image).data, 'hex'),
    fileBytes: file.length,
    fileSha256: hash('sha256', file, 'hex'),
    entry: image.entry,
    warnings: image.warnings.map(warning => ({ ...warning })),
  }
}
