import { HANDOVER } from '../cpu/firmware-interface'
import type { FlashGeometry } from '../flash/flash-port'
import { ENDURANCE_MAX, timingFrom, timingOf, type FlashPart } from '../flash/parts'
import { Fields } from './fields'
import {
  REGION_NAMES,
  RESTORE_PROTOCOLS,
  type FlashTiming,
  type HandsetModel,
  type RamTask,
  type Region,
  type RestoreProtocol,
} from './model'

const FLASH_BYTES_MAX = 64 * 1024 * 1024
const ADDRESS_MAX = 0xffff_ffff
/** Sets of tasks are words of 32 bits. */
const TASKS_MAX = 32
const NAME = /^[a-z][a-z0-9-]{0,15}$/
/** Two hold what may be the newest entry while the third one is written (decision 0009). */
const JOURNAL_SECTORS = 3
const SMP_BUFFER_BYTES_MIN = 64
const SMP_BUFFER_BYTES_MAX = 65_535
const SMP_BUFFERS_MAX = 16

/**
 * Reads a device model: numbers are numbers or texts such as "0x190000". The flash takes its time
 * from one of the parts. Throws an Error that says which field of which model cannot be, for models
 * are part of the product and not of its input.
 */
export function readModel(json: unknown, parts: readonly FlashPart[] = []): HandsetModel {
  const source = new Fields(json, 'handset model')
  const name = source.text('name')
  if (!NAME.test(name))
    throw source.wrong('name', 'must be 1 to 16 lower-case letters, digits, dashes')
  const fields = new Fields(json, `handset model ${name}`)
  const flash = readFlash(fields.object('flash'), parts)
  const regions = readRegions(fields, flash)
  return {
    name,
    flash,
    ram: readRam(fields.object('ram')),
    cpu: fields.optional('cpu', readCpu),
    display: fields.optional('display', readDisplay),
    execution: readExecution(fields.object('execution'), regions),
    regions,
    restore: readRestore(fields.object('restore')),
  }
}

function readFlash(fields: Fields, parts: readonly FlashPart[]): HandsetModel['flash'] {
  const bytes = fields.number('bytes', { min: 1, max: FLASH_BYTES_MAX })
  const sectorBytes = fields.number('sectorBytes', { min: 1, max: bytes })
  const pageBytes = fields.number('pageBytes', { min: 1, max: sectorBytes })
  const partitionBytes = fields.optional('partitionBytes', () =>
    fields.number('partitionBytes', { min: sectorBytes, max: bytes }),
  )
  if (bytes % sectorBytes !== 0) throw fields.wrong('sectorBytes', 'must divide the flash')
  if (sectorBytes % pageBytes !== 0) throw fields.wrong('pageBytes', 'must divide a sector')
  const geometry = { bytes, sectorBytes, pageBytes }
  const timing = readTiming(fields, { geometry, parts })
  if (partitionBytes === null) return { ...geometry, timing }
  if (bytes % partitionBytes !== 0 || partitionBytes % sectorBytes !== 0) {
    throw fields.wrong('partitionBytes', 'must divide the flash and consist of sectors')
  }
  return { ...geometry, partitionBytes, timing }
}

/** The name of a part, or numbers of the model's own, which may leave out what parts may. */
function readTiming(
  fields: Fields,
  { geometry, parts }: { geometry: FlashGeometry; parts: readonly FlashPart[] },
): FlashTiming {
  if (!fields.isText('timing')) return readOwnTiming(fields.object('timing'), geometry)
  const name = fields.text('timing')
  const part = parts.find(candidate => candidate.name === name)
  if (!part) {
    const names = parts.map(each => each.name).join(', ')
    throw fields.wrong('timing', `"${name}" is no known part; there are: ${names}`)
  }
  const known = timingOf(part, geometry)
  if (known) return known.timing
  throw fields.wrong(
    'timing',
    `${name}: no time is known for erasing ${geometry.sectorBytes} bytes`,
  )
}

function readOwnTiming(fields: Fields, { pageBytes }: FlashGeometry): FlashTiming {
  const duration = (name: string) => fields.optional(name, () => fields.duration(name))
  const count = { min: 1, max: ENDURANCE_MAX }
  const given = {
    eraseMillisecondsMax: duration('eraseMillisecondsMax'),
    programMillisecondsMax: duration('programMillisecondsMax'),
    endurance: fields.optional('endurance', () => fields.number('endurance', count)),
  }
  const { timing } = timingFrom(given, {
    profile: fields.text('profile'),
    eraseMilliseconds: fields.duration('eraseMilliseconds'),
    programBytes: pageBytes,
    programMilliseconds: fields.duration('programMilliseconds'),
  })
  return timing
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
  const address = fields.number('address', { min: 0, max: ADDRESS_MAX })
  const bytes = fields.number('bytes', { min: 1, max: FLASH_BYTES_MAX })
  const within = { min: address, max: address + bytes - HANDOVER.bytes }
  const handoverAddress = fields.optional('handoverAddress', () =>
    fields.number('handoverAddress', within),
  )
  const end = handoverAddress ?? address + bytes
  const tasks = fields.list('tasks').map(item => readTask(item))
  if (tasks.length > TASKS_MAX) throw fields.wrong('tasks', `must be at most ${TASKS_MAX}`)
  for (const [index, task] of tasks.entries()) {
    const next = tasks[index + 1]?.address ?? end
    const isInside = task.address >= address && task.address + task.bytes <= next
    if (!isInside) throw fields.wrong('tasks', `"${task.name}" overlaps or lies outside`)
  }
  return { address, bytes, tasks, handoverAddress }
}

function readTask(fields: Fields): RamTask {
  const name = fields.text('name')
  if (!NAME.test(name)) throw fields.wrong('name', 'must be 1 to 16 lower-case letters, dashes')
  return {
    name,
    address: fields.number('address', { min: 0, max: ADDRESS_MAX }),
    bytes: fields.number('bytes', { min: 1, max: FLASH_BYTES_MAX }),
    limitRank: fields.optional('limitRank', () =>
      fields.number('limitRank', { min: 1, max: TASKS_MAX }),
    ),
  }
}

function readCpu(json: unknown): HandsetModel['cpu'] {
  const fields = new Fields(json, 'cpu')
  return { hertz: fields.number('hertz', { min: 1_000_000, max: 125_000_000 }) }
}

function readDisplay(json: unknown): HandsetModel['display'] {
  const fields = new Fields(json, 'display')
  const side = { min: 8, max: 320 }
  return { width: fields.number('width', side), height: fields.number('height', side) }
}

function readExecution(fields: Fields, regions: readonly Region[]): HandsetModel['execution'] {
  const executable = regions.find(region => region.name === 'executable')
  const lastVector = (executable?.bytes ?? 0) - 8
  return {
    windowAddress: fields.number('windowAddress', { min: 0, max: ADDRESS_MAX }),
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
