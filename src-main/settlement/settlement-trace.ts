import type { Message, TraceSink } from '../observe/message'

type Actor = 'carrier' | 'manager' | 'settlement'

interface Passage extends Pick<Message, 'type' | 'fields' | 'outcome'> {
  readonly from: Actor
  readonly to: Actor
  /** Kept as the JSON that it travels as. */
  readonly payload: unknown
}

/** Puts a message from or to the apparatus into the trace. The specification numbers none of them. */
export function traceSettlement(trace: TraceSink, { payload, ...message }: Passage): void {
  const bytes = new TextEncoder().encode(JSON.stringify(payload))
  trace.record({ ...message, label: '', payload: bytes })
}
