import { createServer, type IncomingMessage, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import type * as z from 'zod'
import type { Clock } from '../base/clock'
import { CodedError } from '../base/coded-error'
import type { AuditSink } from '../observe/message'
import {
  inquiry,
  report,
  transferRequest,
  updateInformation,
  UPDATE_MESSAGE_BYTES_MAX,
  UPDATE_PATHS,
} from '../wire/update/messages'
import { answerFile } from './file-answer'
import { InFlight } from './in-flight'
import { refusalOf, refusalResponse } from './refusal'
import type { UpdateDesk } from './update-desk'

/** Hears of failures that are nobody's input. */
export type DefectLog = (error: unknown, where: string) => void

export interface CarrierServerOptions {
  readonly desk: UpdateDesk
  readonly audit: AuditSink
  /** Virtual time waits for every answer. */
  readonly clock: Pick<Clock, 'busy'>
  readonly logDefect: DefectLog
  /** 0 takes a free one. */
  readonly port: number
}

export interface CarrierServer {
  /** `http://127.0.0.1:PORT` */
  readonly address: string
  /** Ends every line, and resolves when nothing is being answered any more. */
  close(): Promise<void>
}

// What one visitor may cost.
const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 30_000
/** Nothing goes in or out for so long. */
const IDLE_TIMEOUT_MS = 120_000
const CHECK_INTERVAL_MS = 1000
const HEADER_BYTES_MAX = 8192
const CONNECTIONS_MAX = 128

/**
 * The carrier's server for handsets, on 127.0.0.1: the messages of `wire/update` over HTTP. Who
 * may have a file is decided by the token of its transfer request. Throws `PORT_UNUSABLE`.
 */
export async function startCarrierServer(options: CarrierServerOptions): Promise<CarrierServer> {
  const server = createServer({
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: CHECK_INTERVAL_MS,
    maxHeaderSize: HEADER_BYTES_MAX,
  })
  server.maxConnections = CONNECTIONS_MAX
  server.setTimeout(IDLE_TIMEOUT_MS)
  const port = await listen(server, options.port)
  // Such as too many open files when somebody connects: the next visitor may be served.
  server.on('error', error => options.logDefect(error, 'carrier'))
  const site = createSite(options)
  const inFlight = new InFlight(options.clock)
  const respond = async (request: Request, incoming: RawHeaders) => {
    const stranger = strangerIn(incoming, port)
    return stranger ? tellRefusal(stranger, options) : site.fetch(request)
  }
  const answer = getRequestListener(
    (request, { incoming }) => inFlight.during(respond(request, incoming)),
    { overrideGlobalObjects: false },
  )
  server.on('request', (incoming, outgoing) => void answer(incoming, outgoing))
  const close = async () => {
    await shutDown(server)
    await inFlight.settle()
  }
  return { address: `http://127.0.0.1:${port}`, close }
}

function createSite(options: CarrierServerOptions): Hono {
  const { desk } = options
  const site = new Hono()
  site.post(UPDATE_PATHS.inquiry, async context =>
    Response.json(await desk.inquire(await messageIn(context.req.raw, inquiry))),
  )
  site.post(UPDATE_PATHS.request(':id'), async context => {
    const asked = await messageIn(context.req.raw, transferRequest)
    return Response.json(await desk.request(idIn(context), asked))
  })
  site.get(UPDATE_PATHS.file(':id'), context => answerFile(desk, idIn(context), context.req.raw))
  site.post(UPDATE_PATHS.report(':id'), async context => {
    await desk.report(idIn(context), await messageIn(context.req.raw, report))
    return new Response(null, { status: 204 })
  })
  site.notFound(() => {
    throw new CodedError('NOT_FOUND', 'There is no such path, or it is not for this method.')
  })
  site.onError(error => tellRefusal(error, options))
  return site
}

/** What is no ID is told without being repeated: it may be anything of any length. */
function idIn({ req }: Context): string {
  const read = updateInformation.shape.id.safeParse(req.param('id'))
  if (read.success) return read.data
  throw new CodedError('UPDATE_UNKNOWN', 'The path names no update. Inquire first.')
}

/** Who is told to ask again a little later was not refused, and who went away asked for nothing. */
const NO_REFUSALS: ReadonlySet<string> = new Set(['FILE_IN_THE_MAKING', 'MESSAGE_LOST'])

function tellRefusal(error: unknown, { audit, logDefect }: CarrierServerOptions): Response {
  const refusal = refusalOf(error, logDefect)
  const { code, message } = refusal
  if (!NO_REFUSALS.has(code)) audit.refuse({ actor: 'carrier', code, message })
  return refusalResponse(refusal)
}

/**
 * Any page in a browser of this machine can send requests here, also under a name that it lets
 * point at 127.0.0.1. Handsets are no browsers, so what only browsers send is refused.
 */
function strangerIn({ headers, rawHeaders }: RawHeaders, port: number) {
  const hosts = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host')
  const isOurs = headers.host === `127.0.0.1:${port}` || headers.host === `localhost:${port}`
  if (hosts.length !== 1 || !isOurs) {
    return new CodedError(
      'HOST_REFUSED',
      `Only 127.0.0.1:${port} and localhost:${port} are served.`,
    )
  }
  if (headers.origin === undefined && headers['sec-fetch-site'] === undefined) return undefined
  return new CodedError('SITE_REFUSED', 'Requests of web pages are refused.')
}

type RawHeaders = Pick<IncomingMessage, 'headers' | 'rawHeaders'>

/** The message in a request's body, checked before anything is done with it. */
async function messageIn<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
): Promise<z.output<Schema>> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') {
    throw new CodedError('TYPE_REFUSED', 'The body must be sent as application/json.')
  }
  const read = schema.safeParse(parsed(await textIn(request)))
  if (read.success) return read.data
  const [issue] = read.error.issues
  const field = issue?.path.join('.') ?? ''
  const where = field === '' ? 'The message' : `"${field.slice(0, 100)}"`
  const message = `${where} is wrong: ${issue?.message ?? 'not accepted'}.`
  throw new CodedError('BAD_REQUEST', message, { field })
}

async function textIn({ headers, body }: Request): Promise<string> {
  if (Number(headers.get('content-length') ?? 0) > UPDATE_MESSAGE_BYTES_MAX) throw tooLarge()
  const pieces: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const piece of body ?? []) {
      bytes += piece.length
      if (bytes > UPDATE_MESSAGE_BYTES_MAX) throw tooLarge()
      pieces.push(piece)
    }
  } catch (error) {
    throw error instanceof CodedError ? error : brokenOff(error)
  }
  return Buffer.concat(pieces).toString('utf8')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new CodedError('BAD_REQUEST', 'The body is no JSON.')
  }
}

function brokenOff(cause: unknown): CodedError {
  const message = 'The line ended before the message did. Send it again.'
  return new CodedError('MESSAGE_LOST', message, {}, { cause })
}

function tooLarge(): CodedError {
  const limit = UPDATE_MESSAGE_BYTES_MAX
  return new CodedError('BODY_TOO_LARGE', `A message has at most ${limit} bytes.`, { limit })
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((done, fail) => {
    server.once('error', cause => {
      const message = `Port ${port} of 127.0.0.1 cannot be used for handsets: ${cause.message}. Choose another, or 0 for a free one.`
      fail(new CodedError('PORT_UNUSABLE', message, { port }, { cause }))
    })
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      done(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

async function shutDown(server: Server): Promise<void> {
  const closed = new Promise<void>(done => server.close(() => done()))
  server.closeAllConnections()
  await closed
}
