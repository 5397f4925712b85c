import { CodedError } from '../base/coded-error'

/** Hears of failures that are nobody's input. */
export type DefectLog = (error: unknown, where: string) => void

/** What a server answers where it refuses, as JSON. */
export interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
}

/** HTTP status by error code. */
export type StatusOfCode = Readonly<Record<string, number>>

/** What every server here refuses in the same way. */
const STATUS_OF_CODE: StatusOfCode = {
  BAD_REQUEST: 400,
  MESSAGE_LOST: 400,
  AUTHENTICATION_REQUIRED: 401,
  CREDENTIALS_WRONG: 401,
  TOKEN_REQUIRED: 401,
  TOKEN_WRONG: 403,
  SITE_REFUSED: 403,
  NOT_FOUND: 404,
  METHOD_REFUSED: 405,
  BODY_TOO_LARGE: 413,
  TYPE_REFUSED: 415,
  RANGE_REFUSED: 416,
  HOST_REFUSED: 421,
  SERVER_BUSY: 503,
}

/** A failure as visitors are told of it: what is our own fault, in general words. */
export function refusalOf(
  error: unknown,
  { statusOfCode, logDefect }: { statusOfCode: StatusOfCode; logDefect: () => void },
): Refusal {
  if (error instanceof CodedError) {
    const status = statusOfCode[error.code] ?? STATUS_OF_CODE[error.code]
    if (status !== undefined) return { status, code: error.code, message: error.message }
  }
  logDefect()
  return { status: 500, code: 'INTERNAL', message: 'The server failed; its log says more.' }
}

/** Whoever waits a little gets an answer. */
const RETRY_SECONDS = '2'
/** Says how to say who one is. */
const CHALLENGE = 'Basic realm="Kintsugi", charset="UTF-8"'
const CHALLENGED: ReadonlySet<string> = new Set(['AUTHENTICATION_REQUIRED', 'CREDENTIALS_WRONG'])

export function refusalResponse({ status, code, message }: Refusal): Response {
  const headers = {
    ...(status === 503 ? { 'retry-after': RETRY_SECONDS } : {}),
    ...(CHALLENGED.has(code) ? { 'www-authenticate': CHALLENGE } : {}),
  }
  return Response.json({ code, message }, { status, headers })
}
