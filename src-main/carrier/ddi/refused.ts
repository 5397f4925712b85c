/** A request that is not served, as hawkBit's agents know it. */
export interface Refused {
  readonly status: 400 | 401 | 403 | 404 | 409 | 410 | 413 | 415 | 416 | 429 | 503
  readonly code: string
  readonly message: string
}

const CLASS_OF_STATUS: Readonly<Record<Refused['status'], string>> = {
  400: 'MessageNotReadable',
  401: 'Unauthorized',
  403: 'QuotaExceeded',
  404: 'EntityNotFound',
  409: 'Conflict',
  410: 'CancelActionNotAllowed',
  413: 'MessageTooLarge',
  415: 'ContentTypeRefused',
  416: 'RangeNotSatisfiable',
  429: 'TooManyRequests',
  503: 'Unavailable',
}

const RETRY_SECONDS: Partial<Record<Refused['status'], string>> = { 429: '1', 503: '10' }

export function refusedResponse({ status, code, message }: Refused): Response {
  const retry = RETRY_SECONDS[status]
  return Response.json(
    { exceptionClass: CLASS_OF_STATUS[status], errorCode: code, message },
    { status, headers: retry === undefined ? {} : { 'retry-after': retry } },
  )
}
