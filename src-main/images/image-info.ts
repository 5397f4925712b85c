import { hash } from 'node:crypto'
import type { ImageInfo } from '../contract/images'
import { flatten, type FirmwareImage } from '../wire/image/firmware-image'

const NAME_CHARACTERS_MAX = 255
const NAMELESS = 'image'

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

/**
 * The last part of a path, of any system, without control characters and without those that turn
 * the direction of writing: a name is shown, and must not make a line say something else.
 */
export function plainName(name: string): string {
  const base = name.toWellFormed().split(/[/\\]/).at(-1) ?? ''
  const visible = base.replaceAll(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu, '').trim()
  const short = shortened(visible)
  return short === '' || short === '.' || short === '..' ? NAMELESS : short
}

/** At most 255 UTF-16 units, with no character cut in half. */
function shortened(text: string): string {
  const cut = text.slice(0, NAME_CHARACTERS_MAX)
  return cut.isWellFormed() ? cut : cut.slice(0, -1)
}
