/** Sizes of a NOR flash in bytes. */
export interface FlashGeometry {
  readonly bytes: number
  readonly sectorBytes: number
  readonly pageBytes: number
}

/**
 * The only way anything touches a flash (decision 0003). Operations are synchronous; the flash adds
 * up how long they take, and the handset waits for that on its clock.
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

/**
 * Code asked for what a flash cannot do, or what it must not touch. Hardware would do something
 * quietly; here it is loud, because it is always a defect in the code that asked.
 */
export class FlashFault extends Error {
  override readonly name = 'FlashFault'
}

/** The power failed. Nothing runs on the handset from here on until it is switched on again. */
export class PowerCut extends Error {
  override readonly name = 'PowerCut'

  /** The operation that did not end, counted from 1; undefined where the power was off before. */
  readonly operation: number | undefined

  constructor(operation?: number) {
    const which = operation === undefined ? '' : ` at flash operation ${operation}`
    super(`The power is off${which}`)
    this.operation = operation
  }
}
