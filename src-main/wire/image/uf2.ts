import { equalBytes, formatAddress, viewOf } from '../../base/bytes'
import type { FirmwareImage } from './firmware-image'
import { atByte, damaged, foreign, inBlock, type Place } from './image-errors'
import { SegmentBuilder } from './segment-builder'

// USB Flashing Format (UF2), Microsoft's specification. A block has 512 bytes, little-endian:
//   0 magic | 4 magic | 8 flags | 12 address | 16 payload bytes | 20 number | 24 blocks in all |
//   28 family or file size | 32 payload, up to 476 bytes | 508 magic

const BLOCK_BYTES = 512
const MAGICS = [
  { at: 0, value: 0x0a324655 },
  { at: 4, value: 0x9e5d5157 },
  { at: 508, value: 0x0ab16f30 },
] as const
const PAYLOAD_AT = 32
const PAYLOAD_BYTES_MAX = 476
/** A checksum of the flash at the end of the payload's room, for bootloaders that skip blocks. */
const MD5_BYTES = 24

const Flag = {
  notMainFlash: 0x1,
  fileContainer: 0x1000,
  familyId: 0x2000,
  md5: 0x4000,
} as const

/** Families of Microsoft's list (`uf2families.json`) whose cores are no ARM. */
const FOREIGN_FAMILIES: Readonly<Record<number, string>> = {
  0x16573617: 'ATmega32 (AVR)',
  0x5a18069b: 'FX2 (8051)',
  0x7eab61ed: 'ESP8266 (Xtensa)',
  0x1c5f21b0: 'ESP32 (Xtensa)',
  0xbfdd4eee: 'ESP32-S2 (Xtensa)',
  0xc47e5767: 'ESP32-S3 (Xtensa)',
  0x2b88d29c: 'ESP32-C2 (RISC-V)',
  0xd42ba06c: 'ESP32-C3 (RISC-V)',
  0x540ddf62: 'ESP32-C6 (RISC-V)',
  0x332726f6: 'ESP32-H2 (RISC-V)',
  0x3d308e94: 'ESP32-P4 (RISC-V)',
  0x9af03e33: 'GD32VF103 (RISC-V)',
  0x11de784a: 'BL702 (RISC-V)',
  0x4b684d71: 'BL618 (RISC-V)',
}

interface Block {
  readonly flags: number
  readonly address: number
  readonly number: number
  readonly total: number
  /** Null where the block names none. */
  readonly family: number | null
  readonly payload: Uint8Array
  readonly place: Place
}

/** Whether a file is UF2: two of the first block's three magic numbers are enough to say so. */
export function isUf2(bytes: Uint8Array): boolean {
  const view = viewOf(bytes)
  const right = MAGICS.filter(
    ({ at, value }) => at + 4 <= bytes.length && view.getUint32(at, true) === value,
  )
  return right.length >= 2
}

/** Reads a UF2 file for one device family. Throws `IMAGE_DAMAGED` and `IMAGE_FOREIGN`. */
export function readUf2(bytes: Uint8Array): FirmwareImage {
  const segments = new SegmentBuilder('UF2')
  const blocks = collectBlocks(bytes)
  for (const block of blocks) {
    if (isForFlash(block)) segments.add(block.address, block.payload, block.place)
  }
  return { format: 'uf2', segments: segments.finish(bytes.length), entry: null, warnings: [] }
}

/** Other blocks are meant for other memories, or are files: the flash gets nothing of them. */
function isForFlash(block: Block): boolean {
  return (block.flags & (Flag.notMainFlash | Flag.fileContainer)) === 0
}

/** All blocks by their numbers, none missing, for one family. */
function collectBlocks(bytes: Uint8Array): Block[] {
  const byNumber = new Map<number, Block>()
  let first: Block | undefined
  let firstInFlash: Block | undefined
  for (let offset = 0; offset < bytes.length; offset += BLOCK_BYTES) {
    const place = inBlock(offset / BLOCK_BYTES, offset)
    const block = readBlock(bytes.subarray(offset, offset + BLOCK_BYTES), place)
    first ??= block
    if (block.total !== first.total) {
      const fact = `it announces ${block.total} blocks, the first announced ${first.total}`
      throw damaged('UF2', place, fact)
    }
    if (isForFlash(block)) {
      firstInFlash ??= block
      checkFamily(block, firstInFlash)
      refuseForeign(block)
    }
    const before = byNumber.get(block.number)
    if (before) checkRepeated(block, before)
    else byNumber.set(block.number, block)
  }
  checkComplete(byNumber, first?.total ?? 0, bytes.length)
  return [...byNumber.values()].toSorted((a, b) => a.number - b.number)
}

function readBlock(bytes: Uint8Array, place: Place): Block {
  if (bytes.length < BLOCK_BYTES) {
    throw damaged('UF2', place, `the file ends ${bytes.length} bytes into it`)
  }
  const view = viewOf(bytes)
  for (const { at, value } of MAGICS) {
    const found = view.getUint32(at, true)
    if (found === value) continue
    const fact = `its magic number at ${at} is ${formatAddress(found)}, not ${formatAddress(value)}`
    throw damaged('UF2', place, fact)
  }
  const flags = view.getUint32(8, true)
  const payloadBytes = view.getUint32(16, true)
  const room = PAYLOAD_BYTES_MAX - (flags & Flag.md5 ? MD5_BYTES : 0)
  if (payloadBytes === 0 || payloadBytes > room) {
    throw damaged('UF2', place, `its payload of ${payloadBytes} bytes is not within 1 to ${room}`)
  }
  const [number, total] = [view.getUint32(20, true), view.getUint32(24, true)]
  if (number >= total) {
    throw damaged('UF2', place, `its number is ${number}, but there are only ${total} blocks`)
  }
  return {
    flags,
    address: view.getUint32(12, true),
    number,
    total,
    family: flags & Flag.familyId ? view.getUint32(28, true) : null,
    payload: bytes.subarray(PAYLOAD_AT, PAYLOAD_AT + payloadBytes),
    place,
  }
}

function checkFamily(block: Block, first: Block): void {
  if (block.family === first.family) return
  const [here, there] = [block.family, first.family].map(family =>
    family === null ? 'no device family' : `device family ${formatAddress(family)}`,
  )
  throw damaged('UF2', block.place, `it is for ${here}, the first was for ${there}`)
}

function refuseForeign({ family }: Block): void {
  const name = family === null ? undefined : FOREIGN_FAMILIES[family]
  if (name === undefined) return
  throw foreign(`a UF2 file for ${name}`, 'Give a program for the 32-bit ARM of the handset.')
}

function checkRepeated(block: Block, before: Block): void {
  const isSame = block.address === before.address && equalBytes(block.payload, before.payload)
  if (isSame) return
  const fact = `its number ${block.number} is that of ${before.place.words}, with other content`
  throw damaged('UF2', block.place, fact)
}

function checkComplete(blocks: ReadonlyMap<number, Block>, total: number, fileBytes: number): void {
  if (blocks.size === total) return
  let missing = 0
  while (blocks.has(missing)) missing += 1
  const fact = `${total} blocks are announced, but number ${missing} is missing`
  throw damaged('UF2', atByte(fileBytes), fact)
}
