import { hash } from 'node:crypto'
import type { FirmwareImage } from '../wire/image/firmware-image'
import { releaseImageOf } from '../wire/image/release-image'
import type { CatalogueRelease } from './catalogue'

export type ReleaseFacts = Pick<CatalogueRelease, 'model' | 'software' | 'bytes' | 'sha256'>

/** What the catalogue keeps of an image. Throws `RELEASE_UNFIT`. */
export function releaseFactsOf(name: string, image: FirmwareImage): ReleaseFacts {
  const { model, software, data } = releaseImageOf(name, image)
  return { model, software, bytes: data.length, sha256: hash('sha256', data, 'hex') }
}
