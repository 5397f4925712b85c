import type { ErrorData } from '../base/coded-error'

/** An error as every carrier tells it. */
export interface ErrorAnswer {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly data?: ErrorData
  /** Whether the contract names the code among those of this call. */
  readonly defined?: boolean
}

/** The JSON body of an error: `{ defined, code, status, message, data }`, as calls answer it. */
export function errorBody(answer: ErrorAnswer): string {
  const { defined = false, code, status, message, data = {} } = answer
  return JSON.stringify({ defined, code, status, message, data })
}

export function errorResponse(answer: ErrorAnswer): Response {
  const headers = { 'content-type': 'application/json' }
  return new Response(errorBody(answer), { status: answer.status, headers })
}
