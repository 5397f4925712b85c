import { invariant } from '../base/assert'

const PARTS = 4
const PART_VALUES = 256
const ADDRESSES = PART_VALUES ** PARTS

/** An IPv4 address as a number, in the order of the addresses. The text was checked. */
export function numberOf(ipAddress: string): number {
  return ipAddress.split('.').reduce((total, part) => total * PART_VALUES + Number(part), 0)
}

/** The address so many places behind another one; undefined behind the last there is. */
export function addressAfter(ipAddress: string, places: number): string | undefined {
  const number = numberOf(ipAddress) + places
  if (number >= ADDRESSES) return undefined
  invariant(Number.isSafeInteger(number) && number >= 0, 'addresses are counted forwards')
  const parts = Array.from({ length: PARTS }, (_, index) => {
    return Math.floor(number / PART_VALUES ** (PARTS - 1 - index)) % PART_VALUES
  })
  return parts.join('.')
}
