import { computed, type ComputedRef } from 'vue'
import { useText } from './i18n'

export interface Formats {
  number(value: number): string
  percent(fraction: number): string
  /** `1.5 MiB`; whole bytes below one KiB. */
  size(bytes: number): string
  rate(bytesPerSecond: number): string
  /** `1 min 20 sec`, in whole seconds. */
  duration(seconds: number): string
  /** As `duration`, with a tenth of a second below ten: `0.7 sec`. */
  brief(seconds: number): string
  /** An amount in the smallest unit of the currency, as ISO 4217 names it. */
  money(amount: number, currency: string): string
  /** Time of day with milliseconds. */
  time(at: number): string
  clock(at: number): string
  dateTime(at: number): string
}

export function useFormats(): ComputedRef<Formats> {
  const { language } = useText()
  return computed(() => formatsOf(language.value))
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB'] as const

export function formatsOf(locale: string): Formats {
  const plain = new Intl.NumberFormat(locale)
  const short = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 })
  const share = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 })
  const unit = (name: string) =>
    new Intl.NumberFormat(locale, { style: 'unit', unit: name, unitDisplay: 'short' })
  const tenths = new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: 'second',
    unitDisplay: 'short',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  })
  const [hours, minutes, seconds] = [unit('hour'), unit('minute'), unit('second')]
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' })
  const hour: Intl.DateTimeFormatOptions = {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }
  const clock = new Intl.DateTimeFormat(locale, hour)
  const precise = new Intl.DateTimeFormat(locale, { ...hour, fractionalSecondDigits: 3 })

  function size(bytes: number): string {
    let scaled = bytes
    let at = 0
    while (scaled >= 1024 && at < UNITS.length - 1) {
      scaled /= 1024
      at += 1
    }
    return `${short.format(scaled)} ${UNITS[at]}`
  }

  function duration(total: number): string {
    const whole = Math.max(0, Math.round(total))
    const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
    if (h > 0) return `${hours.format(h)} ${minutes.format(m)}`
    return m > 0 ? `${minutes.format(m)} ${seconds.format(s)}` : seconds.format(s)
  }

  function money(amount: number, currency: string): string {
    const written = new Intl.NumberFormat(locale, { style: 'currency', currency })
    return written.format(amount / 10 ** (written.resolvedOptions().maximumFractionDigits ?? 0))
  }

  return {
    money,
    number: value => plain.format(value),
    percent: fraction => share.format(fraction),
    size,
    rate: bytesPerSecond => `${size(bytesPerSecond)}/s`,
    duration,
    brief: total => (total < 9.95 ? tenths.format(total) : duration(total)),
    time: at => precise.format(at),
    clock: at => clock.format(at),
    dateTime: at => day.format(at),
  }
}
