import { CodedError } from '../base/coded-error'
import { printableText } from '../base/printable'

/** Where a device is, as users write it (README, Commands). */
export type LinkAddress =
  | { readonly kind: 'serial'; readonly path: string; readonly baud: number }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'tcp-listen'; readonly host: string; readonly port: number }
  | { readonly kind: 'virtual'; readonly name: string }

export const DEFAULT_BAUD = 115_200
const BAUD_MAX = 12_000_000
const LINK_MAX_CHARACTERS = 1024
const FORMS = 'serial:PATH[@BAUD], tcp:HOST:PORT, tcp-listen:HOST:PORT or virtual:NAME'

/** Reads a LINK. Throws a {@link CodedError} `BAD_LINK` that says what is wrong with it. */
export function parseLink(text: string): LinkAddress {
  if (text.length > LINK_MAX_CHARACTERS) throw bad(text.slice(0, 40), 'it is far too long')
  const colon = text.indexOf(':')
  const kind = text.slice(0, Math.max(colon, 0))
  const rest = text.slice(colon + 1)
  const control = /\p{Cc}/u.exec(text)?.[0]
  if (control !== undefined) throw bad(text, `it holds ${nameOf(control)}`)
  switch (kind) {
    case 'serial':
      return parseSerial(text, rest)
    case 'tcp':
    case 'tcp-listen':
      return { kind, ...parseHostPort(text, rest) }
    case 'virtual':
      if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(rest)) {
        throw bad(text, 'a handset name has 1 to 64 letters, digits, dots, dashes or underscores')
      }
      return { kind, name: rest }
    default:
      throw bad(text, `write ${FORMS}`)
  }
}

function parseSerial(text: string, rest: string): LinkAddress {
  const match = /^(?<path>.+?)(?:@(?<baud>\d+))?$/.exec(rest)
  const path = match?.groups?.['path']
  if (!path) throw bad(text, 'the path of the serial port is missing')
  const baud = Number(match?.groups?.['baud'] ?? DEFAULT_BAUD)
  if (baud < 1 || baud > BAUD_MAX) throw bad(text, `the baud rate must be 1 to ${BAUD_MAX}`)
  return { kind: 'serial', path, baud }
}

function parseHostPort(text: string, rest: string): { host: string; port: number } {
  const match = /^(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<name>[^:[\]]+)):(?<port>\d{1,5})$/.exec(rest)
  const host = match?.groups?.['v6'] ?? match?.groups?.['name']
  const port = Number(match?.groups?.['port'])
  if (!host) throw bad(text, 'write HOST:PORT, an IPv6 address in brackets')
  if (port > 65_535) throw bad(text, 'the port must be 0 to 65535')
  return { host, port }
}

/** The LINK that {@link parseLink} reads back as the same address. */
export function formatLink(address: LinkAddress): string {
  switch (address.kind) {
    case 'serial':
      return `serial:${address.path}@${address.baud}`
    case 'tcp':
    case 'tcp-listen': {
      const host = address.host.includes(':') ? `[${address.host}]` : address.host
      return `${address.kind}:${host}:${address.port}`
    }
    case 'virtual':
      return `virtual:${address.name}`
  }
}

const CONTROL_NAMES: Readonly<Record<string, string>> = {
  '\0': 'a NUL character',
  '\t': 'a tab',
  '\n': 'a line break',
  '\r': 'a carriage return',
}

function nameOf(control: string): string {
  const digits = control.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
  return CONTROL_NAMES[control] ?? `the control character U+${digits}`
}

function bad(text: string, why: string): CodedError {
  return new CodedError('BAD_LINK', `"${printableText(text)}" is no link: ${why}.`, { link: text })
}
