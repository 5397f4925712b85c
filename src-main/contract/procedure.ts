import { oc } from '@orpc/contract'
import * as z from 'zod'

/** What a procedure says of itself beside its types. */
export interface CallMeta {
  /** Something a person did on purpose: kept in the action log. */
  readonly action?: boolean
}

export const call = oc.$meta<CallMeta>({})

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

/** Declares the error codes of a domain. `message` here is only the default text. */
export function errorCodes<Code extends string>(
  table: Record<Code, readonly [status: number, message: string]>,
): ErrorCodes<Code> {
  const entries = Object.entries<readonly [number, string]>(table)
  return Object.fromEntries(
    entries.map(([code, [status, message]]) => [code, { status, message, data: errorData }]),
  ) as ErrorCodes<Code>
}
