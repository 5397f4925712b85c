import type { Customer } from '../../contract/rollouts'

/**
 * What makes rows that are entered together unfit, whatever else is in the table; undefined where
 * nothing does. In words, with the place of the row counted from 1.
 */
export function flawAmong(rows: readonly Customer[]): string | undefined {
  const seen: Seen = { devices: new Map(), terminals: new Map(), addresses: new Map() }
  for (const [index, row] of rows.entries()) {
    const flaw = flawOf(row, index + 1, seen)
    if (flaw !== undefined) return `Row ${index + 1} (${row.deviceId}): ${flaw}`
  }
  return undefined
}

/** Places of rows by what only one of them may have. */
interface Seen {
  readonly devices: Map<string, number>
  readonly terminals: Map<string, number>
  readonly addresses: Map<string, number>
}

function flawOf(row: Customer, place: number, seen: Seen): string | undefined {
  const { deviceId, terminalId, ipAddress, timeZone } = row
  if (!isTimeZone(timeZone)) {
    return `"${timeZone}" is no time zone. Give one of the IANA names, such as Asia/Tokyo.`
  }
  const device = placed(seen.devices, deviceId, place)
  if (device !== undefined) return `row ${device} is for the same device. Give each device once.`
  const terminal = terminalId === null ? undefined : placed(seen.terminals, terminalId, place)
  if (terminal !== undefined) return `row ${terminal} has the terminal ${terminalId} too.`
  const address = isReachedBy(row) ? placed(seen.addresses, ipAddress, place) : undefined
  return address === undefined ? undefined : `row ${address} has the address ${ipAddress} too.`
}

/** A polling device is not reached by its address, so others may be behind the same one. */
export function isReachedBy({ reach }: Pick<Customer, 'reach'>): boolean {
  return reach === 'access'
}

/** The place of who came first with a value; undefined for who is the first. */
function placed(places: Map<string, number>, value: string, place: number): number | undefined {
  const first = places.get(value)
  if (first === undefined) places.set(value, place)
  return first
}

const knownTimeZones = new Map<string, boolean>()
/** So many names are remembered: what is no time zone may be anything. */
const REMEMBERED_MAX = 1000

/** An IANA name that this machine can reckon with; an offset such as `+09:00` is none. */
function isTimeZone(name: string): boolean {
  const known = knownTimeZones.get(name) ?? reckonsWith(name)
  if (knownTimeZones.size < REMEMBERED_MAX) knownTimeZones.set(name, known)
  return known
}

function reckonsWith(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
