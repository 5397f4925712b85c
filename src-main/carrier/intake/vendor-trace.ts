import { CodedError } from '../../base/coded-error'
import type { Message, TraceSink } from '../../observe/message'

interface Passage {
  /** `1:S1`, `1:S11`. */
  readonly label: string
  readonly type: string
  readonly fields: Message['fields']
  /** Travels as JSON. */
  readonly payload?: unknown
}

/** Puts what a vendor says to the carrier's server, and what it is answered, into the trace. */
export async function traced<Result>(
  trace: TraceSink,
  { label, type, fields, payload }: Passage,
  work: () => Promise<Result>,
): Promise<Result> {
  const said = payload === undefined ? {} : { payload: Buffer.from(JSON.stringify(payload)) }
  trace.record({ from: 'vendor', to: 'carrier', label, type, fields, outcome: 'sent', ...said })
  const answered = { from: 'carrier', to: 'vendor', label, type: `${type}-answer` }
  try {
    const result = await work()
    trace.record({ ...answered, fields: {}, outcome: 'answered' })
    return result
  } catch (error) {
    const code = error instanceof CodedError ? error.code : 'INTERNAL'
    trace.record({ ...answered, fields: { code }, outcome: 'refused' })
    throw error
  }
}
