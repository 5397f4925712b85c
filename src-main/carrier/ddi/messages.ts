import * as z from 'zod'

/**
 * What devices say over the Direct Device Integration of Eclipse hawkBit, to which existing update
 * agents of other people speak (docs/formats/ddi.md). Fields that are not listed are ignored: agents
 * add some of their own. hawkBit's words are used below this folder alone.
 */
export const DDI_BASE = '/DEFAULT/controller/v1'
/** An agent may send its whole log at once. */
export const DDI_MESSAGE_BYTES_MAX = 256 * 1024

const DETAIL_LINES_MAX = 50
const DETAIL_CHARACTERS_MAX = 512
const ATTRIBUTES_MAX = 64

/** SWUpdate sends the number of an action, RAUC's agent the text of it. */
const actionId = z
  .union([z.number().int().positive(), z.string().regex(/^\d{1,15}$/)])
  .transform(Number)
  .optional()

/** What is too much is left out: a report must not be lost because an agent talks a lot. */
const details = z
  .array(z.string())
  .transform(lines =>
    lines.slice(0, DETAIL_LINES_MAX).map(line => line.slice(0, DETAIL_CHARACTERS_MAX)),
  )
  .default([])

export const feedback = z.object({
  id: actionId,
  status: z.object({
    execution: z.enum([
      'proceeding',
      'closed',
      'canceled',
      'scheduled',
      'rejected',
      'resumed',
      'download',
      'downloaded',
    ]),
    result: z.object({ finished: z.enum(['success', 'failure', 'none']) }),
    details,
  }),
})
export type Feedback = z.infer<typeof feedback>

export const confirmationFeedback = z.object({
  confirmation: z.enum(['confirmed', 'denied']),
  details,
})

export const attributes = z
  .record(z.string().min(1).max(128), z.string().max(512))
  .refine(given => Object.keys(given).length <= ATTRIBUTES_MAX, {
    error: `must be at most ${ATTRIBUTES_MAX}`,
  })
export type Attributes = z.infer<typeof attributes>

export const configData = z.object({
  mode: z.enum(['merge', 'replace', 'remove']).default('merge'),
  data: attributes,
})
export type ConfigData = z.infer<typeof configData>

/** What a device says that it runs. */
export const installedVersion = z.object({
  name: z.string().min(1).max(64),
  version: z.string().min(1).max(64),
})

/** Attributes after a report; what would be too many is not taken. */
export function mergedAttributes(known: Attributes, { mode, data }: ConfigData): Attributes {
  if (mode === 'replace') return data
  const entries =
    mode === 'remove'
      ? Object.entries(known).filter(([name]) => !Object.hasOwn(data, name))
      : Object.entries({ ...known, ...data })
  return Object.fromEntries(entries.slice(0, ATTRIBUTES_MAX))
}
