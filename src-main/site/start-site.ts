import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import type { Clock } from '../base/clock'
import { CodedError } from '../base/coded-error'
import type { AuditSink } from '../observe/message'
import { InFlight } from './in-flight'
import { type DefectLog, refusalOf, refusalResponse, type StatusOfCode } from './refusal'
import { fromOtherPage, fromPage, misdirected, type RawHeaders } from './stranger'

export interface SiteOptions {
  /** Who listens, as the audit and the log name it: `carrier`. */
  readonly actor: string
  /** Adds the paths. */
  readonly mount: (site: Hono<SiteEnv>) => void
  /** Of the actor's own error codes, beside those that every server has. */
  readonly statusOfCode: StatusOfCode
  readonly audit: AuditSink
  /** Virtual time waits for every answer. */
  readonly clock: Pick<Clock, 'busy'>
  readonly logDefect: DefectLog
  /** 0 takes a free one. */
  readonly port: number
  /** Codes that are no refusal: who is told to ask again later, or who went away. */
  readonly unaudited?: ReadonlySet<string>
  /** Below it people open pages in a browser; nothing else here is for browsers. */
  readonly pages?: string
  readonly connectionsMax?: number
  /** How long a whole request may take to come in, for who takes more than messages. */
  readonly requestTimeoutMs?: number
}

/** What handlers see beside the request itself. */
export interface SiteEnv {
  Bindings: {
    /** Ends the line once the answer is out. */
    readonly end: () => void
    /** Ends the line now, without an answer; what the handler answers goes nowhere. */
    readonly cut: () => void
  }
}

export interface RunningSite {
  /** `http://127.0.0.1:PORT` */
  readonly address: string
  readonly port: number
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
 * A server of its own on 127.0.0.1. Throws `PORT_UNUSABLE`.
 */
export async function startSite(options: SiteOptions): Promise<RunningSite> {
  const { actor, clock, logDefect } = options
  const server = boundedServer(options)
  const port = await listen(server, options)
  // Such as too many open files when somebody connects: the next visitor may be served.
  server.on('error', error => logDefect(error, actor))
  const site = createSite(options)
  const inFlight = new InFlight(clock)
  const respond = async (request: Request, incoming: RawHeaders, line: SiteEnv['Bindings']) => {
    const stranger = strangerIn(options, { request, incoming, port })
    return stranger ? tellRefusal(stranger, options) : site.fetch(request, line)
  }
  const answer = getRequestListener(
    (request, { incoming, outgoing }) => {
      const end = () => {
        // So that nothing is answered that was sent on the same line before it ended.
        outgoing.setHeader('connection', 'close')
        outgoing.once('finish', () => incoming.socket.destroySoon())
      }
      const cut = () => void incoming.socket.destroy()
      return inFlight.during(respond(request, incoming, { end, cut }))
    },
    { overrideGlobalObjects: false },
  )
  server.on('request', (incoming, outgoing) => void answer(incoming, outgoing))
  const close = async () => {
    await shutDown(server)
    await inFlight.settle()
  }
  return { address: `http://127.0.0.1:${port}`, port, close }
}

function boundedServer(options: SiteOptions): Server {
  const { connectionsMax = CONNECTIONS_MAX, requestTimeoutMs = REQUEST_TIMEOUT_MS } = options
  const server = createServer({
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: CHECK_INTERVAL_MS,
    maxHeaderSize: HEADER_BYTES_MAX,
  })
  server.maxConnections = connectionsMax
  server.setTimeout(IDLE_TIMEOUT_MS)
  return server
}

function createSite(options: SiteOptions): Hono<SiteEnv> {
  const site = new Hono<SiteEnv>()
  options.mount(site)
  site.notFound(() => {
    throw new CodedError('NOT_FOUND', 'There is no such path, or it is not for this method.')
  })
  site.onError(error => tellRefusal(error, options))
  return site
}

interface Visit {
  readonly request: Request
  readonly incoming: RawHeaders
  readonly port: number
}

function strangerIn({ pages }: SiteOptions, { request, incoming, port }: Visit) {
  const isPage = pages !== undefined && new URL(request.url).pathname.startsWith(pages)
  const stranger = isPage ? fromOtherPage(incoming, request.method) : fromPage(incoming)
  return misdirected(incoming, port) ?? stranger
}

function tellRefusal(error: unknown, options: SiteOptions): Response {
  const { actor, audit, logDefect, statusOfCode, unaudited } = options
  const refusal = refusalOf(error, { statusOfCode, logDefect: () => logDefect(error, actor) })
  const { code, message } = refusal
  if (unaudited?.has(code) !== true) audit.refuse({ actor, code, message })
  return refusalResponse(refusal)
}

function listen(server: Server, { port, actor }: SiteOptions): Promise<number> {
  return new Promise((done, fail) => {
    server.once('error', cause => {
      const message = `Port ${port} of 127.0.0.1 cannot be used for the ${actor}: ${cause.message}. Choose another, or 0 for a free one.`
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
