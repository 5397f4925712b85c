import { concatBytes, formatAddress } from '../../base/bytes'
import { type ImageSegment, MAX_PAYLOAD_BYTES, MAX_SPAN_BYTES } from './firmware-image'
import { atByte, damaged, type FormatName, type Place } from './image-errors'

/** Real images have a handful. More would make every list of segments a burden. */
const MAX_RUNS = 4096
const ADDRESS_SPACE_BYTES = 2 ** 32

interface Run {
  readonly address: number
  /** Longer than what is used of it, so that records can be appended one by one. */
  bytes: Uint8Array
  length: number
  /** Where in the file the run begins. */
  readonly place: Place
}

/** Collects the addressed pieces of a file, in any order, within the limits of an image. */
export class SegmentBuilder {
  readonly #format: FormatName
  readonly #runs: Run[] = []
  #payloadBytes = 0
  #lowest = Number.POSITIVE_INFINITY
  #highest = 0

  constructor(format: FormatName) {
    this.#format = format
  }

  add(address: number, data: Uint8Array, place: Place): void {
    if (data.length === 0) return
    this.#checkLimits(address, data.length, place)
    const last = this.#runs.at(-1)
    if (last && last.address + last.length === address) {
      append(last, data)
    } else if (this.#runs.length < MAX_RUNS) {
      this.#runs.push({ address, bytes: data, length: data.length, place })
    } else {
      throw damaged(this.#format, place, `its data lies in more than ${MAX_RUNS} separate places`)
    }
  }

  /** The segments by rising address, neighbours joined. */
  finish(fileBytes: number): ImageSegment[] {
    if (this.#runs.length === 0) {
      throw damaged(this.#format, atByte(fileBytes), 'it ends without any data for the flash')
    }
    const runs = this.#runs.toSorted((a, b) => a.address - b.address)
    this.#refuseOverlaps(runs)
    const groups: Run[][] = []
    for (const run of runs) {
      const group = groups.at(-1)
      const before = group?.at(-1)
      if (group && before && endOf(before) === run.address) group.push(run)
      else groups.push([run])
    }
    return groups.map(joined)
  }

  #checkLimits(address: number, bytes: number, place: Place): void {
    const end = address + bytes
    if (end > ADDRESS_SPACE_BYTES) {
      const fact = `its ${bytes} bytes from ${formatAddress(address)} on leave the 32-bit addresses`
      throw damaged(this.#format, place, fact)
    }
    this.#payloadBytes += bytes
    if (this.#payloadBytes > MAX_PAYLOAD_BYTES) {
      const fact = `the data comes to more than ${mebibytes(MAX_PAYLOAD_BYTES)} MiB`
      throw damaged(this.#format, place, fact)
    }
    this.#lowest = Math.min(this.#lowest, address)
    this.#highest = Math.max(this.#highest, end)
    if (this.#highest - this.#lowest > MAX_SPAN_BYTES) {
      const [from, to] = [formatAddress(this.#lowest), formatAddress(this.#highest - 1)]
      const limit = mebibytes(MAX_SPAN_BYTES)
      const fact = `with its data the image reaches from ${from} to ${to}, over ${limit} MiB apart`
      throw damaged(this.#format, place, fact)
    }
  }

  #refuseOverlaps(runs: readonly Run[]): void {
    runs.forEach((run, index) => {
      const before = runs[index - 1]
      if (!before || endOf(before) <= run.address) return
      const [first, second] = [before, run].map(
        ({ address, length, place }) =>
          `${formatAddress(address)} to ${formatAddress(address + length - 1)} (from ${place.words})`,
      )
      throw damaged(this.#format, run.place, `the data of ${first} and of ${second} overlaps`)
    })
  }
}

function endOf(run: Run): number {
  return run.address + run.length
}

function append(run: Run, data: Uint8Array): void {
  const needed = run.length + data.length
  if (needed > run.bytes.length) {
    const roomier = new Uint8Array(Math.max(needed, run.length * 2))
    roomier.set(run.bytes.subarray(0, run.length))
    run.bytes = roomier
  }
  run.bytes.set(data, run.length)
  run.length = needed
}

function joined(runs: readonly Run[]): ImageSegment {
  const parts = runs.map(run => run.bytes.subarray(0, run.length))
  const [only] = parts
  const data = only && parts.length === 1 ? only : concatBytes(parts)
  return { address: runs[0]?.address ?? 0, data }
}

function mebibytes(bytes: number): number {
  return bytes / (1024 * 1024)
}
