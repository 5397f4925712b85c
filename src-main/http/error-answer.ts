import type { ErrorData } from '../base/coded-error'

/** An error as every carrier tells it. */
export interface ErrorAnswer {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly data?: ErrorData
}

/** The JSON body of an error: `{ code, message, data }`. */
export function errorBody({ code, message, data = {} }: ErrorAnswer): string {
  return JSON.stringify({ code, message, data })
}

export function errorResponse(answer: ErrorAnswer): Response {
  const headers = { 'content-type': 'application/json' }
  return new Response(errorBody(answer), { status: answer.status, headers })
}
