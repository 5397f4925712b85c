import { equalBytes, viewOf } from '../../base/bytes'
import { readMcubootImage, type ByteSource, type CarriedHash } from '../../wire/image/mcuboot'
import type { Sha256 } from '../digest'
import type { FlashPort } from '../flash/flash-port'
import { regionOf, type HandsetModel } from '../model/model'
import {
  describedSoftware,
  DESCRIPTOR_BYTES,
  DESCRIPTOR_OFFSET,
  modelMadeFor,
} from '../../wire/image/descriptor'
import type { ImageMark } from './journal-entry'
import { readPieces } from './read-pieces'

const VERSION_UNKNOWN = '0.0.0'
const VECTOR_BYTES = 8
const ERASED = 0xff
const FLAW_OF_DIGEST = 'its bytes are not those that were verified'
const FLAW_OF_HASH = 'the hash that it carries is not that of its bytes'

/** What the executable region holds, read through the flash port (decision 0004). */
export interface Software {
  /** From our descriptor, else from MCUboot's header, else 0.0.0. */
  readonly version: string
  /** MCUboot's own hash where it is right, else SHA-256 of all bytes. */
  readonly hash: Uint8Array
  /** Why it is never started, in words; undefined where it may be. */
  readonly flaw: string | undefined
}

export interface SoftwarePlace {
  readonly model: HandsetModel
  /** Window of the executable region. */
  readonly region: FlashPort
  readonly sha256: Sha256
}

/** Reads the software that a `done` or `rewritten` mark names. */
export function readSoftware(place: SoftwarePlace, mark: ImageMark): Software {
  const { region, sha256 } = place
  const length = Math.min(mark.length, region.geometry.bytes)
  const source: ByteSource = { length, read: (at, bytes) => region.read(at, bytes) }
  const digest = sha256(readPieces(region, length))
  const headed = readMcubootImage(source)
  const headedHash = headed?.carried && trueHash(place, headed.carried)
  // A header without a SHA-256 proves nothing against bytes that were verified.
  const isDamaged = headed?.carried !== undefined && headedHash === undefined
  const isVerified = equalBytes(digest, mark.sha256)
  return {
    version: describedSoftware(source)?.version ?? headed?.version ?? VERSION_UNKNOWN,
    hash: headedHash ?? digest,
    flaw: isVerified ? (isDamaged ? FLAW_OF_HASH : flawAtStart(place)) : FLAW_OF_DIGEST,
  }
}

/**
 * Why the CPU must not begin with what the region holds, as far as its first bytes tell; undefined
 * where it may. The vectors stand at one offset, with or without a header before them.
 */
export function flawAtStart(place: SoftwarePlace): string | undefined {
  const { model, region } = place
  const firstBytes = region.read(0, DESCRIPTOR_OFFSET + DESCRIPTOR_BYTES)
  const madeFor = modelMadeFor(firstBytes, model.name)
  if (madeFor !== undefined) return `it was made for ${madeFor}`
  if (hasPlausibleVectors(place)) return undefined
  const isErased = firstBytes.every(byte => byte === ERASED)
  return isErased ? 'it holds no software' : 'its vectors lead to no stack or to no code'
}

/** The hash that an image carries, if its bytes have it. */
function trueHash({ region, sha256 }: SoftwarePlace, carried: CarriedHash): Uint8Array | undefined {
  const found = sha256(readPieces(region, carried.hashedBytes))
  return equalBytes(found, carried.hash) ? carried.hash : undefined
}

/** What {@link flawAtStart} looks at, from the start of the region. */
export function startBytes({ execution }: HandsetModel): number {
  return Math.max(execution.vectorOffset + VECTOR_BYTES, DESCRIPTOR_OFFSET + DESCRIPTOR_BYTES)
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
