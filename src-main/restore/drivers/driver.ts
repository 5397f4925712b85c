import type { Identity } from '../../contract/restore'

/** A firmware image as it goes to a device. */
export interface RestoreImage {
  readonly bytes: Uint8Array
  readonly sha256: Uint8Array
  /** What a device that holds the image lists as its hash (decision 0004). */
  readonly listedHash: Uint8Array
  /** False where bytes behind the program, such as a signature, are not in the listed hash. */
  readonly listedHashCoversAll: boolean
}

/** Whether a device says that it holds an image; `unknown` where it lists nothing or cannot say. */
export type Holding =
  | { readonly kind: 'this-image' }
  | { readonly kind: 'another'; readonly hash: string }
  | { readonly kind: 'unknown'; readonly reason: string }

/** A slot that the device lists, and its size where it says one. */
export interface ListedSlot {
  readonly image: number
  readonly slot: number
  readonly version: string
  readonly bytes: number | null
}

/** What writing an image takes if nothing is lost. */
export interface Forecast {
  readonly requests: number
  /** Of all but the first and the last piece, and how many of them are under way at once. */
  readonly pieceBytes: number
  readonly window: number
  /** On the line, from the first request to the last answer. */
  readonly sentBytes: number
  readonly receivedBytes: number
  /** Null where the line has no rate of its own. */
  readonly seconds: number | null
}

/** Who answers once a device was reset. */
export type Awakening = 'software' | 'restore-mode' | 'silence'

/**
 * One restore protocol at work on one open link (spec 2.0.3, R2 to R6). Every method rejects with
 * a CodedError that names what was going on, the cause and the next step; `LINK_LOST` and
 * `CANCELLED` can come at any time.
 */
export interface RestoreDriver {
  readonly protocol: 'smp'
  /** Messages that had to be sent again so far. */
  readonly retries: number
  /** Whether the device may have changed its flash already. */
  readonly touched: boolean
  /** How much the device itself found that it held when an image was announced; null for nothing. */
  readonly heldBytes: number | null
  identify(): Promise<Identity>
  /** Asks how much its slots take as well, which many bootloaders cannot say. */
  measure(): Promise<Identity>
  /**
   * Asks software that runs to make way for restore mode, and says who answers then. Whoever
   * stays as it was is still `software`.
   */
  enterRestoreMode(): Promise<Identity>
  /** What the device said it holds when it was identified. */
  heldBefore(image: RestoreImage): Holding
  /** What the device listed when it was identified, the slot that is written included. */
  readonly slots: readonly ListedSlot[]
  /** What writing from a byte on would take. Throws `DEVICE_CONFUSED` for impossible buffers. */
  forecast(image: RestoreImage, from: number): Forecast
  /**
   * Asks where the device would go on with an image that was begun, and changes nothing. Undefined
   * where it does not say.
   */
  wantedByte(image: RestoreImage): Promise<number | undefined>
  /**
   * Writes from a byte on, 0 for all. Answers whether the device itself found the digest of the
   * whole image right.
   */
  write(
    image: RestoreImage,
    onProgress: (doneBytes: number) => void,
    from?: number,
  ): Promise<boolean>
  /** Asks anew what the device holds: it computes the answer from its flash. */
  readBack(image: RestoreImage): Promise<Holding>
  reset(): Promise<void>
  /** Waits a few seconds for somebody to answer after the reset. */
  awaken(image: RestoreImage): Promise<Awakening>
  close(): void
}
