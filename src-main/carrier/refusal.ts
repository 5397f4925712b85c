import { CodedError } from '../base/coded-error'
import type { DefectLog } from './server'

/** What the server answers where it refuses (wire/update, `updateRefusal`). */
export interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
}

const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  BAD_REQUEST: 400,
  MESSAGE_LOST: 400,
  TOKEN_REQUIRED: 401,
  TOKEN_WRONG: 403,
  SITE_REFUSED: 403,
  NOT_FOUND: 404,
  UPDATE_UNKNOWN: 404,
  METHOD_REFUSED: 405,
  REPORT_UNPROVED: 409,
  UPDATE_ENDED: 410,
  FILE_GONE: 410,
  BODY_TOO_LARGE: 413,
  TYPE_REFUSED: 415,
  RANGE_REFUSED: 416,
  HOST_REFUSED: 421,
  DEVICES_FULL: 503,
  SERVER_BUSY: 503,
  FILE_IN_THE_MAKING: 503,
  CANCELLED: 503,
}

/** A failure as handsets are told of it: what is our own fault, in general words. */
export function refusalOf(error: unknown, logDefect: DefectLog): Refusal {
  const status = error instanceof CodedError ? STATUS_OF_CODE[error.code] : undefined
  if (error instanceof CodedError && status !== undefined) {
    return { status, code: error.code, message: error.message }
  }
  logDefect(error, 'carrier')
  return { status: 500, code: 'INTERNAL', message: 'The server failed; its log says more.' }
}

/** Whoever waits a little gets an answer. */
const RETRY_SECONDS = '2'

export function refusalResponse({ status, code, message }: Refusal): Response {
  const headers = status === 503 ? { 'retry-after': RETRY_SECONDS } : {}
  return Response.json({ code, message }, { status, headers })
}
