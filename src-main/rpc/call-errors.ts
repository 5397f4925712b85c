import { ORPCError, ValidationError, type ErrorMap } from '@orpc/contract'
import { traverseContractProcedures } from '@orpc/server'
import { CodedError } from '../base/coded-error'
import { contract } from '../contract'

/** Told of failures that are defects, with the call they happened in; answers never show them. */
export type DefectLog = (error: unknown, call: string) => void

export function writeToStandardError(error: unknown, call: string): void {
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(`kintsugi: ${call} failed: ${detail}\n`)
}

export function closedError(): CodedError {
  return new CodedError('CLOSED', 'This workbench is closed.')
}

/**
 * Turns whatever a call threw into the `{ code, message, data }` that may cross the contract.
 * `call` is the path of the procedure: `restore.start`.
 */
export function toCallError(
  thrown: unknown,
  call: string,
  logDefect: DefectLog,
): ORPCError<string, unknown> {
  if (thrown instanceof CodedError) {
    const { code, message, data } = thrown
    return new ORPCError(code, { status: STATUS_OF_CODE.get(code) ?? 422, message, data })
  }
  if (thrown instanceof ORPCError && thrown.code !== INTERNAL_OF_ORPC) {
    if (thrown.cause instanceof ValidationError) {
      if (thrown.code === 'BAD_REQUEST') return refusedInput(call, thrown.cause.issues)
    } else {
      return thrown
    }
  }
  logDefect(thrown, call)
  return new ORPCError('INTERNAL', {
    status: 500,
    message: `Kintsugi failed at ${call}; its log says more.`,
    data: { call },
  })
}

/** For carriers: everything thrown that is no answer of the router's means an unreadable call. */
export async function refuseUnreadable<T>(options: { next(): Promise<T> }): Promise<T> {
  try {
    return await options.next()
  } catch (error) {
    if (error instanceof ORPCError) throw error
    const why = error instanceof Error ? error.message : 'it has no readable form'
    const message = `The call cannot be read: ${why}.`
    throw new ORPCError('BAD_REQUEST', { message, data: {} })
  }
}

export function unknownCall(call: string): ORPCError<string, unknown> {
  const shown = call.slice(0, 100)
  return new ORPCError('NOT_FOUND', {
    message: `There is no call "${shown}"; /api/openapi.json lists all of them.`,
    data: { call: shown },
  })
}

const INTERNAL_OF_ORPC = 'INTERNAL_SERVER_ERROR'

type Issues = ValidationError['issues']

function refusedInput(call: string, issues: Issues): ORPCError<string, unknown> {
  const [first] = issues
  const field = (first?.path ?? [])
    .map(step => String(typeof step === 'object' ? step.key : step).slice(0, 64))
    .join('.')
  const where = field === '' ? 'its input' : `"${field}"`
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : ''
  const problem = first?.message ?? 'not accepted'
  return new ORPCError('BAD_REQUEST', {
    message: `${call}: ${where} is wrong: ${problem}${more}.`,
    data: { call, field, problem },
  })
}

/** A code has one status in all of the contract, wherever it is thrown. */
const STATUS_OF_CODE = new Map<string, number>()
traverseContractProcedures({ router: contract, path: [] }, ({ contract: procedure }) => {
  const { errorMap }: { errorMap: ErrorMap } = procedure['~orpc']
  for (const [code, entry] of Object.entries(errorMap)) {
    if (entry?.status !== undefined) STATUS_OF_CODE.set(code, entry.status)
  }
})
