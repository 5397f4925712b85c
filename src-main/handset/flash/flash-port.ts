import { formatAddress } from '../../base/bytes'

/** Sizes of a NOR flash in bytes. */
export interface FlashGeometry {
  readonly bytes: number
  readonly sectorBytes: number
  readonly pageBytes: number
  /** Other partitions can be read while one is busy; the whole chip is one where left out. */
  readonly partitionBytes?: number
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
   * rise, PowerCut where the power fails during it, and FlashFailure where the chip reports that
   * it did not succeed. That it reports nothing does not prove that it succeeded: read back.
   */
  program(address: number, bytes: Uint8Array): void
  /** Sets every bit of the sector that begins at the address: one operation. Throws the same. */
  erase(address: number): void
}

/**
 * Code asked for what a flash cannot do, or what it must not touch. Hardware would do something
 * quietly; here it is loud, because it is always a defect in the code that asked.
 */
export class FlashFault extends Error {
  override readonly name = 'FlashFault'
}

/** What a chip's status register says of an operation that did not succeed. */
export type FlashStatus = 'program-failed' | 'erase-failed' | 'protected' | 'timed-out'

/**
 * The chip reports that an operation did not succeed. Apart from `protected`, which changes
 * nothing, the cells that it was to change may hold anything.
 */
export class FlashFailure extends Error {
  override readonly name = 'FlashFailure'
  readonly status: FlashStatus
  /** Where the operation began, as the port counts that was asked for it. */
  readonly address: number

  constructor(status: FlashStatus, address: number) {
    super(`The flash reports ${status} at ${formatAddress(address)}`)
    this.status = status
    this.address = address
  }
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
