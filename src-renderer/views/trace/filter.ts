import type { TraceEntry } from '../../../src-main/contract/observe'

export type Outcome = TraceEntry['outcome']
export const OUTCOMES = ['sent', 'answered', 'refused', 'lost', 'failed'] as const

export interface TraceFilter {
  /** Words that all must occur, in any field. */
  readonly text: string
  /** Null lets every one through, here and below. */
  readonly actor: string | null
  readonly outcome: Outcome | null
  /** A step such as `0:R4`, the empty text for messages without one, null for any. */
  readonly label: string | null
}

export const NO_FILTER: TraceFilter = { text: '', actor: null, outcome: null, label: null }

export function isFiltering({ text, actor, outcome, label }: TraceFilter): boolean {
  return text.trim() !== '' || actor !== null || outcome !== null || label !== null
}

export function filterTrace(
  entries: readonly TraceEntry[],
  filter: TraceFilter,
): readonly TraceEntry[] {
  if (!isFiltering(filter)) return entries
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean)
  return entries.filter(
    entry =>
      (filter.actor === null || entry.from === filter.actor || entry.to === filter.actor) &&
      (filter.outcome === null || entry.outcome === filter.outcome) &&
      (filter.label === null || entry.label === filter.label) &&
      words.every(word => haystackOf(entry).includes(word)),
  )
}

/** Everything of a message that a person may search for; kept, since entries never change. */
const haystacks = new WeakMap<TraceEntry, string>()

function haystackOf(entry: TraceEntry): string {
  const known = haystacks.get(entry)
  if (known !== undefined) return known
  const { sequence, from, to, label, type, digest, outcome } = entry
  const parts = [sequence, from, to, label, type, outcome, digest ?? '', fieldsText(entry)]
  const haystack = parts.join(' ').toLowerCase()
  haystacks.set(entry, haystack)
  return haystack
}

/** The fields on one line: `off=512, len=128`. */
export function fieldsText({ fields }: Pick<TraceEntry, 'fields'>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ')
}

/** From where software comes to who pays for it, so that most messages go from left to right. */
const PLACES = [
  'vendor',
  'vendor-database',
  'carrier',
  'test-device',
  'device',
  'manager',
  'settlement',
  'mail',
]

/**
 * Actors in the order in which they first ask, then those that only ever answered. Those around a
 * rollout stand where they always stand; the others, such as handsets, follow the devices.
 */
export function actorsOf(entries: readonly TraceEntry[]): string[] {
  const actors = new Set<string>()
  for (const { from, to, outcome } of entries) if (outcome === 'sent') actors.add(from).add(to)
  for (const { from, to } of entries) actors.add(from).add(to)
  return [...actors].toSorted((a, b) => placeOf(a) - placeOf(b))
}

function placeOf(actor: string): number {
  const place = PLACES.indexOf(actor)
  return place === -1 ? PLACES.indexOf('device') + 0.5 : place
}

export function labelsOf(entries: readonly TraceEntry[]): string[] {
  return [...new Set(entries.map(({ label }) => label))].toSorted()
}
