/**
 * Bytes kept under their own SHA-256, in a folder or in memory. What `put` has answered is on the
 * disk; a blob is whole or absent, never half.
 */
export interface BlobStore {
  /** Takes bytes as they arrive. Rejects with `IMAGE_TOO_LARGE`-like CodedErrors of the caller. */
  put(content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, limit: BlobLimit): Promise<Blob>
  /** Undefined where there is no such blob. Rejects with `BLOB_DAMAGED` where its bytes rotted. */
  get(digest: string): Promise<Uint8Array | undefined>
  /** The same without holding all of it; undefined where there is no such blob. */
  read(digest: string): Promise<BlobReading | undefined>
  has(digest: string): Promise<boolean>
  remove(digest: string): Promise<void>
}

export interface BlobLimit {
  readonly bytes: number
  /** What to throw when the content is longer. */
  tooLarge(): Error
}

export interface Blob {
  /** Lower-case hex SHA-256. */
  readonly digest: string
  readonly bytes: number
}

export interface BlobReading {
  readonly bytes: number
  /**
   * The bytes in order. Where they rotted this rejects with `BLOB_DAMAGED` before the last piece, so
   * that nobody is given all of something else.
   */
  pieces(): AsyncGenerator<Uint8Array<ArrayBuffer>>
}
