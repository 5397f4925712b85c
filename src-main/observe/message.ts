import type { TraceEntry } from '../contract/observe'

/** A message as its sender describes it; the trace adds order, time, length and digest. */
export interface Message extends Pick<
  TraceEntry,
  'from' | 'to' | 'label' | 'type' | 'fields' | 'outcome'
> {
  readonly payload?: Uint8Array
}

/** Where subsystems record every message between actors (spec 0.3). */
export interface TraceSink {
  record(message: Message): void
}

/** Where subsystems record every refusal with its reason code (spec 0.3). */
export interface AuditSink {
  refuse(refusal: { actor: string; code: string; message: string }): void
}
