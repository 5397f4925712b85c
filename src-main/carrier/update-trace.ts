import type { Message, TraceSink } from '../observe/message'

/** The steps of an update that pass between handset and server (spec 2.0.2). */
type Step = 'U1' | 'U3' | 'U5' | 'U6' | 'U10'

interface Passage {
  readonly step: Step
  readonly type: string
  readonly isFromHandset: boolean
  readonly terminalId: string
  readonly fields?: Message['fields']
  /** Bytes as they are, anything else as the JSON that it travels as. */
  readonly payload?: unknown
  readonly outcome?: Message['outcome']
}

/** Puts a message between a handset and the carrier's server into the trace. */
export function traceUpdate(trace: TraceSink, passage: Passage): void {
  const { step, type, isFromHandset, terminalId, fields = {}, payload } = passage
  const [from, to] = isFromHandset ? ['handset', 'carrier'] : ['carrier', 'handset']
  trace.record({
    from,
    to,
    type,
    label: `0:${step}`,
    fields: { terminalId, ...fields },
    outcome: passage.outcome ?? (isFromHandset ? 'sent' : 'answered'),
    ...(payload === undefined ? {} : { payload: bytesOf(payload) }),
  })
}

function bytesOf(payload: unknown): Uint8Array {
  return payload instanceof Uint8Array ? payload : new TextEncoder().encode(JSON.stringify(payload))
}
