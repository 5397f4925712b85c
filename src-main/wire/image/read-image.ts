import { CodedError } from '../../base/coded-error'
import { readBin } from './bin'
import { isElf, readElf } from './elf'
import type { FirmwareImage } from './firmware-image'
import { foreignFile } from './foreign'
import { isIntelHexLine, readIntelHex } from './intel-hex'
import { isSRecordLine, readSRecords } from './srec'
import { textLines } from './text-records'
import { isUf2, readUf2 } from './uf2'

/** Lines that are looked at to tell a text format, so that a damaged first line does not hide it. */
const LINES_LOOKED_AT = 16

/**
 * Recognises a firmware file by its content and reads it. Throws a CodedError: `IMAGE_DAMAGED` with
 * the place, or `IMAGE_FOREIGN` with what the file is instead. A raw image has no mark of its own,
 * so `bin` is whatever is plainly nothing else.
 */
export function readImage(bytes: Uint8Array): FirmwareImage {
  if (bytes.length === 0) {
    const message = 'The file is empty (0 bytes). Fetch or build it again.'
    throw new CodedError('IMAGE_DAMAGED', message, { offset: 0 })
  }
  if (isElf(bytes)) return readElf(bytes)
  if (isUf2(bytes)) return readUf2(bytes)
  const textFormat = recogniseText(bytes)
  if (textFormat) return textFormat(bytes)
  const refusal = foreignFile(bytes)
  if (refusal) throw refusal
  return readBin(bytes)
}

function recogniseText(bytes: Uint8Array): ((bytes: Uint8Array) => FirmwareImage) | undefined {
  let looked = 0
  for (const { text } of textLines(bytes)) {
    if (isIntelHexLine(text)) return readIntelHex
    if (isSRecordLine(text)) return readSRecords
    if (++looked === LINES_LOOKED_AT) break
  }
  return undefined
}
