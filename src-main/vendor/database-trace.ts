import type { Message, TraceSink } from '../observe/message'

/** Steps of embodiment 2 and of the return that reach a vendor's database (spec 2.1.4, 2.1.5). */
type Step = 'S10' | 'S12' | 'S13' | 'S14' | 'S17' | 'S18' | 'S37'

interface Passage extends Pick<Message, 'type' | 'fields'> {
  readonly step: Step
  /** `in`: to the database, from whom the step says. */
  readonly direction: 'in' | 'out'
  /** Travels as JSON. */
  readonly payload?: unknown
  readonly outcome?: Message['outcome']
}

/** Puts a message from or to a vendor's software database into the trace. */
export function traceStep(trace: TraceSink, passage: Passage): void {
  const { step, type, direction, fields, payload } = passage
  const other = step === 'S10' ? 'vendor' : 'carrier'
  const [from, to] = direction === 'in' ? [other, 'vendor-database'] : ['vendor-database', other]
  trace.record({
    from,
    to,
    type,
    label: `1:${step}`,
    fields,
    outcome: passage.outcome ?? (direction === 'in' ? 'sent' : 'answered'),
    ...(payload === undefined ? {} : { payload: Buffer.from(JSON.stringify(payload)) }),
  })
}
