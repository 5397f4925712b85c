import { createHash, timingSafeEqual } from 'node:crypto'
import type { ErrorAnswer } from './error-answer'

export const SOCKET_PATH = '/socket'
export const UPLOAD_PATH = '/upload'
export const PACKAGE_UPLOAD_PATH = '/upload/package'

/** A request as it came, before anything has interpreted it. */
export interface GuardedRequest {
  readonly method: string
  /** The request target: path and query. */
  readonly target: string
  /** Names and values in turn, as they were sent. */
  readonly rawHeaders: readonly string[]
  readonly isUpgrade: boolean
}

export interface GuardPolicy {
  readonly port: number
  readonly token: string
}

export type Verdict =
  | { readonly kind: 'pass' }
  /** A first visit with the token: it becomes a cookie and leaves the address bar. */
  | { readonly kind: 'enter' }
  /** A first visit of the browser that was opened from here: the ticket is good for one. */
  | { readonly kind: 'redeem'; readonly ticket: string }
  | { readonly kind: 'refuse'; readonly answer: ErrorAnswer }

/**
 * Decides alone from the request who may come in. Any page in any browser of this machine can
 * send requests here, under any name that it lets point at 127.0.0.1, and so can every other user.
 */
export function judge(request: GuardedRequest, policy: GuardPolicy): Verdict {
  const headers = readHeaders(request.rawHeaders)
  if (!headers) return refuse(400, 'BAD_REQUEST', 'A header that may come once came twice.')
  const { target } = request
  if (!target.startsWith('/') || target.startsWith('//') || !URL.canParse(target, BASE)) {
    return refuse(400, 'BAD_REQUEST', 'The request names no path.')
  }
  const url = new URL(target, BASE)
  return (
    refuseAddress(headers, policy.port) ??
    admitTicket(request, headers, url) ??
    refuseSite(headers) ??
    admitToken(request, url, policy) ??
    refuseStranger(request, headers, policy) ??
    refuseRequest(request, headers, url) ?? { kind: 'pass' }
  )
}

/** Cookies ignore ports, so two hosts on one machine need two names. */
export function cookieName(port: number): string {
  return `kintsugi_${port}`
}

/** Kept until the browser closes, never sent along from other sites, never shown to scripts. */
export function cookieHeader({ port, token }: GuardPolicy): string {
  return `${cookieName(port)}=${token}; HttpOnly; SameSite=Strict; Path=/`
}

const BASE = 'http://127.0.0.1'
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])
const SINGLE = new Set([
  'authorization',
  'content-length',
  'content-type',
  'cookie',
  'host',
  'origin',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'transfer-encoding',
])

type Headers = ReadonlyMap<string, string>

/** Only the headers that decide something; undefined where one of them comes twice. */
function readHeaders(raw: readonly string[]): Headers | undefined {
  const headers = new Map<string, string>()
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase()
    if (!SINGLE.has(name)) continue
    if (headers.has(name)) return undefined
    headers.set(name, (raw[index + 1] ?? '').trim())
  }
  return headers
}

/** A rebound DNS name reaches this socket too, but carries its own name here. */
function refuseAddress(headers: Headers, port: number): Verdict | undefined {
  const host = headers.get('host')
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`) {
    return refuse(421, 'HOST_REFUSED', `Only 127.0.0.1:${port} and localhost:${port} are served.`)
  }
  const origin = headers.get('origin')
  if (origin !== undefined && origin !== `http://${host}`) {
    return refuse(403, 'ORIGIN_REFUSED', 'Requests of other origins are refused.')
  }
  return undefined
}

/**
 * The page that opens the browser lies on the disk, so its one step here counts as coming from
 * another site. A ticket that nobody else can know makes up for that, for a whole page only.
 */
function admitTicket(request: GuardedRequest, headers: Headers, url: URL): Verdict | undefined {
  const ticket = url.searchParams.get('ticket')
  const isVisit = request.method === 'GET' && url.pathname === '/' && !request.isUpgrade
  if (ticket === null || !isVisit) return undefined
  const mode = headers.get('sec-fetch-mode') ?? 'navigate'
  const destination = headers.get('sec-fetch-dest') ?? 'document'
  if (mode !== 'navigate' || destination !== 'document') return undefined
  return { kind: 'redeem', ticket }
}

function refuseSite(headers: Headers): Verdict | undefined {
  const site = headers.get('sec-fetch-site')
  if (site === undefined || site === 'same-origin' || site === 'none') return undefined
  return refuse(403, 'SITE_REFUSED', 'Requests of other sites are refused.')
}

function admitToken(request: GuardedRequest, url: URL, policy: GuardPolicy): Verdict | undefined {
  const token = url.searchParams.get('token')
  const isVisit = request.method === 'GET' && url.pathname === '/' && !request.isUpgrade
  if (token === null || !isVisit) return undefined
  return sameSecret(token, policy.token) ? { kind: 'enter' } : STRANGER
}

function refuseStranger(
  request: GuardedRequest,
  headers: Headers,
  policy: GuardPolicy,
): Verdict | undefined {
  const bearer = /^Bearer (\S+)$/.exec(headers.get('authorization') ?? '')?.[1]
  if (bearer !== undefined) return sameSecret(bearer, policy.token) ? undefined : STRANGER
  const cookies = (headers.get('cookie') ?? '').split(/; */)
  const prefix = `${cookieName(policy.port)}=`
  const isKnown = cookies.some(
    cookie => cookie.startsWith(prefix) && sameSecret(cookie.slice(prefix.length), policy.token),
  )
  if (!isKnown) return STRANGER
  // Browsers name the origin of every WebSocket; a cookie without one is not a browser's.
  if (request.isUpgrade && !headers.has('origin')) {
    return refuse(403, 'ORIGIN_REFUSED', 'A WebSocket with a cookie needs its origin.')
  }
  return undefined
}

function refuseRequest(request: GuardedRequest, headers: Headers, url: URL): Verdict | undefined {
  if (request.isUpgrade) {
    if (url.pathname === SOCKET_PATH && request.method === 'GET') return undefined
    return refuse(404, 'NOT_FOUND', `WebSockets are served at ${SOCKET_PATH} only.`)
  }
  if (!METHODS.has(request.method)) {
    return refuse(405, 'METHOD_REFUSED', `${request.method} is not served.`)
  }
  if (request.method === 'GET' || request.method === 'HEAD') return undefined
  const isUpload = url.pathname === UPLOAD_PATH || url.pathname === PACKAGE_UPLOAD_PATH
  const needed = isUpload ? 'application/octet-stream' : 'application/json'
  const type = headers.get('content-type')
  const hasBody = headers.has('transfer-encoding') || (headers.get('content-length') ?? '0') !== '0'
  // What a form or a plain script of another page can send has another type.
  if (!isUpload && !hasBody && type === undefined) return undefined
  if (type?.split(';')[0]?.trim().toLowerCase() === needed) return undefined
  return refuse(415, 'TYPE_REFUSED', `The body must be sent as ${needed}.`)
}

function refuse(status: number, code: string, message: string): Verdict {
  return { kind: 'refuse', answer: { status, code, message } }
}

/** What a browser shows to who comes without the token, or with that of an earlier start. */
export const STRANGER = refuse(
  401,
  'TOKEN_REQUIRED',
  'A token is needed: open the address that Kintsugi printed when it started.',
)

/** Takes the same time wherever the two differ. */
export function sameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
