/** Sizes of a NOR flash in bytes. */
export interface FlashGeometry {
  readonly bytes: number
  readonly sectorBytes: number
  readonly pageBytes: number
}

/**
 * The only way anything touches a flash (DECISIONS 5). Operations are synchronous; their duration
 * is added up in `busyMilliseconds`, and the handset waits for it on its clock.
 */
export interface FlashPort {
  readonly geometry: FlashGeometry
  /** A copy of the bytes. Throws a FlashFault outside the flash. */
  read(address: number, length: number): Uint8Array
  /**
   * Clears bits: one operation, within one page. Throws a FlashFault where a bit would have to
   * rise, and PowerCut where the power fails during it.
   */
  program(address: number, bytes: Uint8Array): void
  /** Sets every bit of the sector that begins at the address: one operation. */
  erase(address: number): void
}
