import type { Customer, DeviceTask, Rollout } from '../../contract/rollouts'
import { printableText } from '../../base/printable'
import { priceOf } from '../rollout/notice-mail'

export type Language = 'en' | 'ja'

/** A question to the manager of one device whether its update is wanted (S52), as people see it. */
export interface Question {
  readonly release: Pick<Rollout, 'vendorName' | 'softwareName' | 'version'>
  /** As {@link priceIn} gives it. */
  readonly price: string | null
  readonly device: Pick<Customer, 'deviceId' | 'managerName' | 'timeZone'>
  /** Until when answers count. */
  readonly deadline: number | null
}

/** What becomes of an answer that is given now. */
export type Standing =
  | 'open'
  /** The time to answer is over (S56). */
  | 'late'
  /** The download has begun, or is over (AMB-1.12). */
  | 'begun'
  | 'cancelled'

const CHANGEABLE: ReadonlySet<DeviceTask['state']> = new Set([
  'awaiting-answer',
  'agreed',
  'declined',
  'waiting-window',
])
const UNBEGUN: ReadonlySet<DeviceTask['state']> = new Set([...CHANGEABLE, 'selected', 'no-answer'])

export function standingOf(
  task: Pick<DeviceTask, 'state'>,
  rollout: Pick<Rollout, 'state' | 'deadline'>,
  now: number,
): Standing {
  if (task.state === 'cancelled') return 'cancelled'
  if (!UNBEGUN.has(task.state)) return 'begun'
  if (rollout.state === 'cancelled') return 'cancelled'
  const isOver = rollout.deadline !== null && rollout.deadline <= now
  const isOpen = rollout.state === 'collecting-consent' && CHANGEABLE.has(task.state)
  return isOpen && !isOver ? 'open' : 'late'
}

/** Texts of a vendor and of a table, as one line each. */
export function factsOf({ release, price, device, deadline }: Question, language: Language) {
  const { vendorName, softwareName, version } = release
  return {
    software: printableText(`${softwareName} ${version}`),
    vendor: printableText(vendorName),
    device: printableText(device.deviceId),
    manager: printableText(device.managerName),
    price,
    deadline: deadline === null ? null : timeOf(deadline, device.timeZone, language),
  }
}

/** The price of a release; null: it costs nothing. */
export function priceIn(additional: Rollout['additional']): string | null {
  const { price = 0, currency = '' } = additional ?? {}
  return price === 0 ? null : priceOf(price, currency)
}

/** Making one takes longer than everything else about a question. */
const timeFormats = new Map<string, Intl.DateTimeFormat>()

function timeOf(at: number, timeZone: string, language: Language): string {
  const name = `${language} ${timeZone}`
  const format =
    timeFormats.get(name) ??
    new Intl.DateTimeFormat(language, { timeZone, dateStyle: 'long', timeStyle: 'short' })
  timeFormats.set(name, format)
  return `${format.format(at)} (${timeZone})`
}
