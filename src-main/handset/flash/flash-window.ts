import { formatAddress } from '../../base/bytes'
import { FlashFailure, FlashFault, type FlashPort } from './flash-port'

export interface FlashRange {
  readonly address: number
  readonly bytes: number
}

/**
 * One range of a flash, with addresses from 0, as the only thing that some code can reach.
 * Everything outside it is a FlashFault. The range begins and ends with a sector.
 */
export function flashWindow(flash: FlashPort, range: FlashRange): FlashPort {
  const absolute = (address: number, length: number): number => {
    if (!Number.isSafeInteger(address) || address < 0 || address + length > range.bytes) {
      const window = `${formatAddress(range.address)} and ${range.bytes} bytes on`
      throw new FlashFault(`${length} bytes at ${address} lie outside the window ${window}`)
    }
    return range.address + address
  }
  const inWindow = (operate: () => void): void => {
    try {
      operate()
    } catch (error) {
      if (!(error instanceof FlashFailure)) throw error
      throw new FlashFailure(error.status, error.address - range.address)
    }
  }
  return {
    geometry: { ...flash.geometry, bytes: range.bytes },
    read: (address, length) => flash.read(absolute(address, length), length),
    program(address, bytes) {
      inWindow(() => flash.program(absolute(address, bytes.length), bytes))
    },
    erase(address) {
      inWindow(() => flash.erase(absolute(address, flash.geometry.sectorBytes)))
    },
  }
}
