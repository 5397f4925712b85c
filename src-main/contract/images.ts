import * as z from 'zod'
import { call, errorCodes, instant, sha256Hex } from './procedure'

export const imageFormat = z.enum(['bin', 'ihex', 'srec', 'uf2', 'elf'])

export const imageSegment = z.object({
  /** First address; 0 for `bin`, whose address the device decides. */
  address: z.number().int().nonnegative(),
  bytes: z.number().int().positive(),
})

export const imageInfo = z.object({
  name: z.string(),
  format: imageFormat,
  /** Payload bytes over all segments, gaps not counted. */
  bytes: z.number().int().nonnegative(),
  segments: z.array(imageSegment),
  /** SHA-256 of what lands in the flash: the segments in order, gaps filled with 0xFF. */
  sha256: sha256Hex,
  fileBytes: z.number().int().nonnegative(),
  fileSha256: sha256Hex,
  entry: z.number().int().nonnegative().nullable(),
  warnings: z.array(z.object({ code: z.string(), message: z.string() })),
})
export type ImageInfo = z.infer<typeof imageInfo>

/** A file of the image library, named by the SHA-256 of its bytes. */
export const storedImage = z.object({
  digest: sha256Hex,
  name: z.string(),
  fileBytes: z.number().int().nonnegative(),
  addedAt: instant,
  info: imageInfo,
})
export type StoredImage = z.infer<typeof storedImage>

export const imageErrors = errorCodes({
  IMAGE_DAMAGED: [422, 'The image file is damaged.'],
  IMAGE_FOREIGN: [422, 'The file is no firmware image.'],
  IMAGE_TOO_LARGE: [413, 'The file is too large.'],
  IMAGE_UNKNOWN: [404, 'No such image is in the library.'],
  BLOB_DAMAGED: [410, 'The stored file was damaged on the disk.'],
})

export const images = {
  // Queries
  list: call
    .route({ method: 'GET', path: '/images', summary: 'The image library, newest first' })
    .output(z.array(storedImage)),
  info: call
    .route({ method: 'GET', path: '/images/{digest}', summary: 'What an image file holds' })
    .input(z.object({ digest: sha256Hex }))
    .errors(imageErrors)
    .output(storedImage),
  // Commands. Files come in by POST /upload, which answers with a StoredImage.
  remove: call
    .meta({ action: true })
    .route({ method: 'DELETE', path: '/images/{digest}', summary: 'Takes an image out' })
    .input(z.object({ digest: sha256Hex }))
    .errors(imageErrors)
    .output(z.void()),
}
