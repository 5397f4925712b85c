import type { Socket } from 'node:net'
import { SMTPServer, type SMTPServerSession } from 'smtp-server'
import type { Clock } from '../base/clock'
import { CodedError } from '../base/coded-error'
import type { DefectLog } from '../site/refusal'

/** A mail with the envelope that it came in. */
export interface IncomingMail {
  /** Empty where the sender wants no answer. */
  readonly from: string
  readonly to: readonly string[]
  readonly source: Uint8Array
}

export interface MailServerOptions {
  /** Virtual time waits for a mail that is coming in. */
  readonly clock: Pick<Clock, 'busy'>
  /** The sender is told that the mail was taken once this resolves. */
  readonly take: (mail: IncomingMail) => Promise<void>
  readonly onRefused: (refusal: CodedError) => void
  readonly logDefect: DefectLog
}

export interface RunningMailServer {
  readonly port: number
  /** Ends every line, and resolves when no mail is coming in any more. */
  close(): Promise<void>
}

const HOST = '127.0.0.1'
/** A notice has some hundred; reading a mail that is made to be slow takes time with the square of it. */
const MAIL_BYTES_MAX = 256 * 1024
const RECIPIENTS_MAX = 100
const COMMAND_BYTES_MAX = 4096
const CLIENTS_MAX = 64
const IDLE_MS_MAX = 30_000
/** In real time: whoever trickles must not hold virtual time for ever. */
const MAIL_MS_MAX = 30_000
/** All lines are ended by then. */
const CLOSE_MS = 1

/** The embedded mail server on 127.0.0.1: takes mails from anyone there to anyone. */
export async function startMailServer(options: MailServerOptions): Promise<RunningMailServer> {
  const { logDefect } = options
  const sockets = new Map<number, Socket>()
  const receiving = new Set<Promise<void>>()
  const server = new SMTPServer({
    name: HOST,
    size: MAIL_BYTES_MAX,
    maxRecipients: RECIPIENTS_MAX,
    maxCommandLength: COMMAND_BYTES_MAX,
    maxClients: CLIENTS_MAX,
    socketTimeout: IDLE_MS_MAX,
    closeTimeout: CLOSE_MS,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    onData(stream, session, answered) {
      const guard = setTimeout(() => sockets.get(session.remotePort)?.destroy(), MAIL_MS_MAX)
      const received = receive(stream, { ...options, session }).then(answered)
      receiving.add(received)
      void received.finally(() => {
        clearTimeout(guard)
        receiving.delete(received)
      })
    },
  })
  server.server.on('connection', (socket: Socket) => {
    const port = socket.remotePort ?? 0
    sockets.set(port, socket)
    socket.once('close', () => sockets.delete(port))
  })
  const port = await listen(server)
  // Lines that break are no defect, and every other failure leaves the next sender unharmed.
  server.on('error', error => {
    if (!('remoteAddress' in error)) logDefect(error, 'mail')
  })
  const close = async () => {
    const closed = new Promise<void>(done => server.close(done))
    for (const socket of sockets.values()) socket.destroy()
    await closed
    await Promise.all(receiving)
  }
  return { port, close }
}

/** What the sender is answered: nothing where the mail was taken. */
type Answer = (Error & { responseCode: number }) | null

interface Receiving extends MailServerOptions {
  readonly session: SMTPServerSession
}

/** Never rejects. */
async function receive(stream: AsyncIterable<Buffer>, receiving: Receiving): Promise<Answer> {
  const { clock, session, take } = receiving
  const end = clock.busy()
  try {
    const { mailFrom, rcptTo } = session.envelope
    const source = await collected(stream)
    await take({
      from: mailFrom === false ? '' : mailFrom.address,
      to: rcptTo.map(({ address }) => address),
      source,
    })
    return null
  } catch (error) {
    return answerTo(error, receiving)
  } finally {
    end()
  }
}

/** Reads on to the end: the sender hears the answer only then. */
async function collected(stream: AsyncIterable<Buffer>): Promise<Uint8Array> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of stream) {
    bytes += piece.length
    if (bytes <= MAIL_BYTES_MAX) pieces.push(piece)
    else pieces.length = 0
  }
  if (bytes <= MAIL_BYTES_MAX) return Buffer.concat(pieces)
  const message = `A mail has ${MAIL_BYTES_MAX} bytes at most; this one had ${bytes}.`
  throw new CodedError('MAIL_TOO_LARGE', message, { bytes, limit: MAIL_BYTES_MAX })
}

function answerTo(error: unknown, { onRefused, logDefect }: Receiving): Answer {
  if (error instanceof CodedError) {
    onRefused(error)
    return withCode(error.message, error.code === 'MAIL_TOO_LARGE' ? 552 : 554)
  }
  // The line broke: nobody hears an answer.
  const isLost = error instanceof Error && 'code' in error && error.code === 'ECONNECTION'
  if (!isLost) logDefect(error, 'mail')
  return withCode('The mail server failed; its log says more.', 451)
}

function withCode(message: string, responseCode: number): Answer {
  return Object.assign(new Error(message), { responseCode })
}

function listen(server: SMTPServer): Promise<number> {
  return new Promise((done, fail) => {
    server.server.once('error', cause => {
      const message = `The mail server finds no port on ${HOST}: ${cause.message}.`
      fail(new CodedError('PORT_UNUSABLE', message, { host: HOST }, { cause }))
    })
    server.listen(0, HOST, () => {
      const address = server.server.address()
      done(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
}
