import type * as z from 'zod'
import type { RaisedNotice } from './notices'

/** What a text column holds; undefined where it is no JSON, or not of that shape. */
export function readStored<Value>(schema: z.ZodType<Value>, text: string): Value | undefined {
  try {
    return schema.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** Says that entries of a list were left out. `list` names it for a person. */
export function entriesUnreadable(list: string, count: number): RaisedNotice {
  const entries = count === 1 ? '1 entry' : `${count} entries`
  const message = `${entries} of ${list} cannot be read and ${count === 1 ? 'is' : 'are'} left out. Nothing was deleted.`
  return { severity: 'warning', code: 'ENTRIES_UNREADABLE', message }
}
