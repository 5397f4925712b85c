import { formatAddress } from '../base/bytes'
import { CodedError } from '../base/coded-error'
import { seededRandom } from '../base/random'
import { createIdentity, decodeIdentity, encodeIdentity } from './boot/identity'
import { encodeJournalEntry } from './boot/journal-entry'
import { SHA256_BYTES, type Sha256 } from './digest'
import { regionOf, type HandsetModel } from './model/model'

export interface ChipOrder {
  readonly model: HandsetModel
  readonly name: string
  readonly seed: number
  readonly sha256: Sha256
}

const ERASED = 0xff
/** How much a rewrite had changed, and how much there was to change. */
const REWRITTEN_SECTORS_MIN = 8
const REWRITTEN_SECTORS_MORE = 48
const SOFTWARE_SECTORS = 96

/** The flash of a handset fresh from the factory: an identity and no software. */
export function makeChip(order: ChipOrder): Uint8Array {
  const chip = new Uint8Array(order.model.flash.bytes).fill(ERASED)
  writeIdentity(chip, order)
  return chip
}

/** Throws a CodedError `FLASH_FILE_UNFIT` where a file of so many bytes is no whole chip. */
export function checkChipBytes(bytes: number, { name, flash }: HandsetModel): void {
  if (bytes === flash.bytes) return
  const message = `The flash of a ${name} has ${flash.bytes} bytes, the file has ${bytes}.`
  throw new CodedError('FLASH_FILE_UNFIT', message, { bytes, expectedBytes: flash.bytes })
}

/**
 * Makes a chip from a dump. What it says of itself wins over name and seed; a dump whose identity
 * region is erased is given an identity. Throws a CodedError `FLASH_FILE_UNFIT`.
 */
export function adoptChip(dump: Uint8Array, order: ChipOrder): Uint8Array {
  const { model } = order
  checkChipBytes(dump.length, model)
  const chip = new Uint8Array(dump)
  const { address, bytes } = regionOf(model, 'identity')
  const region = chip.subarray(address, address + bytes)
  if (decodeIdentity(region)) return chip
  if (!region.every(byte => byte === ERASED)) {
    const message = `The file is no flash of a ${model.name}: no identity is at ${formatAddress(address)}.`
    throw new CodedError('FLASH_FILE_UNFIT', message, { address })
  }
  writeIdentity(chip, order)
  return chip
}

/**
 * Leaves a chip as a power cut in the middle of a rewrite does: new bytes, a sector that is half
 * written, an erased one, old bytes behind it, and an open journal.
 */
export function brickChip(chip: Uint8Array, { model, seed }: ChipOrder): void {
  const random = seededRandom(seed)
  const { sectorBytes, pageBytes } = model.flash
  const executable = regionOf(model, 'executable')
  const region = chip.subarray(executable.address, executable.address + executable.bytes)
  region.fill(ERASED)
  const sectors = Math.min(SOFTWARE_SECTORS, region.length / sectorBytes)
  region.set(random.bytes(sectors * sectorBytes))
  const more = random.below(REWRITTEN_SECTORS_MORE)
  const torn = Math.min(REWRITTEN_SECTORS_MIN + more, sectors - 2) * sectorBytes
  const done = (1 + random.below(sectorBytes / pageBytes - 1)) * pageBytes
  region.fill(ERASED, torn + done, torn + 2 * sectorBytes)

  const journal = regionOf(model, 'journal')
  chip.fill(ERASED, journal.address, journal.address + journal.bytes)
  const length = sectors * sectorBytes
  const sha256 = random.bytes(SHA256_BYTES)
  chip.set(encodeJournalEntry({ kind: 'begin', sequence: 1, length, sha256 }), journal.address)
}

function writeIdentity(chip: Uint8Array, { model, name, seed, sha256 }: ChipOrder): void {
  const identity = createIdentity({ model: model.name, name, seed }, sha256)
  chip.set(encodeIdentity(identity), regionOf(model, 'identity').address)
}
