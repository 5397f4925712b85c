import { formatAddress } from '../../base/bytes'
import {
  REGION_NAMES,
  RESTORE_PROTOCOLS,
  type FlashTiming,
  type HandsetModel,
  type Region,
  type RestoreProtocol,
} from './model'

const FLASH_BYTES_MAX = 64 * 1024 * 1024
const NAME = /^[a-z][a-z0-9-]{0,15}$/
/** One entry is written while the other sector still holds the newest one. */
const JOURNAL_SECTORS = 2
const SMP_BUFFER_BYTES_MIN = 64
const SMP_BUFFER_BYTES_MAX = 65_535
const SMP_BUFFERS_MAX = 16

/**
 * Reads a device model: numbers are numbers or texts such as "0x190000". Throws an Error that says
 * which field of which model cannot be, for models are part of the product and not of its input.
 */
export function readModel(json: unknown): HandsetModel {
  const source = new Fields(json, 'handset model')
  const name = source.text('name')
  if (!NAME.test(name))
    throw source.wrong('name', 'must be 1 to 16 lower-case letters, digits, dashes')
  const fields = new Fields(json, `handset model ${name}`)
  const flash = readFlash(fields.object('flash'))
  const regions = readRegions(fields, flash)
  return {
    name,
    flash,
    ram: readRam(fields.object('ram')),
    execution: readExecution(fields.object('execution'), regions),
    regions,
    restore: readRestore(fields.object('restore')),
  }
}

function readFlash(fields: Fields): HandsetModel['flash'] {
  const bytes = fields.number('bytes', { min: 1, max: FLASH_BYTES_MAX })
  const sectorBytes = fields.number('sectorBytes', { min: 1, max: bytes })
  const pageBytes = fields.number('pageBytes', { min: 1, max: sectorBytes })
  if (bytes % sectorBytes !== 0) throw fields.wrong('sectorBytes', 'must divide the flash')
  if (sectorBytes % pageBytes !== 0) throw fields.wrong('pageBytes', 'must divide a sector')
  return { bytes, sectorBytes, pageBytes, timing: readTiming(fields.object('timing')) }
}

function readTiming(fields: Fields): FlashTiming {
  return {
    profile: fields.text('profile'),
    eraseMilliseconds: fields.duration('eraseMilliseconds'),
    programMilliseconds: fields.duration('programMilliseconds'),
  }
}

function readRegions(fields: Fields, flash: HandsetModel['flash']): Region[] {
  const regions = fields.list('regions').map(item => readRegion(item, flash))
  for (const name of REGION_NAMES) {
    const count = regions.filter(region => region.name === name).length
    if (count !== 1) throw fields.wrong('regions', `must name "${name}" once, not ${count} times`)
  }
  const inOrder = regions.toSorted((a, b) => a.address - b.address)
  for (const [index, region] of inOrder.entries()) {
    const before = inOrder[index - 1]
    if (before && before.address + before.bytes > region.address) {
      throw fields.wrong('regions', `"${before.name}" and "${region.name}" overlap`)
    }
  }
  const journal = regions.find(region => region.name === 'journal')
  if (journal?.bytes !== JOURNAL_SECTORS * flash.sectorBytes) {
    throw fields.wrong('regions', `"journal" must be ${JOURNAL_SECTORS} sectors`)
  }
  return regions
}

function readRegion(fields: Fields, flash: HandsetModel['flash']): Region {
  const name = REGION_NAMES.find(known => known === fields.text('name'))
  if (!name) throw fields.wrong('name', `must be one of ${REGION_NAMES.join(', ')}`)
  const address = fields.number('address', { min: 0, max: flash.bytes })
  const bytes = fields.number('bytes', { min: 1, max: flash.bytes })
  if (address % flash.sectorBytes !== 0 || bytes % flash.sectorBytes !== 0) {
    throw fields.wrong('address', `of "${name}": must begin and end with a sector`)
  }
  if (address + bytes > flash.bytes) {
    throw fields.wrong('bytes', `of "${name}": ends behind the flash`)
  }
  return { name, address, bytes }
}

function readRam(fields: Fields): HandsetModel['ram'] {
  return {
    address: fields.number('address', { min: 0, max: 0xffff_ffff }),
    bytes: fields.number('bytes', { min: 1, max: FLASH_BYTES_MAX }),
  }
}

function readExecution(fields: Fields, regions: readonly Region[]): HandsetModel['execution'] {
  const executable = regions.find(region => region.name === 'executable')
  const lastVector = (executable?.bytes ?? 0) - 8
  return {
    windowAddress: fields.number('windowAddress', { min: 0, max: 0xffff_ffff }),
    vectorOffset: fields.number('vectorOffset', { min: 0, max: lastVector }),
  }
}

function readRestore(fields: Fields): HandsetModel['restore'] {
  const protocols = fields.texts('protocols').map((text): RestoreProtocol => {
    const protocol = RESTORE_PROTOCOLS.find(known => known === text)
    if (!protocol) throw fields.wrong('protocols', `"${text}" is not spoken here`)
    return protocol
  })
  const smp = fields.object('smp')
  const size = { min: SMP_BUFFER_BYTES_MIN, max: SMP_BUFFER_BYTES_MAX }
  return {
    protocols,
    smp: {
      bufferBytes: smp.number('bufferBytes', size),
      bufferCount: smp.number('bufferCount', { min: 1, max: SMP_BUFFERS_MAX }),
    },
  }
}

/** One JSON object and where it stands, for errors that say so. */
class Fields {
  readonly #values: Readonly<Record<string, unknown>>
  readonly #where: string

  constructor(json: unknown, where: string) {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) {
      throw new Error(`${where}: must be an object`)
    }
    this.#values = { ...json }
    this.#where = where
  }

  object(name: string): Fields {
    return new Fields(this.#values[name], `${this.#where}, ${name}`)
  }

  list(name: string): Fields[] {
    return this.#array(name).map((item, index) => {
      return new Fields(item, `${this.#where}, ${name} ${index + 1}`)
    })
  }

  text(name: string): string {
    const value = this.#values[name]
    if (typeof value !== 'string') throw this.wrong(name, 'must be text')
    return value
  }

  texts(name: string): string[] {
    return this.#array(name).map(item => {
      if (typeof item !== 'string') throw this.wrong(name, 'must be a list of texts')
      return item
    })
  }

  number(name: string, { min, max }: { min: number; max: number }): number {
    const value = this.#values[name]
    const isHex = typeof value === 'string' && /^0x[0-9a-f]{1,8}$/.test(value)
    const number = isHex ? Number.parseInt(value.slice(2), 16) : value
    if (typeof number !== 'number' || !Number.isSafeInteger(number)) {
      throw this.wrong(name, 'must be a whole number or a text such as "0x190000"')
    }
    if (number < min || number > max) {
      throw this.wrong(name, `must be ${formatAddress(min)} to ${formatAddress(max)}`)
    }
    return number
  }

  /** Milliseconds, fractions allowed. */
  duration(name: string): number {
    const value = this.#values[name]
    if (typeof value !== 'number' || !(value >= 0 && value <= 60_000)) {
      throw this.wrong(name, 'must be 0 to 60000 milliseconds')
    }
    return value
  }

  wrong(name: string, why: string): Error {
    return new Error(`${this.#where}: ${name} ${why}`)
  }

  #array(name: string): readonly unknown[] {
    const value = this.#values[name]
    if (!Array.isArray(value)) throw this.wrong(name, 'must be a list')
    return value
  }
}
