import type { IncomingMessage } from 'node:http'
import { CodedError } from '../base/coded-error'

export type RawHeaders = Pick<IncomingMessage, 'headers' | 'rawHeaders'>

/**
 * Any page in a browser of this machine can send requests here, also under a name that it lets
 * point at 127.0.0.1. Undefined for who is addressed rightly.
 */
export function misdirected({ headers, rawHeaders }: RawHeaders, port: number) {
  const hosts = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host')
  const isOurs = headers.host === `127.0.0.1:${port}` || headers.host === `localhost:${port}`
  if (hosts.length === 1 && isOurs) return undefined
  return new CodedError('HOST_REFUSED', `Only 127.0.0.1:${port} and localhost:${port} are served.`)
}

/** The other servers and devices are no browsers, so what only browsers send is refused. */
export function fromPage({ headers }: RawHeaders): CodedError | undefined {
  if (headers.origin === undefined && headers['sec-fetch-site'] === undefined) return undefined
  return new CodedError('SITE_REFUSED', 'Requests of web pages are refused.')
}

/** Of a page that people open: it may be led to from anywhere, but only itself may send to it. */
export function fromOtherPage({ headers }: RawHeaders, method: string): CodedError | undefined {
  if (method === 'GET' || method === 'HEAD') return undefined
  const origin = headers.origin
  if (origin === undefined || origin === `http://${headers.host ?? ''}`) return undefined
  return new CodedError('SITE_REFUSED', 'Only the page itself may send this.')
}
