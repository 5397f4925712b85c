import { connect } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Clock } from '../../src-main/base/clock'
import type { MailServer, WorkbenchEvent } from '../../src-main/contract/app'
import type { OutgoingMail } from '../../src-main/mail/outgoing-mail'
import { MailService } from '../../src-main/mail/service'
import { realClock } from '../../src-main/observe/real-clock'
import type { Message } from '../../src-main/observe/message'
import { openDatabaseInMemory, type OpenDatabase } from '../../src-main/storage/database'

export interface MailBench {
  readonly mail: MailService
  readonly database: OpenDatabase
  readonly events: WorkbenchEvent[]
  readonly refusals: string[]
  readonly defects: unknown[]
  readonly messages: Message[]
  readonly port: () => Promise<number>
}

export interface MailBenchOptions {
  readonly clock?: Clock
  readonly database?: OpenDatabase
  readonly mailServer?: () => MailServer | null
}

/** A mail service on a database of its own, or on that of one before it; closed after the test. */
export async function mailBench(options: MailBenchOptions = {}): Promise<MailBench> {
  const { clock = realClock, mailServer = () => null } = options
  const database = options.database ?? (await openDatabaseInMemory())
  if (!options.database) onTestFinished(database.close)
  const events: WorkbenchEvent[] = []
  const refusals: string[] = []
  const defects: unknown[] = []
  const messages: Message[] = []
  const mail = new MailService({
    db: database.db,
    clock,
    trace: { record: message => messages.push(message) },
    audit: { refuse: ({ code }) => refusals.push(code) },
    events: { publish: event => events.push(event) },
    logDefect: error => defects.push(error),
    mailServer,
  })
  onTestFinished(() => mail.close())
  const port = async () => Number(new URL((await mail.server()).mailbox).port)
  return { mail, database, events, refusals, defects, messages, port }
}

export function notice(change: Partial<OutgoingMail> = {}): OutgoingMail {
  return {
    from: 'carrier@kintsugi.example',
    to: 'minato@shiba.co.jp',
    subject: 'Software was downloaded',
    text: 'Please pay 500 JPY.\n',
    messageId: '<R1-ABC-123@kintsugi.example>',
    ...change,
  }
}

/** Says lines to a mail server, each once the one before it was answered. Answers what it said. */
export async function speak(port: number, lines: readonly string[]): Promise<string[]> {
  const socket = connect(port, '127.0.0.1')
  const answers: string[] = []
  const left = [...lines]
  socket.on('error', () => {})
  try {
    for await (const piece of socket) {
      // The last line of an answer has a blank after its number.
      const said = String(piece)
        .split('\r\n')
        .filter(line => /^\d{3} /.test(line))
      answers.push(...said)
      const next = left.shift()
      if (next === undefined) break
      socket.write(`${next}\r\n`)
    }
  } finally {
    socket.destroy()
  }
  return answers
}
