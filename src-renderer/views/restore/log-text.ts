import type { LogLine } from '../../../src-main/contract/restore'

/** The log as a text file: one line each, instants in ISO 8601. */
export function logText(lines: readonly LogLine[]): string {
  return lines
    .map(({ at, level, text }) => `${new Date(at).toISOString()} ${level.padEnd(7)} ${text}\n`)
    .join('')
}
