import { CodedError } from '../base/coded-error'
import type { StoredImage } from '../contract/images'
import type { FirmwareImage } from '../wire/image/firmware-image'
import { readImage } from '../wire/image/read-image'
import type { SoftwareStorage } from './rollout/ports'
import type { CarrierStore } from './store'

/** Of the image library: what the server reads of it. */
export interface ImageShelf {
  list(): Promise<StoredImage[]>
  read(digest: string): Promise<{ readonly stored: StoredImage; readonly image: FirmwareImage }>
}

export interface SoftwareShelfParts {
  readonly images: ImageShelf
  readonly storage: Pick<SoftwareStorage, 'read'>
  readonly store: Pick<CarrierStore, 'releaseWith'>
}

/** All firmware that the server has the bytes of: of the image library and of vendors' releases. */
export class SoftwareShelf {
  readonly #parts: SoftwareShelfParts

  constructor(parts: SoftwareShelfParts) {
    this.#parts = parts
  }

  /** Of the file that holds the software with this SHA-256; undefined where there is none. */
  async digestOf(sha256: string): Promise<string | undefined> {
    const { images, store } = this.#parts
    const stored = (await images.list()).find(({ info }) => info.sha256 === sha256)
    return stored?.digest ?? (await store.releaseWith(sha256))?.digest
  }

  /** Rejects with `IMAGE_UNKNOWN` or `BLOB_DAMAGED`. */
  async image(digest: string): Promise<FirmwareImage> {
    const { images, storage } = this.#parts
    try {
      return (await images.read(digest)).image
    } catch (error) {
      if (!(error instanceof CodedError) || error.code !== 'IMAGE_UNKNOWN') throw error
      const bytes = await storage.read(digest).catch(() => undefined)
      if (!bytes) throw error
      return readImage(bytes)
    }
  }
}
