import * as z from 'zod'
import { CodedError } from '../base/coded-error'

const workbenchOptions = z.strictObject({
  dataDir: z
    .string()
    .regex(/^[^\0]+$/, 'must be the path of a folder')
    .optional(),
  clock: z.enum(['real', 'virtual']).optional(),
  seed: z.number().int().min(0).max(0xffff_ffff).optional(),
})

export interface WorkbenchOptions {
  /** Where everything is kept; without it everything is kept in memory. */
  readonly dataDir?: string | undefined
  readonly clock?: 'real' | 'virtual' | undefined
  /** Where virtual time and randomness begin; the same seed gives the same run. */
  readonly seed?: number | undefined
}

/** Throws a CodedError `USAGE` that names the first option which is not as it should be. */
export function checkOptions(options: unknown): WorkbenchOptions {
  const { success, data, error } = workbenchOptions.safeParse(options)
  if (success) return data
  const [issue] = error.issues
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined
  const option = unknown ?? String(issue?.path[0] ?? 'options')
  const problem = unknown === undefined ? (issue?.message ?? 'not accepted') : 'there is no such'
  const message = `The option "${option}" of the workbench is wrong: ${problem}.`
  throw new CodedError('USAGE', message, { option, problem })
}
