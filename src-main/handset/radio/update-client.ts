import { concatBytes } from '../../base/bytes'
import { CodedError } from '../../base/coded-error'
import {
  inquiryAnswer,
  transferAnswer,
  UPDATE_MESSAGE_BYTES_MAX,
  UPDATE_PATHS,
  updateRefusal,
  type Inquiry,
  type Report,
  type UpdateInformation,
} from '../../wire/update/messages'
import { RadioLost, type Radio, type RadioAnswer, type RadioRequest } from './radio'
import type { StopSignal } from './stop-signal'

export interface FileRequest {
  /** Of the update. */
  readonly id: string
  readonly token: string
  /** First byte that is wanted. */
  readonly from: number
  /** Of an earlier answer, so that a file that is another one by now begins anew. */
  readonly etag: string | undefined
}

export interface FileAnswer {
  /** First byte of what follows: the one that was asked for, or 0. */
  readonly from: number
  readonly etag: string | undefined
  readonly pieces: AsyncIterable<Uint8Array>
}

const PARTIAL = 206
const SERVER_FAILED = 500
/** A checked answer of the server; anything else is refused. */
interface Reader<T> {
  safeParse(value: unknown): { readonly success: true; readonly data: T } | { success: false }
}

/**
 * The handset's side of the messages U1 to U10. Rejects with {@link RadioLost} where trying again
 * may help, and with a CodedError where it does not: `UPDATE_REFUSED` with the HTTP `status` where
 * the server refuses, `UPDATE_ANSWER_BAD` where it answers what no server of ours would.
 */
export class UpdateClient {
  readonly #radio: Radio

  constructor(radio: Radio) {
    this.#radio = radio
  }

  /** U1 and U3. Undefined where there is no update. */
  async inquire(inquiry: Inquiry, stop: StopSignal): Promise<UpdateInformation | undefined> {
    const answer = await this.#post(UPDATE_PATHS.inquiry, inquiry, stop)
    return parsed(await textOf(answer), inquiryAnswer).update ?? undefined
  }

  /** U5. Gives the token that the file is asked for with. */
  async request(id: string, terminalId: string, stop: StopSignal): Promise<string> {
    const answer = await this.#post(UPDATE_PATHS.request(id), { terminalId }, stop)
    return parsed(await textOf(answer), transferAnswer).token
  }

  /** U6, from a byte on. */
  async file({ id, token, from, etag }: FileRequest, stop: StopSignal): Promise<FileAnswer> {
    const range: Record<string, string> = from === 0 ? {} : { range: `bytes=${from}-` }
    if (from > 0 && etag !== undefined) range['if-range'] = etag
    const headers = { authorization: `Bearer ${token}`, ...range }
    const path = UPDATE_PATHS.file(id)
    const answer = await this.#send({ method: 'GET', path, headers, body: undefined }, stop)
    const isPartial = answer.status === PARTIAL
    if (isPartial && firstByteOf(answer.header('content-range')) !== from) {
      await textOf(answer).catch(() => undefined)
      throw badAnswer('It sent another part of the file than was asked for.')
    }
    return {
      from: isPartial ? from : 0,
      etag: answer.header('etag') ?? undefined,
      pieces: answer.pieces(),
    }
  }

  /** U10, and the end of an update that failed. */
  async report(id: string, report: Report, stop: StopSignal): Promise<void> {
    await textOf(await this.#post(UPDATE_PATHS.report(id), report, stop))
  }

  #post(path: string, message: unknown, stop: StopSignal): Promise<RadioAnswer> {
    const headers = { 'content-type': 'application/json' }
    return this.#send({ method: 'POST', path, headers, body: JSON.stringify(message) }, stop)
  }

  async #send(request: RadioRequest, stop: StopSignal): Promise<RadioAnswer> {
    const answer = await this.#radio.send(request, stop)
    const { status } = answer
    if (status >= 200 && status < 300) return answer
    const reason = refusalIn(await textOf(answer)) ?? `HTTP status ${status}`
    if (status >= SERVER_FAILED) throw new RadioLost(`The carrier's server failed: ${reason}`)
    throw new CodedError('UPDATE_REFUSED', `The carrier's server refused: ${reason}`, { status })
  }
}

/** The whole body of a message, bounded. */
async function textOf(answer: RadioAnswer): Promise<string> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of answer.pieces()) {
    bytes += piece.length
    if (bytes > UPDATE_MESSAGE_BYTES_MAX) {
      throw badAnswer(`Its answer is longer than ${UPDATE_MESSAGE_BYTES_MAX} bytes.`)
    }
    pieces.push(piece)
  }
  return utf8Text(concatBytes(pieces))
}

/** Pure code has no decoder of the platform's; messages are short. */
function utf8Text(bytes: Uint8Array): string {
  const escaped = Array.from(bytes, byte => `%${byte.toString(16).padStart(2, '0')}`)
  try {
    return decodeURIComponent(escaped.join(''))
  } catch {
    throw badAnswer('Its answer is no text.')
  }
}

function parsed<T>(text: string, reader: Reader<T>): T {
  const read = reader.safeParse(jsonOf(text))
  if (read.success) return read.data
  throw badAnswer('Its answer is none that this handset knows.')
}

function refusalIn(text: string): string | undefined {
  const read = updateRefusal.safeParse(jsonOf(text))
  return read.success ? read.data.message : undefined
}

/** Undefined for what is no JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Of `bytes 100-199/200`; undefined for anything else. */
function firstByteOf(contentRange: string | null): number | undefined {
  const match = /^bytes (\d{1,10})-\d{1,10}\/(\d{1,10}|\*)$/.exec(contentRange ?? '')
  return match ? Number(match[1]) : undefined
}

function badAnswer(what: string): CodedError {
  const message = `The carrier's server answered wrongly. ${what} Tell the carrier.`
  return new CodedError('UPDATE_ANSWER_BAD', message)
}
