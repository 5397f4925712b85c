import { CodedError, type ErrorData } from '../../base/coded-error'

/** The file is no differential file, is not whole, or says things that cannot be true. */
export function damaged(what: string, data: ErrorData = {}): CodedError {
  return new CodedError('DELTA_DAMAGED', `The differential file ${what} Fetch it again.`, data)
}

/** The file is whole and of a kind that this program does not read. */
export function unsupported(what: string, data: ErrorData = {}): CodedError {
  return new CodedError('DELTA_UNSUPPORTED', `The differential file ${what}`, data)
}
