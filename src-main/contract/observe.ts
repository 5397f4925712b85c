import * as z from 'zod'
import { call, errorCodes, instant, queryNumber } from './procedure'

export const traceEntry = z.object({
  /** Causal order: rises by one with every message. */
  sequence: z.number().int().positive(),
  at: instant,
  from: z.string(),
  to: z.string(),
  /** Step of the specification, qualified by its seed: `0:R4`; empty where none applies. */
  label: z.string(),
  type: z.string(),
  fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  /** Length and SHA-256 of the payload; null where the message has none. */
  bytes: z.number().int().nonnegative(),
  digest: z.string().nullable(),
  outcome: z.enum(['sent', 'answered', 'refused', 'lost', 'failed']),
})
export type TraceEntry = z.infer<typeof traceEntry>

export const auditEntry = z.object({
  id: z.number().int().positive(),
  at: instant,
  actor: z.string(),
  code: z.string(),
  message: z.string(),
})
export type AuditEntry = z.infer<typeof auditEntry>

export const actionEntry = z.object({
  id: z.number().int().positive(),
  at: instant,
  /** Path of the procedure: `restore.start`. */
  call: z.string(),
  input: z.unknown(),
  /** `ok` or the code of the error. */
  outcome: z.string(),
})
export type ActionEntry = z.infer<typeof actionEntry>

export const observeErrors = errorCodes({
  MESSAGE_UNKNOWN: [404, 'That message is no longer, or not yet, in the trace.'],
  CLOCK_REAL: [409, 'This workbench runs on real time, which nobody can advance.'],
})

const page = z.object({
  limit: queryNumber(z.number().int().min(1).max(5000)).default(500),
  /** Only entries before this id or sequence: the way back through a long list. */
  before: queryNumber(z.number().int().positive()).optional(),
})
export type Page = z.infer<typeof page>

export const observe = {
  // Queries: newest last
  trace: call
    .route({ method: 'GET', path: '/trace', summary: 'Messages between the actors, in order' })
    .input(page)
    .output(z.array(traceEntry)),
  message: call
    .route({ method: 'GET', path: '/trace/{sequence}', summary: 'The content of one message' })
    .input(z.object({ sequence: queryNumber(z.number().int().positive()) }))
    .errors(observeErrors)
    .output(z.object({ entry: traceEntry, hex: z.string(), truncated: z.boolean() })),
  audit: call
    .route({ method: 'GET', path: '/audit', summary: 'Every refusal with its reason' })
    .input(page)
    .output(z.array(auditEntry)),
  actions: call
    .route({ method: 'GET', path: '/actions', summary: 'What people and scripts did' })
    .input(page)
    .output(z.array(actionEntry)),
  clock: call
    .route({ method: 'GET', path: '/clock', summary: 'The workbench time' })
    .output(z.object({ kind: z.enum(['real', 'virtual']), now: instant })),
  // Commands
  clearTrace: call
    .meta({ action: true })
    .route({ method: 'DELETE', path: '/trace', summary: 'Empties the trace' })
    .output(z.void()),
  advanceClock: call
    .meta({ action: true })
    .route({ method: 'POST', path: '/clock/advance', summary: 'Moves virtual time on' })
    .input(
      z.object({
        milliseconds: z
          .number()
          .int()
          .positive()
          .max(366 * 86_400_000),
      }),
    )
    .errors(observeErrors)
    .output(z.object({ kind: z.literal('virtual'), now: instant })),
}
