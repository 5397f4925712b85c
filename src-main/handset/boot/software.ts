import { equalBytes, viewOf } from '../../base/bytes'
import type { Sha256 } from '../digest'
import type { FlashPort } from '../flash/flash-port'
import { readMcubootImage, type CarriedHash } from '../../wire/image/mcuboot'
import { regionOf, type HandsetModel } from '../model/model'
import type { JournalEntry } from './journal-entry'
import { readPieces } from './read-pieces'

const VERSION_UNKNOWN = '0.0.0'
const VECTOR_BYTES = 8

/** What the executable region holds, read through the flash port (decision 0004). */
export interface Software {
  /** From MCUboot's header where there is one, else 0.0.0. */
  readonly version: string
  /** MCUboot's own hash where it is right, else SHA-256 of all bytes. */
  readonly hash: Uint8Array
  /** Whether the bytes are those that were verified, and the CPU could begin with them. */
  readonly bootable: boolean
}

export interface SoftwarePlace {
  readonly model: HandsetModel
  /** Window of the executable region. */
  readonly region: FlashPort
  readonly sha256: Sha256
}

/** Reads the software that a `done` entry vouches for. */
export function readSoftware(place: SoftwarePlace, entry: JournalEntry): Software {
  const { region, sha256 } = place
  const length = Math.min(entry.length, region.geometry.bytes)
  const digest = sha256(readPieces(region, length))
  const headed = readMcubootImage({ length, read: (at, bytes) => region.read(at, bytes) })
  const headedHash = headed?.carried && trueHash(place, headed.carried)
  const isWhole = equalBytes(digest, entry.sha256) && (!headed || headedHash !== undefined)
  return {
    version: headed?.version ?? VERSION_UNKNOWN,
    hash: headedHash ?? digest,
    bootable: isWhole && hasPlausibleVectors(place),
  }
}

/** The hash that an image carries, if its bytes have it. */
function trueHash({ region, sha256 }: SoftwarePlace, carried: CarriedHash): Uint8Array | undefined {
  const found = sha256(readPieces(region, carried.hashedBytes))
  return equalBytes(found, carried.hash) ? carried.hash : undefined
}

/** Cortex-M: a stack pointer inside RAM and a Thumb reset handler inside the executable region. */
export function hasPlausibleVectors({ model, region }: SoftwarePlace): boolean {
  const { ram, execution } = model
  const vectors = viewOf(region.read(execution.vectorOffset, VECTOR_BYTES))
  const stack = vectors.getUint32(0, true)
  const reset = vectors.getUint32(4, true)
  const code = execution.windowAddress + regionOf(model, 'executable').address
  return (
    stack % 4 === 0 &&
    stack > ram.address &&
    stack <= ram.address + ram.bytes &&
    reset % 2 === 1 &&
    reset > code &&
    reset < code + region.geometry.bytes
  )
}
