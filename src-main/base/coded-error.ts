/** Facts about a failure that a script can read: offsets, limits, names. */
export type ErrorData = Readonly<Record<string, string | number | boolean | null>>

/**
 * A failure that a user caused or can act on. `code` is one of the documented codes of a contract
 * domain; `message` says what was wrong, where, and what to do.
 */
export class CodedError extends Error {
  readonly code: string
  readonly data: ErrorData

  constructor(code: string, message: string, data: ErrorData = {}, options?: { cause: unknown }) {
    super(message, options)
    this.name = 'CodedError'
    this.code = code
    this.data = data
  }
}
