import type { AddressMap } from './address-map'
import type { Cover } from './covers'
import { kindsOf } from './kinds'
import type { Place, PredictionKind } from './prediction'

/** Reads `into.length` bytes of the old image from `offset` on. */
export type ReadOld = (offset: number, into: Uint8Array) => void

export interface PredictorSettings {
  readonly readOld: ReadOld
  readonly oldBytes: number
  readonly map: AddressMap
  /** One bit for each kind that is used. */
  readonly kinds: number
  readonly bases: readonly number[]
}

/** So many bytes are predicted at once. */
export const BLOCK_BYTES = 1024
const REFERENCE_BYTES_MAX = 8
/** RAM of a predictor beside its map. */
export const PREDICTOR_BYTES = BLOCK_BYTES + REFERENCE_BYTES_MAX

/** What the new image is expected to hold where old bytes have moved to. */
export class Predictor {
  readonly #settings: PredictorSettings
  readonly #kinds: readonly PredictionKind[]
  readonly #place: Place
  readonly #step: number

  constructor(settings: PredictorSettings) {
    this.#settings = settings
    this.#kinds = kindsOf(settings.kinds)
    const bytes = new Uint8Array(PREDICTOR_BYTES)
    const { map, oldBytes, bases } = settings
    const view = new DataView(bytes.buffer)
    this.#place = { bytes, view, map, oldBytes, bases, at: 0, end: 0, oldAddress: 0, newAddress: 0 }
    this.#step = Math.min(4, ...this.#kinds.map(kind => kind.step))
  }

  /** Memory for one block that is free while no cover is predicted. */
  get block(): Uint8Array {
    return this.#place.bytes
  }

  /** The prediction for one cover in blocks; a block is good until the next one is asked for. */
  *blocks(cover: Cover): Generator<Uint8Array> {
    const place = this.#place
    const { bytes } = place
    let known = 0
    place.at = 0
    for (let start = 0; start < cover.length; start += BLOCK_BYTES) {
      place.end = Math.min(cover.length - start, bytes.length)
      const from = cover.oldStart + start
      this.#settings.readOld(from + known, bytes.subarray(known, place.end))
      const size = Math.min(place.end, BLOCK_BYTES)
      if (this.#kinds.length > 0) this.#predict(from, cover.newStart + start, size)
      else place.at = size
      yield bytes.subarray(0, size)
      // A reference may have reached into the next block.
      known = place.end - size
      bytes.copyWithin(0, size, place.end)
      place.at -= size
    }
  }

  #predict(oldStart: number, newStart: number, size: number): void {
    const place = this.#place
    const step = this.#step
    while (place.at < size) {
      place.oldAddress = oldStart + place.at
      place.newAddress = newStart + place.at
      const misaligned = place.oldAddress % step
      place.at += misaligned === 0 ? this.#predictOne() || step : step - misaligned
    }
    if (place.at > place.end) place.at = place.end
  }

  #predictOne(): number {
    const place = this.#place
    const left = place.end - place.at
    for (const kind of this.#kinds) {
      if (left < kind.bytes || place.oldAddress % kind.step !== 0) continue
      const predicted = kind.predict(place)
      if (predicted > 0) return predicted
    }
    return 0
  }
}
