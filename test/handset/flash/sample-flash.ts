import { toHex } from '../../../src-main/base/bytes'
import { FaultPlan } from '../../../src-main/base/fault-plan'
import { seededRandom } from '../../../src-main/base/random'
import { parseFlashFault } from '../../../src-main/handset/flash/flash-faults'
import { FlashFailure, PowerCut } from '../../../src-main/handset/flash/flash-port'
import { NorFlash, type NorFlashOptions } from '../../../src-main/handset/flash/nor-flash'
import type { FlashTiming } from '../../../src-main/handset/model/model'
import { fromHex } from '../../support/from-hex'

/** Four sectors of two pages of four words, so that a test can show all bytes. */
export const tiny = { bytes: 64, sectorBytes: 16, pageBytes: 8 }

export const timing: FlashTiming = {
  profile: 'sample',
  eraseMilliseconds: 50,
  eraseMillisecondsMax: 450,
  programBytes: 8,
  programMilliseconds: 1,
  programMillisecondsMax: 5,
  endurance: 100,
}

/** The second sector of {@link tinyFlash}: a free page and a full one. */
export const SECTOR = 16
export const BEFORE = 'ffffffffffffffff 0123456789abcdef'
export const PAGE = hexBytes('5aa53cc300ff0ff0')
export const PROGRAMMED = '5aa53cc300ff0ff0 0123456789abcdef'
export const ERASED = 'ffffffffffffffff ffffffffffffffff'

export type Operation = 'program' | 'erase'

export function tinyFlash(
  lines: readonly string[] = [],
  { seed = 1, ...options }: Partial<NorFlashOptions> & { readonly seed?: number } = {},
): NorFlash {
  const contents = new Uint8Array(tiny.bytes).fill(0x55)
  contents.set(hexBytes(BEFORE), SECTOR)
  return new NorFlash({
    geometry: tiny,
    timing,
    contents,
    faults: new FaultPlan(lines.map(parseFlashFault)),
    random: seededRandom(seed),
    ...options,
  })
}

/** Programs the free page of the second sector, or erases that sector. How it ended. */
export function operate(flash: NorFlash, operation: Operation): string {
  try {
    if (operation === 'program') flash.program(SECTOR, PAGE)
    else flash.erase(SECTOR)
    return 'done'
  } catch (error) {
    if (error instanceof PowerCut) return 'cut'
    if (error instanceof FlashFailure) return error.status
    throw error
  }
}

/** The second sector, page by page. */
export function sectorHex(flash: NorFlash): string {
  const hex = toHex(flash.peek(SECTOR, tiny.sectorBytes))
  return `${hex.slice(0, 16)} ${hex.slice(16)}`
}

/** Off and on again, with nothing under way. */
export function powerCycle(flash: NorFlash): void {
  flash.settle()
  flash.interrupt(0)
  flash.powerUp()
}

export function hexBytes(hex: string): Uint8Array {
  const bytes = fromHex(hex)
  if (!bytes) throw new Error(`No bytes: ${hex}`)
  return bytes
}
