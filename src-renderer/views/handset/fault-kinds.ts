/** Every fault of the flash that can be planned: those that end with the power first. */
export const FLASH_FAULTS = [
  'power-cut',
  'torn',
  'torn-word',
  'torn-buffer',
  'torn-buffer-any',
  'torn-erase',
  'torn-erase-zeroing',
  'torn-erase-rising',
  'weak',
  'disturb',
  'weak-erase',
  'silent',
  'error',
  'protected',
  'timed-out',
  'flip',
  'worn',
] as const
export type FlashFault = (typeof FLASH_FAULTS)[number]

/** Those that end with the power. */
export const POWER_FAULTS = FLASH_FAULTS.slice(0, FLASH_FAULTS.indexOf('silent'))

export function faultLine(kind: FlashFault, at: number): string {
  return `flash:${kind}@${at}`
}
