import { hash } from 'node:crypto'
import PostalMime from 'postal-mime'
import { CodedError } from '../base/coded-error'
import type { Mail } from '../contract/mail'

/** What a mail says, each part shortened to what the mailbox keeps. */
interface ReadMail extends Pick<Mail, 'messageId' | 'subject' | 'text' | 'links'> {
  readonly source: string
}

const MESSAGE_ID_CHARACTERS_MAX = 250
const SUBJECT_CHARACTERS_MAX = 500
const TEXT_CHARACTERS_MAX = 16 * 1024
const SOURCE_CHARACTERS_MAX = 64 * 1024
const LINKS_MAX = 20
const LINK_CHARACTERS_MAX = 2000
const NESTING_MAX = 16
const HEADER_BYTES_MAX = 64 * 1024

/** Reads a mail as it came over the line. Rejects with `MAIL_UNREADABLE`. */
export async function readMail(bytes: Uint8Array): Promise<ReadMail> {
  const { messageId = '', subject = '', text = '' } = await parsed(bytes)
  return {
    messageId: isShort(messageId) ? messageId : `<${hash('sha256', bytes, 'hex')}@mailbox>`,
    subject: subject.slice(0, SUBJECT_CHARACTERS_MAX),
    text: text.slice(0, TEXT_CHARACTERS_MAX),
    links: linksIn(text),
    source: Buffer.from(bytes).toString('utf8').slice(0, SOURCE_CHARACTERS_MAX),
  }
}

async function parsed(bytes: Uint8Array) {
  try {
    return await PostalMime.parse(bytes, {
      maxNestingDepth: NESTING_MAX,
      maxHeadersSize: HEADER_BYTES_MAX,
      maxRfc822NestingDepth: 0,
    })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const message = `The mail cannot be read: ${why}. Send it as plain text.`
    throw new CodedError('MAIL_UNREADABLE', message, {}, { cause })
  }
}

/** A mail without an ID, or with one of any length, is named by its bytes. */
function isShort(messageId: string): boolean {
  return messageId !== '' && messageId.length <= MESSAGE_ID_CHARACTERS_MAX
}

function linksIn(text: string): string[] {
  const links = new Set<string>()
  for (const [found] of text.matchAll(/https?:\/\/[^\s<>"')\]]+/g)) {
    // Before anything else is done with it: a whole mail may look like one link.
    if (found.length <= LINK_CHARACTERS_MAX) links.add(withoutEndOfSentence(found))
    if (links.size === LINKS_MAX) break
  }
  return [...links]
}

function withoutEndOfSentence(link: string): string {
  let end = link.length
  while ('.,;:!?'.includes(link.charAt(end - 1))) end -= 1
  return link.slice(0, end)
}
