import { STATUS_CODES, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { errorBody, type ErrorAnswer } from './error-answer'
import { SECURITY_HEADERS } from './security-headers'

export function sendError(outgoing: ServerResponse, answer: ErrorAnswer): void {
  const body = errorBody(answer)
  outgoing.writeHead(answer.status, errorHeaders(body))
  outgoing.end(body)
}

/** The token leaves the address bar and becomes a cookie. */
export function sendRedirect(outgoing: ServerResponse, cookie: string): void {
  outgoing.writeHead(303, { ...SECURITY_HEADERS, location: '/', 'set-cookie': cookie })
  outgoing.end()
}

/**
 * A page that goes on by itself. A redirect would not do: a browser that comes from a page on the
 * disk sends the strict cookie only with a step that begins here.
 */
export function sendEntry(outgoing: ServerResponse, cookie: string): void {
  outgoing.writeHead(200, {
    ...SECURITY_HEADERS,
    'content-type': 'text/html; charset=utf-8',
    'set-cookie': cookie,
  })
  outgoing.end(
    '<!doctype html><title>Kintsugi</title><meta http-equiv="refresh" content="0;url=/">',
  )
}

/** Answers where there is no response object: a refused upgrade, or something that is no HTTP. */
export function refuseSocket(socket: Duplex, answer: ErrorAnswer): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const body = errorBody(answer)
  const headers = { ...errorHeaders(body), connection: 'close' }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  const status = `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ''}`
  socket.on('error', () => socket.destroy())
  socket.end([status, ...lines, '', body].join('\r\n'), () => socket.destroy())
}

function errorHeaders(body: string): Record<string, string> {
  return {
    ...SECURITY_HEADERS,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
  }
}
