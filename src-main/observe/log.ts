import { closeSync, openSync, renameSync, statSync } from 'node:fs'
import { type Logger, pino } from 'pino'
import { CodedError } from '../base/coded-error'

export type Log = Logger

export interface LogOptions {
  /** A file to append to; stderr without it. */
  readonly file?: string
  /** What KINTSUGI_LOG says wins over this. */
  readonly level: LogLevel
  readonly env?: Readonly<Record<string, string | undefined>>
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LEVELS)[number]

const FILE_BYTES_MAX = 8 * 1024 * 1024
const STDERR = 2

/** Names of fields that never reach the log. */
const SECRET_FIELDS = ['token', 'password', 'authorization', 'cookie', 'set-cookie']

/**
 * One JSON line per event, written before the call returns, the same in both hosts. Tokens are
 * blanked in fields and in addresses. Throws a CodedError `USAGE` for an unknown level.
 */
export function createLog({ file, level, env = process.env }: LogOptions): Log {
  const chosen = levelOf(env['KINTSUGI_LOG']) ?? level
  if (file !== undefined) beginFile(file)
  const paths = SECRET_FIELDS.flatMap(name => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`])
  return pino(
    {
      level: chosen,
      redact: { paths, censor: '[secret]' },
      hooks: { streamWrite: line => line.replaceAll(/([?&]token=)[^&\s"\\]+/g, '$1[secret]') },
    },
    pino.destination({ dest: file ?? STDERR, sync: true }),
  )
}

function levelOf(text: string | undefined): LogLevel | undefined {
  if (text === undefined || text === '') return undefined
  const level = LEVELS.find(name => name === text)
  if (level) return level
  throw new CodedError('USAGE', `KINTSUGI_LOG is "${text}"; choose one of ${LEVELS.join(', ')}.`)
}

/** Begins a new file, its owner's only, when the old one is long; one old one is kept. */
function beginFile(file: string): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  if (size > FILE_BYTES_MAX) renameSync(file, `${file}.old`)
  closeSync(openSync(file, 'a', 0o600))
}
