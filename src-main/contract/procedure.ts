import { oc } from '@orpc/contract'
import * as z from 'zod'

/** What a procedure says of itself beside its types. */
export interface CallMeta {
  /** Something a person did on purpose: kept in the action log. */
  readonly action?: boolean
}

export const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits')

export const handsetName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    'must be 1 to 64 letters, digits, dots, dashes or underscores',
  )

/** Milliseconds since 1970 of the workbench's clock, real or virtual. */
export const instant = z.number().nonnegative()

/** `data` of an error: plain facts. */
export const errorData = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
  .optional()

export type ErrorCodes<Code extends string> = {
  [key in Code]: { status: number; message: string; data: typeof errorData }
}

/**
 * A number that may come in a path or a query, where everything is text: digits count as the number
 * that they spell, and nothing else does. `checked` says which numbers are meant.
 */
export function queryNumber<Checked extends z.ZodType>(checked: Checked) {
  const spelled = (value: number | string) =>
    typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value
  return z.preprocess(spelled, checked)
}

/** Declares the error codes of a domain. `message` here is only the default text. */
export function errorCodes<Code extends string>(
  table: Record<Code, readonly [status: number, message: string]>,
): ErrorCodes<Code> {
  const entries = Object.entries<readonly [number, string]>(table)
  return Object.fromEntries(
    entries.map(([code, [status, message]]) => [code, { status, message, data: errorData }]),
  ) as ErrorCodes<Code>
}

/** What every call may answer, whatever its domain. */
export const callErrors = errorCodes({
  BAD_REQUEST: [400, 'The input is not what the call takes.'],
  CLOSED: [409, 'This workbench is closed.'],
  INTERNAL: [500, 'Kintsugi failed; its log says more.'],
})

export const call = oc.$meta<CallMeta>({}).errors(callErrors)
