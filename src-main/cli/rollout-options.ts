import { type Command, Option } from 'commander'
import { CodedError } from '../base/coded-error'
import { type RolloutSettings, rolloutSettings } from '../contract/rollouts'
import { numberIn } from './served'

export interface RolloutOptions {
  readonly acquisition?: RolloutSettings['acquisition']
  readonly trial?: 'on' | 'off'
  readonly consent?: 'on' | 'off'
  readonly settlement?: RolloutSettings['settlement']
  readonly delivery?: RolloutSettings['delivery']
  readonly window?: string
  readonly consentHours?: string
  readonly paymentDays?: string
  readonly attempts?: string
  readonly groups?: string
  readonly successThreshold?: string
  readonly errorThreshold?: string
}

const SHAPE = rolloutSettings.shape

/** Adds an option for each of a rollout's settings. */
export function rolloutOptions(command: Command): Command {
  const choice = (flags: string, what: string, words: readonly string[]) =>
    command.addOption(new Option(flags, what).choices(words))
  choice('--acquisition <how>', 'how software comes to the carrier', SHAPE.acquisition.options)
  choice('--trial <on|off>', 'a test device first', ['on', 'off'])
  choice('--consent <on|off>', 'managers are asked first', ['on', 'off'])
  choice('--settlement <who>', 'whose books the bills are in', SHAPE.settlement.options)
  choice('--delivery <how>', 'what devices do with it', SHAPE.delivery.options)
  return command
    .option('--window <times>', "such as 01:00-05:00 in each device's time zone; none: at any time")
    .option('--consent-hours <number>', 'how long answers count')
    .option('--payment-days <number>', 'until a bill is due')
    .option('--attempts <number>', 'for one device')
    .option('--groups <percents>', 'shares of the devices in order, such as 10,90')
    .option('--success-threshold <percent>', 'of a group, before the next one begins')
    .option('--error-threshold <percent>', 'of a group may fail before everything stops')
}

/** What was given of the settings; the workbench checks the values. Throws `USAGE`. */
export function settingsIn(options: RolloutOptions): Partial<RolloutSettings> {
  const { acquisition, settlement, delivery, window, groups } = options
  const given = {
    acquisition,
    settlement,
    delivery,
    trial: options.trial && options.trial === 'on',
    consent: options.consent && options.consent === 'on',
    window: window === undefined ? undefined : windowIn(window),
    consentHours: countIn(options.consentHours, '--consent-hours'),
    paymentDays: countIn(options.paymentDays, '--payment-days'),
    attemptsMax: countIn(options.attempts, '--attempts'),
    groups: groups?.split(',').map(share => percentIn(share, 'A share of --groups')),
    successThreshold: optionalPercent(options.successThreshold, '--success-threshold'),
    errorThreshold: optionalPercent(options.errorThreshold, '--error-threshold'),
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

function windowIn(text: string): RolloutSettings['window'] {
  if (text === 'none') return null
  const [, start, end] = /^(\d\d:\d\d)-(\d\d:\d\d)$/.exec(text) ?? []
  if (start !== undefined && end !== undefined) return { start, end }
  throw new CodedError('USAGE', `--window is written as 01:00-05:00 or none, not "${text}".`)
}

function countIn(text: string | undefined, option: string): number | undefined {
  return text === undefined ? undefined : numberIn(text, option)
}

function optionalPercent(text: string | undefined, option: string): number | undefined {
  return text === undefined ? undefined : percentIn(text, option)
}

function percentIn(text: string, what: string): number {
  if (/^\d{1,3}(\.\d{1,6})?$/.test(text.trim())) return Number(text)
  throw new CodedError('USAGE', `${what} is a number of per cent, not "${text}".`)
}
