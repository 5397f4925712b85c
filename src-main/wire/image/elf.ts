import { formatAddress, viewOf } from '../../base/bytes'
import type { FirmwareImage } from './firmware-image'
import { atByte, damaged, foreign } from './image-errors'
import { SegmentBuilder } from './segment-builder'

// System V ABI, "ELF Header" and "Program Header", 32-bit. Only what a loader needs is read:
// programs without a section table are as good.

const MAGIC = [0x7f, 0x45, 0x4c, 0x46] as const
const HEADER_BYTES = 52
const PROGRAM_HEADER_BYTES = 32
const CLASS_32 = 1
const CLASS_64 = 2
const LITTLE_ENDIAN = 1
const BIG_ENDIAN = 2
const TYPE_EXECUTABLE = 2
const MACHINE_ARM = 40
const SEGMENT_LOAD = 1

const TYPES: Readonly<Record<number, string>> = {
  1: 'an object file that is not linked yet',
  3: 'a shared library or position-independent program',
  4: 'a memory dump (core file)',
}
const MACHINES: Readonly<Record<number, string>> = {
  2: 'SPARC',
  3: 'x86',
  4: 'Motorola 68000',
  8: 'MIPS',
  20: 'PowerPC',
  21: '64-bit PowerPC',
  40: 'ARM',
  42: 'SuperH',
  62: 'x86-64',
  83: 'AVR',
  94: 'Xtensa',
  105: 'MSP430',
  183: 'AArch64 (64-bit ARM)',
  243: 'RISC-V',
}

const ADVICE = 'Give a program linked for the 32-bit ARM of the handset.'

export function isElf(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, index) => bytes[index] === byte)
}

/**
 * Reads the loadable segments of a 32-bit ARM program, at their physical addresses: where they
 * lie in the flash, wherever they run. Throws `IMAGE_DAMAGED` and `IMAGE_FOREIGN`.
 */
export function readElf(bytes: Uint8Array): FirmwareImage {
  if (bytes.length < HEADER_BYTES) {
    throw damaged(
      'ELF',
      atByte(bytes.length),
      `the file ends within its ${HEADER_BYTES}-byte header`,
    )
  }
  refuseForeign(bytes)
  const view = viewOf(bytes)
  const [tableAt, entryBytes, entries] = [
    view.getUint32(28, true),
    view.getUint16(42, true),
    view.getUint16(44, true),
  ]
  if (entries === 0) throw damaged('ELF', atByte(44), 'it has no program headers')
  if (entryBytes !== PROGRAM_HEADER_BYTES) {
    const fact = `program headers have ${PROGRAM_HEADER_BYTES} bytes, it says ${entryBytes}`
    throw damaged('ELF', atByte(42), fact)
  }
  if (tableAt + entries * PROGRAM_HEADER_BYTES > bytes.length) {
    const fact = `its program headers (${entries} from byte ${tableAt} on) leave the file`
    throw damaged('ELF', atByte(28), fact)
  }
  const segments = new SegmentBuilder('ELF')
  for (let index = 0; index < entries; index++) {
    addSegment(bytes, tableAt + index * PROGRAM_HEADER_BYTES, segments)
  }
  const entry = view.getUint32(24, true)
  return {
    format: 'elf',
    segments: segments.finish(bytes.length),
    entry: entry === 0 ? null : entry,
    warnings: [],
  }
}

function addSegment(bytes: Uint8Array, headerAt: number, segments: SegmentBuilder): void {
  const view = viewOf(bytes.subarray(headerAt, headerAt + PROGRAM_HEADER_BYTES))
  if (view.getUint32(0, true) !== SEGMENT_LOAD) return
  const offset = view.getUint32(4, true)
  const address = view.getUint32(12, true)
  const fileBytes = view.getUint32(16, true)
  const memoryBytes = view.getUint32(20, true)
  const place = atByte(headerAt)
  if (offset + fileBytes > bytes.length) {
    const fact =
      `the segment for ${formatAddress(address)} is said to end at byte ` +
      `${offset + fileBytes}, but the file has ${bytes.length}`
    throw damaged('ELF', place, fact)
  }
  if (memoryBytes < fileBytes) {
    const fact = `the segment for ${formatAddress(address)} is larger in the file than in memory`
    throw damaged('ELF', place, fact)
  }
  segments.add(address, bytes.subarray(offset, offset + fileBytes), place)
}

function refuseForeign(bytes: Uint8Array): void {
  const [width, order] = [bytes[4], bytes[5]]
  if (width !== CLASS_32 && width !== CLASS_64) {
    throw damaged('ELF', atByte(4), `its class ${width} is neither 32 nor 64 bits`)
  }
  if (order !== LITTLE_ENDIAN && order !== BIG_ENDIAN) {
    throw damaged('ELF', atByte(5), `its byte order ${order} is neither little nor big`)
  }
  const view = viewOf(bytes)
  const isLittle = order === LITTLE_ENDIAN
  const [type, machine] = [view.getUint16(16, isLittle), view.getUint16(18, isLittle)]
  const name = MACHINES[machine] ?? `machine number ${machine}`
  if (machine !== MACHINE_ARM) throw foreign(`an ELF file for ${name}`, ADVICE)
  if (width === CLASS_64) throw foreign('a 64-bit ELF file', ADVICE)
  if (!isLittle) throw foreign('a big-endian ELF file', ADVICE)
  if (type !== TYPE_EXECUTABLE) {
    throw foreign(`an ELF file, but ${TYPES[type] ?? `of unknown type ${type}`}`, ADVICE)
  }
}
