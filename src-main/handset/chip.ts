import { formatAddress } from '../base/bytes'
import { CodedError } from '../base/coded-error'
import { seededRandom, type Random } from '../base/random'
import { modelMadeFor } from '../wire/image/descriptor'
import { createIdentity, decodeIdentity, encodeIdentity, modelNamedIn } from './boot/identity'
import { Journal } from './boot/journal'
import type { Sha256 } from './digest'
import type { FlashPort } from './flash/flash-port'
import { flashWindow } from './flash/flash-window'
import { regionOf, type HandsetModel, type RegionName } from './model/model'

export interface ChipOrder {
  readonly model: HandsetModel
  readonly name: string
  readonly seed: number
  readonly sha256: Sha256
}

const ERASED = 0xff
/** Size of the software that stands in for what a model has none of. */
const SOFTWARE_SECTORS = 96

/**
 * The flash of a handset fresh from the factory: an identity, and software as a finished restore
 * leaves it. Throws a CodedError `IMAGE_TOO_LARGE` or `IMAGE_FOREIGN`.
 */
export function makeChip(
  order: ChipOrder & { readonly software?: Uint8Array | undefined },
): Uint8Array {
  const chip = chipWithoutIdentity(order)
  writeIdentity(chip, order)
  return chip
}

/** The same before it is told who it is: all handsets of a model and software begin alike. */
export function chipWithoutIdentity({
  model,
  software,
  sha256,
}: Pick<ChipOrder, 'model' | 'sha256'> & {
  readonly software?: Uint8Array | undefined
}): Uint8Array {
  const chip = new Uint8Array(model.flash.bytes).fill(ERASED)
  if (!software) return chip
  checkSoftware(software, model)
  partOf(chip, model, 'executable').set(software)
  const mark = { length: software.length, sha256: sha256([software]) }
  const journal = journalOn(chip, model)
  journal.append({ kind: 'begin', ...mark })
  journal.append({ kind: 'done', ...mark })
  journalOn(chip, model).confirm()
  return chip
}

/** Programs who a handset is into the erased identity region of a flash. */
export function giveIdentity(flash: FlashPort, { model, name, seed, sha256 }: ChipOrder): void {
  const identity = createIdentity({ model: model.name, name, seed }, sha256)
  flash.program(regionOf(model, 'identity').address, encodeIdentity(identity))
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
  const region = partOf(chip, model, 'identity')
  const identity = decodeIdentity(region)
  if (identity) {
    checkModel(identity.terminalId, model)
    return chip
  }
  if (!region.every(byte => byte === ERASED)) {
    const { address } = regionOf(model, 'identity')
    const message = `The file is no flash of a ${model.name}: no identity is at ${formatAddress(address)}.`
    throw new CodedError('FLASH_FILE_UNFIT', message, { address })
  }
  writeIdentity(chip, order)
  return chip
}

/**
 * Leaves a chip as a power cut in the middle of a rewrite does: bytes of the next software, a
 * sector in which the power failed, one that was erased ahead, the bytes of the software before,
 * and an open journal. Random bytes stand in for software that there is none of.
 */
export function brickChip(
  chip: Uint8Array,
  order: ChipOrder & { readonly next?: Uint8Array | undefined },
): void {
  const { model, sha256 } = order
  const random = seededRandom(order.seed)
  const { sectorBytes } = model.flash
  const region = partOf(chip, model, 'executable')
  if (softwareBytes(region) === 0) {
    const sectors = Math.min(SOFTWARE_SECTORS, region.length / sectorBytes)
    region.set(random.bytes(sectors * sectorBytes))
  }
  const next = order.next ?? random.bytes(softwareBytes(region))
  journalOn(chip, model).append({ kind: 'begin', length: next.length, sha256: sha256([next]) })
  const sectors = Math.ceil(Math.min(next.length, softwareBytes(region)) / sectorBytes)
  // At least one sector of the next software comes before, and one of the other remains behind.
  const torn = sectors < 4 ? 0 : 1 + random.below(sectors - 3)
  const tornAt = torn * sectorBytes
  region.set(next.subarray(0, tornAt))
  region.fill(ERASED, tornAt, tornAt + 2 * sectorBytes)
  tearSector(region.subarray(tornAt), next.subarray(tornAt), { model, random })
}

/** Throws a CodedError where software cannot be a model's: `IMAGE_TOO_LARGE`, `IMAGE_FOREIGN`. */
function checkSoftware(software: Uint8Array, model: HandsetModel): void {
  const { name } = model
  const limit = regionOf(model, 'executable').bytes
  const bytes = software.length
  if (bytes > limit) {
    const message = `The software has ${bytes} bytes, the executable region of a ${name} ${limit}.`
    throw new CodedError('IMAGE_TOO_LARGE', message, { bytes, limit })
  }
  const madeFor = modelMadeFor(software, name)
  if (madeFor === undefined) return
  const message = `The software was made for the handset model ${madeFor}, not for ${name}.`
  throw new CodedError('IMAGE_FOREIGN', message, { model: name, madeFor })
}

function checkModel(terminalId: string, { name }: HandsetModel): void {
  if (modelNamedIn(terminalId) === name) return
  const message = `The file is the flash of the handset ${terminalId}, which is no ${name}.`
  throw new CodedError('FLASH_FILE_UNFIT', message, { terminalId, model: name })
}

/** Some whole pages were programmed, but not the last one; in the next one some of the bits that had to fall fell. */
function tearSector(
  sector: Uint8Array,
  wanted: Uint8Array,
  { model, random }: { readonly model: HandsetModel; readonly random: Random },
): void {
  const { sectorBytes, pageBytes } = model.flash
  const pages = Math.ceil(Math.min(sectorBytes, wanted.length) / pageBytes)
  const done = pages < 2 ? 0 : (1 + random.below(pages - 1)) * pageBytes
  sector.set(wanted.subarray(0, done))
  const page = wanted.subarray(done, done + pageBytes)
  const unfallen = random.bytes(page.length)
  sector.set(
    page.map((byte, at) => byte | (unfallen[at] ?? ERASED)),
    done,
  )
}

/** Up to the last byte that is not erased. */
function softwareBytes(region: Uint8Array): number {
  return region.findLastIndex(byte => byte !== ERASED) + 1
}

function writeIdentity(chip: Uint8Array, { model, name, seed, sha256 }: ChipOrder): void {
  const identity = createIdentity({ model: model.name, name, seed }, sha256)
  partOf(chip, model, 'identity').set(encodeIdentity(identity))
}

function partOf(chip: Uint8Array, model: HandsetModel, name: RegionName): Uint8Array {
  const { address, bytes } = regionOf(model, name)
  return chip.subarray(address, address + bytes)
}

/** The journal of a chip that lies on the bench, where nothing can fail. */
function journalOn(chip: Uint8Array, model: HandsetModel): Journal {
  const { sectorBytes } = model.flash
  const port: FlashPort = {
    geometry: model.flash,
    read: (address, length) => chip.slice(address, address + length),
    program: (address, bytes) => chip.set(bytes, address),
    erase: address => void chip.fill(ERASED, address, address + sectorBytes),
  }
  return new Journal(flashWindow(port, regionOf(model, 'journal')))
}
