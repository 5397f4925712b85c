import { CodedError } from '../base/coded-error'
import type * as z from 'zod'

/**
 * The JSON message in a request's body, checked before anything is done with it. Rejects with
 * `TYPE_REFUSED`, `BODY_TOO_LARGE`, `MESSAGE_LOST`, or with `BAD_REQUEST` and the field.
 */
export async function messageIn<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
  bytesMax: number,
): Promise<z.output<Schema>> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') {
    throw new CodedError('TYPE_REFUSED', 'The body must be sent as application/json.')
  }
  const read = schema.safeParse(parsed(await textIn(request, bytesMax)))
  if (read.success) return read.data
  const [issue] = read.error.issues
  const field = issue?.path.join('.') ?? ''
  const where = field === '' ? 'The message' : `"${field.slice(0, 100)}"`
  const message = `${where} is wrong: ${issue?.message ?? 'not accepted'}.`
  throw new CodedError('BAD_REQUEST', message, { field })
}

/** The body as text. Rejects with `BODY_TOO_LARGE` or `MESSAGE_LOST`. */
export async function textIn(request: Request, bytesMax: number): Promise<string> {
  const announced = request.headers.get('content-length')
  if (Number(announced ?? 0) > bytesMax) throw tooLarge(bytesMax)
  try {
    // HTTP lets no more come than was announced, and reading at once costs half.
    return await (announced === null ? collected(request, bytesMax) : request.text())
  } catch (error) {
    throw error instanceof CodedError ? error : brokenOff(error)
  }
}

async function collected({ body }: Request, bytesMax: number): Promise<string> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of body ?? []) {
    bytes += piece.length
    if (bytes > bytesMax) throw tooLarge(bytesMax)
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new CodedError('BAD_REQUEST', 'The body is no JSON.')
  }
}

function brokenOff(cause: unknown): CodedError {
  const message = 'The line ended before the message did. Send it again.'
  return new CodedError('MESSAGE_LOST', message, {}, { cause })
}

function tooLarge(limit: number): CodedError {
  return new CodedError('BODY_TOO_LARGE', `A message has at most ${limit} bytes.`, { limit })
}
