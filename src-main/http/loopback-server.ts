import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { WebSocketServer } from 'ws'
import { CodedError } from '../base/coded-error'
import type { DefectLog } from '../rpc/call-errors'
import { FRAME_CHARACTERS_MAX } from '../rpc/frame'
import { FrameHandler } from '../rpc/frame-line'
import { HttpCalls } from '../rpc/http'
import type { WorkbenchRouter } from '../rpc/router'
import { serveWebSocket } from '../rpc/web-socket'
import { boundedRequest } from './bounded-request'
import type { ErrorAnswer } from './error-answer'
import { cookieHeader, judge, STRANGER, type GuardedRequest, type Verdict } from './guard'
import { refuseSocket, sendEntry, sendError, sendRedirect } from './raw-answers'
import { createSite } from './site'
import { Tickets } from './tickets'
import type { StoreImage, StorePackage } from './upload'

const TOKEN_BYTES = 32
const GOING_AWAY = 1001

/** What one visitor may cost. */
export interface LoopbackLimits {
  readonly headersTimeoutMs: number
  /** For a whole request, an upload included. */
  readonly requestTimeoutMs: number
  readonly checkIntervalMs: number
  readonly headerBytes: number
  readonly connections: number
}

export const LOOPBACK_LIMITS: LoopbackLimits = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 120_000,
  checkIntervalMs: 1000,
  headerBytes: 16_384,
  connections: 128,
}

export interface LoopbackOptions {
  readonly router: WorkbenchRouter
  readonly store: StoreImage
  readonly storePackage: StorePackage
  readonly rendererDir: string
  readonly version: string
  /** 0, the default, takes a free one. */
  readonly port?: number
  readonly logDefect: DefectLog
  readonly limits?: Partial<LoopbackLimits>
}

export interface LoopbackServer {
  readonly origin: string
  readonly port: number
  readonly token: string
  /** For a person to open: carries the token once, the answer turns it into a cookie. */
  readonly entryUrl: string
  /** Another such address, good for one visit, for a browser that is opened from here. */
  issueVisit(): string
  close(): Promise<void>
}

/**
 * Serves the window and the contract on 127.0.0.1 to whoever holds the token, which is new at each
 * start and cannot be switched off. Throws `PORT_UNUSABLE`.
 */
export async function startLoopbackServer(options: LoopbackOptions): Promise<LoopbackServer> {
  const limits = { ...LOOPBACK_LIMITS, ...options.limits }
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  const tickets = new Tickets()
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: FRAME_CHARACTERS_MAX,
    perMessageDeflate: false,
  })
  const server = createServer({
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: limits.checkIntervalMs,
    maxHeaderSize: limits.headerBytes,
  })
  server.maxConnections = limits.connections
  const port = await listen(server, options.port ?? 0)
  const policy = { port, token }
  const answer = getRequestListener(fetchHandler(options), { overrideGlobalObjects: false })
  const frames = new FrameHandler(options.router)

  server.on('request', (incoming, outgoing) => {
    const verdict = redeemed(judge(guarded(incoming, false), policy), tickets)
    if (verdict.kind === 'pass') void answer(incoming, outgoing)
    else turnAway(incoming, outgoing, { verdict, cookie: cookieHeader(policy) })
  })
  server.on('upgrade', (incoming, socket, head) => {
    const verdict = judge(guarded(incoming, true), policy)
    if (verdict.kind === 'refuse') return refuseSocket(socket, verdict.answer)
    socket.on('error', () => socket.destroy())
    sockets.handleUpgrade(incoming, socket, head, client => serveWebSocket(frames, client))
  })
  server.on('clientError', (error, socket) => refuseSocket(socket, clientFault(error)))

  const origin = `http://127.0.0.1:${port}`
  return {
    origin,
    port,
    token,
    entryUrl: `${origin}/?token=${token}`,
    issueVisit: () => `${origin}/?ticket=${tickets.issue()}`,
    close: () => shutDown(server, sockets),
  }
}

function fetchHandler(options: LoopbackOptions): (request: Request) => Promise<Response> {
  const calls = new HttpCalls(options.router, options.version)
  const site = createSite({
    ...options,
    api: async raw => {
      const request = await boundedRequest(raw)
      return request instanceof Response ? request : calls.handle(request)
    },
  })
  return async request => site.fetch(request)
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((done, fail) => {
    server.once('error', cause => {
      const message = `Port ${port} of 127.0.0.1 cannot be used: ${cause.message}. Choose another with --port, or none for a free one.`
      fail(new CodedError('PORT_UNUSABLE', message, { port }, { cause }))
    })
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      done(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

function guarded(incoming: IncomingMessage, isUpgrade: boolean): GuardedRequest {
  const { method = '', url: target = '', rawHeaders } = incoming
  return { method, target, rawHeaders, isUpgrade }
}

function redeemed(verdict: Verdict, tickets: Tickets): Verdict {
  if (verdict.kind !== 'redeem') return verdict
  return tickets.redeem(verdict.ticket) ? verdict : STRANGER
}

function turnAway(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { verdict, cookie }: { verdict: Exclude<Verdict, { kind: 'pass' }>; cookie: string },
): void {
  // What a visitor who was turned away still sends is not read, so the line ends with the answer.
  if (hasBody(incoming)) outgoing.setHeader('connection', 'close')
  if (verdict.kind === 'refuse') sendError(outgoing, verdict.answer)
  else if (verdict.kind === 'enter') sendRedirect(outgoing, cookie)
  else sendEntry(outgoing, cookie)
}

function hasBody({ headers }: IncomingMessage): boolean {
  return 'transfer-encoding' in headers || (headers['content-length'] ?? '0') !== '0'
}

function clientFault(error: Error): ErrorAnswer {
  const code = 'code' in error ? error.code : undefined
  if (code === 'HPE_HEADER_OVERFLOW') {
    return { status: 431, code: 'HEADERS_TOO_LARGE', message: 'The headers are too large.' }
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return { status: 408, code: 'TOO_SLOW', message: 'The request took too long to arrive.' }
  }
  return { status: 400, code: 'BAD_REQUEST', message: 'This is no HTTP request.' }
}

async function shutDown(server: Server, sockets: WebSocketServer): Promise<void> {
  for (const client of sockets.clients) client.close(GOING_AWAY, 'Kintsugi ends.')
  const closed = new Promise<void>(done => server.close(() => done()))
  // The sockets get one turn to say goodbye; streams and idle connections would never end.
  await new Promise(done => setImmediate(done))
  for (const client of sockets.clients) client.terminate()
  server.closeAllConnections()
  await closed
}
