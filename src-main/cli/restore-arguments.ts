import { CodedError } from '../base/coded-error'
import { formatLink, parseLink } from '../contract/link-address'

/** `LINK… IMAGE` taken apart. Throws `USAGE`, `BAD_LINK` or `OPTION_UNFIT`. */
export function restoreLinks(
  words: readonly string[],
  baud: string | undefined,
): { readonly links: readonly string[]; readonly path: string } {
  const path = words.at(-1)
  const texts = words.slice(0, -1)
  if (path === undefined || texts.length === 0) {
    throw new CodedError('USAGE', 'Write LINK… IMAGE: at least one link, then the image file.')
  }
  const links = texts.map(text => withBaud(text, baud))
  const twice = links.find((link, index) => links.indexOf(link) !== index)
  if (twice !== undefined) throw new CodedError('USAGE', `${twice} is named twice.`)
  return { links, path }
}

/** Reads `--offset`: decimal, or hexadecimal behind `0x`. Throws `USAGE`. */
export function readAddress(text: string): number {
  const address = /^(\d+|0x[0-9a-f]+)$/i.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(address)) return address
  throw new CodedError('USAGE', `--offset ${text}: write a number such as 4096 or 0x1000.`)
}

/** The address in full, with the rate of `--baud` where a serial link names none. */
function withBaud(text: string, baud: string | undefined): string {
  const address = parseLink(text)
  if (address.kind === 'tcp-listen') {
    const message = `"${text}" is for the device's side; here write tcp:HOST:PORT.`
    throw new CodedError('BAD_LINK', message, { link: text })
  }
  if (baud === undefined) return formatLink(address)
  if (!/^[1-9]\d*$/.test(baud)) {
    throw new CodedError('USAGE', `--baud ${baud}: write a rate such as 115200.`)
  }
  if (address.kind !== 'serial') {
    const message = `--baud ${baud}: ${text} is no serial line and has no rate.`
    throw new CodedError('OPTION_UNFIT', message, { link: text })
  }
  const isNamed = text !== `serial:${address.path}`
  if (!isNamed) return formatLink(parseLink(`${text}@${baud}`))
  if (address.baud === Number(baud)) return formatLink(address)
  const message = `--baud ${baud}: ${text} names another rate. Name it once.`
  throw new CodedError('OPTION_UNFIT', message, { link: text })
}
