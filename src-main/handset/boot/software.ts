import { equalBytes, viewOf } from '../../base/bytes'
import type { Sha256 } from '../digest'
import type { FlashPort } from '../flash/flash-port'
import { regionOf, type HandsetModel } from '../model/model'
import { readMcubootImage } from './mcuboot-image'
import type { JournalEntry } from './journal-entry'
import { readPieces } from './read-pieces'

const VERSION_UNKNOWN = '0.0.0'
const VECTOR_BYTES = 8

/** What the executable region holds, read through the flash port (DECISIONS 12). */
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
  const headed = readMcubootImage(region, length, sha256)
  const isWhole = equalBytes(digest, entry.sha256) && (!headed || headed.hash !== undefined)
  return {
    version: headed?.version ?? VERSION_UNKNOWN,
    hash: headed?.hash ?? digest,
    bootable: isWhole && hasPlausibleVectors(place),
  }
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
