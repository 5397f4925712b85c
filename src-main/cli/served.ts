import type { Command } from 'commander'
import { CodedError } from '../base/coded-error'
import { printableText } from '../base/printable'
import { type Outcome, runCommand } from './cli'
import { readGivenFile } from './image-file'
import { openServed, type ServedWorkbench } from './open-workbench'
import { textTable } from './text-table'

// What commands share that act on a workbench which somebody serves.

export interface ServedOptions {
  readonly data?: string
  readonly json?: boolean
}

export type Work = (workbench: ServedWorkbench) => Promise<Outcome>

const SECRET_BYTES_MAX = 4096

/** Adds a command with the options that all of them have. */
export function servedCommand(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .option('--data <dir>', 'data folder of the workbench')
    .option('--json', 'one JSON document on stdout')
}

/** `what` begins the sentence that says why a workbench must run: `The carrier lives`. */
export function served(options: ServedOptions, what: string, work: Work): Promise<void> {
  return runCommand(options, async () => {
    const workbench = await openServed(options.data, what)
    try {
      return await work(workbench)
    } finally {
      await workbench.close()
    }
  })
}

export function done(json: unknown, text: string): Outcome {
  return { json, text, exitCode: 0 }
}

/** A table, or a sentence where it would be empty. Cells may hold anything. */
export function doneList<Row>(
  json: unknown,
  {
    rows,
    columns,
    empty,
  }: {
    readonly rows: readonly Row[]
    /** Title, and the cell of a row. */
    readonly columns: readonly (readonly [title: string, cell: (row: Row) => string])[]
    readonly empty: string
  },
): Outcome {
  const cells = rows.map(row => columns.map(([, cell]) => printableText(cell(row), 80)))
  return done(
    json,
    rows.length === 0 ? empty : textTable([columns.map(([title]) => title), ...cells]),
  )
}

export function timeText(at: number | null): string {
  return at === null ? '' : new Date(at).toISOString().slice(0, 19).replace('T', ' ')
}

/** A number that names something, or counts. Throws `USAGE`. */
export function numberIn(text: string, what: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new CodedError('USAGE', `${what} is a number, not "${text}".`)
}

/** One of some words. Throws `USAGE`. */
export function wordIn<Word extends string>(
  text: string,
  words: readonly Word[],
  what: string,
): Word {
  const found = words.find(word => word === text)
  if (found !== undefined) return found
  throw new CodedError('USAGE', `${what} is one of ${words.join(', ')}, not "${text}".`)
}

/** `NAME@VERSION`. Throws `USAGE`. */
export function softwareIn(text: string): { name: string; version: string } {
  const [, name, version] = /^(.+)@([^@]+)$/.exec(text) ?? []
  if (name !== undefined && version !== undefined) return { name, version }
  throw new CodedError('USAGE', `Software is written as NAME@VERSION, not "${text}".`)
}

/** A password as it is, or `@FILE`: the first line of a file, which no list of processes shows. */
export async function secretIn(text: string): Promise<string> {
  if (!text.startsWith('@')) return text
  const limit = { bytesMax: SECRET_BYTES_MAX, code: 'USAGE', kind: 'a file with a password' }
  const { content } = await readGivenFile(text.slice(1), limit)
  return Buffer.from(content).toString('utf8').split(/\r?\n/)[0] ?? ''
}
