import { formatAddress, viewOf } from '../../base/bytes'
import type { FirmwareImage, ImageWarning } from './firmware-image'
import { readMcubootImage, sourceOf } from './mcuboot'

/** The RP2040's flash begins with 256 bytes of second boot stage; the vectors stand behind it. */
const RP2040_VECTORS_AT = 0x100

/** Takes the bytes as they are, for the address that the device decides. */
export function readBin(bytes: Uint8Array): FirmwareImage {
  const hasVectors = vectorPlaces(bytes).some(at => isVectorTable(bytes, at))
  return {
    format: 'bin',
    segments: [{ address: 0, data: bytes }],
    entry: null,
    warnings: hasVectors ? [] : [implausible(bytes)],
  }
}

function vectorPlaces(bytes: Uint8Array): number[] {
  return [0, RP2040_VECTORS_AT, readMcubootImage(sourceOf(bytes))?.headerBytes ?? 0]
}

/** A Cortex-M starts with a stack pointer into memory and the address of Thumb code. */
function isVectorTable(bytes: Uint8Array, at: number): boolean {
  if (at + 8 > bytes.length) return false
  const view = viewOf(bytes)
  const [stack, reset] = [view.getUint32(at, true), view.getUint32(at + 4, true)]
  const isStack = stack % 4 === 0 && stack > 0x10000000 && !isPeripheral(stack - 4)
  return isStack && reset % 2 === 1 && !isPeripheral(reset)
}

/** Everything that is neither code, RAM nor external memory in the map of the Cortex-M. */
function isPeripheral(address: number): boolean {
  return (address >= 0x40000000 && address < 0x60000000) || address >= 0xa0000000
}

function implausible(bytes: Uint8Array): ImageWarning {
  const view = viewOf(bytes)
  const facts =
    bytes.length < 8
      ? 'it is shorter than 8 bytes'
      : `stack pointer ${formatAddress(view.getUint32(0, true))}, ` +
        `reset ${formatAddress(view.getUint32(4, true))}`
  return {
    code: 'VECTORS_IMPLAUSIBLE',
    message:
      `The file does not begin like a program for a Cortex-M (${facts}). ` +
      'Make sure that it is the image for this handset.',
  }
}
