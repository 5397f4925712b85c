import type { AddressMap } from './address-map'

/** The place in a cover that is looked at: old bytes, and where they come from and go to. */
export interface Place {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly map: AddressMap
  readonly oldBytes: number
  /** Addresses at which an image may be linked, for pointers. */
  readonly bases: readonly number[]
  /** Index in `bytes` of the byte that is looked at, and of the end of what is known. */
  at: number
  end: number
  /** Offset of that byte in the old and in the new image. */
  oldAddress: number
  newAddress: number
}

/** One kind of reference to an address that moves with the code. */
export interface PredictionKind {
  readonly name: string
  /** References begin at multiples of this in the old image. */
  readonly step: 1 | 2 | 4
  /** Bytes of the shortest reference. */
  readonly bytes: number
  /** Whether it counts from the addresses at which the image is linked. */
  readonly usesBases?: boolean
  /**
   * Replaces a reference at the place by the one that the new image is expected to hold. Says how
   * many bytes that were; 0 where there is none.
   */
  predict(place: Place): number
}

/** The new offset of an old target, or undefined where that is no address in the old image. */
export function movedTarget(place: Place, target: number): number | undefined {
  return target >= 0 && target < place.oldBytes ? place.map.moved(target) : undefined
}

/** A number of `bits` bits in two's complement. */
export function signExtended(value: number, bits: number): number {
  return (value << (32 - bits)) >> (32 - bits)
}

export function fitsSigned(value: number, bits: number): boolean {
  return value >= -(2 ** (bits - 1)) && value < 2 ** (bits - 1)
}
