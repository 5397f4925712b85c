import type { Command } from 'commander'
import { printableText } from '../../base/printable'
import {
  done,
  doneList,
  numberIn,
  served,
  servedCommand,
  type ServedOptions,
  timeText,
  type Work,
} from '../served'

interface ListOptions extends ServedOptions {
  readonly address?: string
  readonly limit: string
}

interface ShowOptions extends ServedOptions {
  readonly source?: boolean
}

export function addMailCommand(program: Command): void {
  const mail = program.command('mail').description('The mailbox of the embedded mail server')
  servedCommand(mail, 'list', 'Lists the mails, newest first')
    .option('--address <address>', 'only mails to or from this address')
    .option('--limit <number>', 'so many at most', '50')
    .action((options: ListOptions) => run(options, list(options)))
  servedCommand(mail, 'show', 'Prints a mail')
    .argument('<id>', 'as the list numbers them')
    .option('--source', 'as it came over the line')
    .action((id: string, options: ShowOptions) => run(options, show(id, options)))
  servedCommand(mail, 'server', 'Prints where mails are sent to').action((options: ServedOptions) =>
    run(options, server),
  )
  servedCommand(mail, 'clear', 'Empties the mailbox').action((options: ServedOptions) =>
    run(options, clear),
  )
}

function run(options: ServedOptions, work: Work): Promise<void> {
  return served(options, 'The mailbox is', work)
}

function list({ address, limit }: ListOptions): Work {
  return async ({ mail }) => {
    const rows = await mail.list({ limit: numberIn(limit, '--limit'), address })
    return doneList(rows, {
      rows,
      empty: 'The mailbox is empty.',
      columns: [
        ['mail', ({ id }) => String(id)],
        ['at', ({ at }) => timeText(at)],
        ['from', ({ from }) => from],
        ['to', ({ to }) => to.join(', ')],
        ['subject', ({ subject }) => subject],
      ],
    })
  }
}

function show(id: string, { source: isSource = false }: ShowOptions): Work {
  return async workbench => {
    const found = await workbench.mail.message({ id: numberIn(id, 'A mail') })
    if (isSource) return done(found, printableLines(found.source))
    const { at, from, to, subject, text } = found.mail
    const head = [timeText(at), `From: ${from}`, `To: ${to.join(', ')}`, `Subject: ${subject}`]
    return done(
      found,
      [...head.map(line => printableText(line)), '', printableLines(text)].join('\n'),
    )
  }
}

async function server({ mail }: Parameters<Work>[0]) {
  const answer = await mail.server()
  return done(answer, answer.sendsTo)
}

async function clear({ mail }: Parameters<Work>[0]) {
  await mail.clear()
  return done({ cleared: true }, 'The mailbox is empty.')
}

/** The text of others, line by line. */
function printableLines(text: string): string {
  return text
    .trimEnd()
    .split(/\r?\n/)
    .map(line => printableText(line, 2000))
    .join('\n')
}
