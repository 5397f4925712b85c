import { hash } from 'node:crypto'
import { toHex } from '../base/bytes'
import type { Clock } from '../base/clock'
import { CodedError } from '../base/coded-error'
import type { Page, TraceEntry } from '../contract/observe'
import type { EventSink } from './events'
import type { Message, TraceSink } from './message'

const CAPACITY = 20_000
const KEPT_BYTES_MAX = 32 * 1024 * 1024
/** Of one payload no more than this is kept and shown. */
const SHOWN_BYTES_MAX = 64 * 1024
const BATCH_MS = 30
const BATCH_ENTRIES_MAX = 500

export interface TraceOptions {
  readonly clock: Clock
  readonly events: EventSink
  /** Entries kept; older ones fall out. */
  readonly capacity?: number
  /** Bytes of payloads kept; older payloads are let go while their entries stay. */
  readonly keptBytes?: number
}

interface Kept {
  readonly entry: TraceEntry
  payload: Uint8Array
}

/**
 * The newest messages between the actors, in causal order (spec 0.3 `trace`). Sequence numbers
 * rise by one and are never used again, also after {@link Trace.clear}.
 */
export class Trace implements TraceSink {
  readonly #clock: Clock
  readonly #events: EventSink
  readonly #capacity: number
  readonly #keptBytesMax: number
  /** The entry of a sequence number lies at the number modulo the capacity. */
  readonly #ring: Kept[] = []
  #first = 1
  #next = 1
  /** Payloads of entries before this one were let go. */
  #firstPayload = 1
  #keptBytes = 0
  #batch: TraceEntry[] = []
  #cancelBatch: () => void = () => {}

  constructor({ clock, events, capacity, keptBytes }: TraceOptions) {
    this.#clock = clock
    this.#events = events
    this.#capacity = capacity ?? CAPACITY
    this.#keptBytesMax = keptBytes ?? KEPT_BYTES_MAX
  }

  record(message: Message): void {
    const { from, to, label, type, fields, outcome, payload } = message
    const entry: TraceEntry = {
      sequence: this.#next,
      at: this.#clock.now(),
      from,
      to,
      label,
      type,
      fields: { ...fields },
      bytes: payload?.length ?? 0,
      digest: payload === undefined ? null : hash('sha256', payload, 'hex'),
      outcome,
    }
    this.#keep(entry, payload?.slice(0, SHOWN_BYTES_MAX) ?? new Uint8Array())
    this.#announce(entry)
  }

  /** Newest last. What it lists has been published, so that a list and later events never overlap. */
  list({ limit, before }: Page): TraceEntry[] {
    this.#publishBatch()
    const end = Math.min(before ?? this.#next, this.#next)
    const start = Math.max(end - limit, this.#first)
    const entries: TraceEntry[] = []
    for (let sequence = start; sequence < end; sequence++) {
      const kept = this.#at(sequence)
      if (kept) entries.push(kept.entry)
    }
    return entries
  }

  /** Throws a CodedError `MESSAGE_UNKNOWN` for what fell out or was never there. */
  message(sequence: number): { entry: TraceEntry; hex: string; truncated: boolean } {
    const kept = this.#at(sequence)
    if (!kept) {
      const message = `Message ${sequence} is not in the trace, which holds ${this.#range()}.`
      throw new CodedError('MESSAGE_UNKNOWN', message, { sequence })
    }
    const { entry, payload } = kept
    return { entry, hex: toHex(payload), truncated: payload.length < entry.bytes }
  }

  clear(): void {
    this.#publishBatch()
    this.#ring.length = 0
    this.#first = this.#next
    this.#firstPayload = this.#next
    this.#keptBytes = 0
    this.#events.publish({ kind: 'trace-cleared' })
  }

  #keep(entry: TraceEntry, payload: Uint8Array): void {
    if (this.#next - this.#first === this.#capacity) this.#dropOldest()
    this.#ring[this.#next % this.#capacity] = { entry, payload }
    this.#next += 1
    this.#keptBytes += payload.length
    while (this.#keptBytes > this.#keptBytesMax) this.#dropOldestPayload()
  }

  #dropOldest(): void {
    if (this.#firstPayload === this.#first) this.#dropOldestPayload()
    this.#first += 1
  }

  #dropOldestPayload(): void {
    const kept = this.#at(this.#firstPayload)
    if (kept) {
      this.#keptBytes -= kept.payload.length
      kept.payload = new Uint8Array()
    }
    this.#firstPayload += 1
  }

  #at(sequence: number): Kept | undefined {
    if (sequence < this.#first || sequence >= this.#next) return undefined
    return this.#ring[sequence % this.#capacity]
  }

  #range(): string {
    return this.#first === this.#next ? 'nothing' : `${this.#first} to ${this.#next - 1}`
  }

  #announce(entry: TraceEntry): void {
    this.#batch.push(entry)
    if (this.#batch.length >= BATCH_ENTRIES_MAX) this.#publishBatch()
    else if (this.#batch.length === 1) this.#cancelBatch = this.#planBatch()
  }

  /** Virtual time must not stand or move because somebody watches, so there a batch is one task. */
  #planBatch(): () => void {
    const publish = () => this.#publishBatch()
    if (this.#clock.kind === 'virtual') {
      const immediate = setImmediate(publish)
      return () => clearImmediate(immediate)
    }
    const timer = setTimeout(publish, BATCH_MS).unref()
    return () => clearTimeout(timer)
  }

  #publishBatch(): void {
    this.#cancelBatch()
    const entries = this.#batch
    if (entries.length === 0) return
    this.#batch = []
    this.#events.publish({ kind: 'trace-appended', entries })
  }
}
