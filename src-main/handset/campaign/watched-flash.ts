import type { FlashPort } from '../flash/flash-port'

/** An operation as it was ordered. */
export interface FlashOperation {
  readonly kind: 'program' | 'erase'
  /** From the start of the flash. */
  readonly address: number
  /** What is programmed; empty for an erase. */
  readonly bytes: Uint8Array
}

const NO_BYTES = new Uint8Array(0)

/** The same flash; every operation is told of before it begins and when it is over. */
export function watchedFlash(
  flash: FlashPort,
  watch: {
    before?(operation: FlashOperation): void
    after?(operation: FlashOperation): void
  },
): FlashPort {
  const operate = (operation: FlashOperation) => {
    watch.before?.(operation)
    perform(flash, operation)
    watch.after?.(operation)
  }
  return {
    geometry: flash.geometry,
    read: (address, length) => flash.read(address, length),
    program: (address, bytes) => operate({ kind: 'program', address, bytes: bytes.slice() }),
    erase: address => operate({ kind: 'erase', address, bytes: NO_BYTES }),
  }
}

export function perform(flash: FlashPort, { kind, address, bytes }: FlashOperation): void {
  if (kind === 'erase') flash.erase(address)
  else flash.program(address, bytes)
}
