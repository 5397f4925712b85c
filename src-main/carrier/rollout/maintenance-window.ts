import { Temporal } from 'temporal-polyfill'
import type { MaintenanceWindow } from '../../contract/rollouts'

/** One opening of a window, in milliseconds since 1970. */
interface Opening {
  readonly from: number
  readonly to: number
}

/** Without a window a failed attempt is made again after so long. */
const RETRY_MS = 3_600_000
/** Longer than any gap of the clock: a window that falls into one opens the day after. */
const DAYS_LOOKED_AT = 4

/** From when on a device may be accessed: now, or the next opening of the window (S1-16). */
export function windowDue(window: MaintenanceWindow | null, timeZone: string, now: number): number {
  if (isAlwaysOpen(window)) return now
  const [opening] = openings(window, timeZone, now)
  return Math.max(now, opening?.from ?? now + RETRY_MS)
}

/** When an attempt that failed now is made again: at the next opening, not in this one (S1-13, S1-17). */
export function nextWindowDue(
  window: MaintenanceWindow | null,
  timeZone: string,
  now: number,
): number {
  if (isAlwaysOpen(window)) return now + RETRY_MS
  const next = openings(window, timeZone, now).find(({ from }) => from > now)
  return next?.from ?? now + RETRY_MS
}

/** When the window that is open now closes; null: never. */
export function windowEnd(
  window: MaintenanceWindow | null,
  timeZone: string,
  now: number,
): number | null {
  if (isAlwaysOpen(window)) return null
  const open = openings(window, timeZone, now).find(({ from }) => from <= now)
  return open?.to ?? now
}

/** A window that ends when it begins lasts all day. */
function isAlwaysOpen(window: MaintenanceWindow | null): window is null {
  return window === null || window.start === window.end
}

/** What a time zone makes of a window around one of its days. */
interface ZoneDay {
  /** The day, from its first to the first of the next. */
  readonly from: number
  readonly to: number
  readonly openings: readonly Opening[]
}

/** Asked for every device, and the same for all of a zone. */
const zoneDays = new Map<string, ZoneDay>()
const ZONE_DAYS_MAX = 1000

/** Those that end after now, in order. */
function openings(window: MaintenanceWindow, timeZone: string, now: number): readonly Opening[] {
  const name = `${timeZone} ${window.start} ${window.end}`
  let day = zoneDays.get(name)
  if (!day || now < day.from || now >= day.to) {
    if (zoneDays.size >= ZONE_DAYS_MAX) zoneDays.clear()
    day = zoneDay(window, timeZone, now)
    zoneDays.set(name, day)
  }
  return day.openings.filter(({ to }) => to > now)
}

/**
 * An opening belongs to the day on which it begins, and ends the day after where it goes over
 * midnight. Times that a day does not have (the clock is put forward) are taken as much later as it
 * is put forward; of times that a day has twice the first counts, so that a window that ends in the
 * second hour is an hour longer.
 */
function zoneDay(window: MaintenanceWindow, timeZone: string, now: number): ZoneDay {
  const today = Temporal.Instant.fromEpochMilliseconds(Math.floor(now))
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
  const isOverMidnight = window.end < window.start
  const at = (date: Temporal.PlainDate, time: string) =>
    date.toZonedDateTime({ timeZone, plainTime: time }).epochMilliseconds
  const found: Opening[] = []
  for (let day = -1; day < DAYS_LOOKED_AT; day++) {
    const date = today.add({ days: day })
    const from = at(date, window.start)
    const to = at(isOverMidnight ? date.add({ days: 1 }) : date, window.end)
    if (to > from) found.push({ from, to })
  }
  return { from: at(today, '00:00'), to: at(today.add({ days: 1 }), '00:00'), openings: found }
}
