import type * as z from 'zod'
import type { Clock } from '../base/clock'
import { CodedError } from '../base/coded-error'
import { Patience } from './patience'

/** Bytes that are sent as they come, so many of them. */
interface SentStream {
  readonly bytes: number
  pieces(): AsyncIterable<Uint8Array>
}

export interface SiteRequest {
  /** `http://127.0.0.1:PORT`, possibly with a path to which that of the message is added. */
  readonly base: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON, or as they are where they are bytes. */
  readonly body?: unknown
  /** In place of a body: more bytes than are to lie in memory. */
  readonly stream?: SentStream
  readonly signal?: AbortSignal
}

export interface SiteAnswer {
  readonly status: number
  readonly headers: Headers
  /** At most as many bytes as allowed. Rejects with `SITE_SILENT` or `ANSWER_TOO_LARGE`. */
  bytes(bytesMax: number): Promise<Uint8Array<ArrayBuffer>>
  /** The same as they arrive. Who stops early ends the line. */
  pieces(bytesMax: number): AsyncGenerator<Uint8Array>
  /** The JSON of the answer, checked. Rejects also with `ANSWER_BAD`. */
  message<Schema extends z.ZodType>(schema: Schema, bytesMax: number): Promise<z.output<Schema>>
}

/** In real time, for virtual time waits: who takes longer for an answer, or for so much of it. */
const HANG_MS_MAX = 30_000
const HANG_BYTES = 64 * 1024

/**
 * Asks another server over real HTTP; virtual time waits meanwhile. Every status is an answer.
 * Rejects with `SITE_SILENT` where nobody answers, or where the line breaks; never follows a
 * redirection, which no server of ours sends. The body of an answer is asked for at most once.
 */
export async function askSite(clock: Pick<Clock, 'busy'>, asked: SiteRequest): Promise<SiteAnswer> {
  const { base, path, method, signal } = asked
  const patience = new Patience(HANG_MS_MAX, signal)
  const sent = sentBody(asked, patience)
  const answer = await held(clock, asked, () =>
    patience.during(
      fetch(base.replace(/\/$/, '') + path, {
        method,
        redirect: 'error',
        signal: patience.signal,
        ...sent,
        headers: { ...sent.headers, ...asked.headers },
      }),
    ),
  )
  const pieces = (bytesMax: number) => arriving(answer, { bytesMax, asked, clock, patience })
  const bytes = (bytesMax: number) => collected(pieces(bytesMax))
  const message = async <Schema extends z.ZodType>(schema: Schema, bytesMax: number) =>
    checked(asked, schema, Buffer.from(await bytes(bytesMax)).toString('utf8'))
  return { status: answer.status, headers: answer.headers, bytes, pieces, message }
}

interface Sent {
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array<ArrayBuffer> | ReadableStream
  readonly duplex?: 'half'
}

function sentBody({ body, stream }: SiteRequest, patience: Patience): Sent {
  if (stream) {
    const headers = {
      'content-type': 'application/octet-stream',
      'content-length': String(stream.bytes),
    }
    return { headers, body: ReadableStream.from(renewing(stream, patience)), duplex: 'half' }
  }
  if (body === undefined) return { headers: {} }
  const isBytes = body instanceof Uint8Array
  return {
    headers: { 'content-type': isBytes ? 'application/octet-stream' : 'application/json' },
    body: isBytes ? new Uint8Array(body) : JSON.stringify(body),
  }
}

async function* renewing(stream: SentStream, patience: Patience): AsyncGenerator<Uint8Array> {
  for await (const piece of stream.pieces()) {
    patience.renew()
    yield piece
  }
}

/** Holds virtual time while the network is waited for. */
async function held<T>(
  clock: Pick<Clock, 'busy'>,
  { base, signal }: SiteRequest,
  work: () => Promise<T>,
): Promise<T> {
  const end = clock.busy()
  try {
    return await work()
  } catch (cause) {
    const said = codedIn(cause)
    if (said) throw said
    if (signal?.aborted === true) throw signal.reason
    const message = `${base} does not answer: ${reasonOf(cause)}`
    throw new CodedError('SITE_SILENT', message, { base }, { cause })
  } finally {
    end()
  }
}

interface Arrival {
  readonly bytesMax: number
  readonly asked: SiteRequest
  readonly clock: Pick<Clock, 'busy'>
  readonly patience: Patience
}

async function* arriving(
  { body }: Response,
  { bytesMax, asked, clock, patience }: Arrival,
): AsyncGenerator<Uint8Array> {
  if (!body) return
  const reader = body.getReader()
  // Also while whoever asked works on a piece: the answer is still coming.
  const end = clock.busy()
  patience.begin()
  let [bytes, renewedAt] = [0, 0]
  try {
    for (;;) {
      const { value, done } = await held(clock, asked, () => reader.read())
      if (done) break
      bytes += value.length
      if (bytes > bytesMax) throw tooLarge(bytesMax)
      if (bytes - renewedAt >= HANG_BYTES) {
        patience.renew()
        renewedAt = bytes
      }
      yield value
    }
  } finally {
    patience.end()
    end()
    // Of an answer that came whole nothing is left to cancel; of a broken one nothing can be.
    await reader.cancel().catch(() => undefined)
  }
}

async function collected(content: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = []
  for await (const piece of content) pieces.push(piece)
  return new Uint8Array(Buffer.concat(pieces))
}

function tooLarge(limit: number): CodedError {
  const message = `The answer has more than the ${limit} bytes that it may have.`
  return new CodedError('ANSWER_TOO_LARGE', message, { limit })
}

function checked<Schema extends z.ZodType>(
  { base, path }: SiteRequest,
  schema: Schema,
  text: string,
): z.output<Schema> {
  const read = schema.safeParse(jsonOf(text))
  if (read.success) return read.data
  const message = `${base}${path} answered what no server of its kind does. Ask whoever runs it.`
  throw new CodedError('ANSWER_BAD', message, { base, path })
}

/** Undefined for what is no JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Such as the reason why a stream of ours had to end: `fetch` hides it. */
function codedIn(error: unknown): CodedError | undefined {
  if (error instanceof CodedError) return error
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof CodedError ? cause : undefined
}

/** `fetch` says "fetch failed" and why in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}
