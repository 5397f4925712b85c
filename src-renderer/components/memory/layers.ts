import type { CellShape } from './cells'
import { fadingSteps, type RecentChanges } from './recent-changes'

/** What a cell stands for; `CellMap.vue` gives each its colour. */
export type CellKind =
  | 'erased'
  /** Erased or free, drawn as a ring. */
  | 'empty'
  | 'programmed'
  | 'written'
  | 'changed-0'
  | 'changed-1'
  | 'changed-2'
  | 'worn-1'
  | 'worn-2'
  | 'worn-3'
  | 'weak'
  | 'executed'
  | 'read'
  | 'both'
  | 'untouched'
  | 'task'
  | 'exempt'
  | 'limited'
  | 'secured'
  | 'received'
  | 'handover'
  | 'torn'
  | 'rewritten'
  | 'journal'
  | 'stash'
  | 'backup'
  | 'old'
  | 'new'
  | 'same'
  | 'neither'

export interface CellLayer {
  readonly kind: CellKind
  readonly shape: CellShape
  readonly places: readonly number[]
}

/** Groups cells by what they stand for, in the order of the given looks. */
export function layersOf(
  count: number,
  looks: Partial<Record<CellKind, CellShape>>,
  kindOf: (place: number) => CellKind,
): CellLayer[] {
  const places = new Map<CellKind, number[]>()
  for (let place = 0; place < count; place++) {
    const kind = kindOf(place)
    const known = places.get(kind)
    if (known) known.push(place)
    else places.set(kind, [place])
  }
  return [...places].map(([kind, found]) => ({
    kind,
    shape: looks[kind] ?? 'full',
    places: found,
  }))
}

/** Lies over all others: what changed a moment ago, fading. */
export function changeLayers(recent: RecentChanges): CellLayer[] {
  const kinds = ['changed-0', 'changed-1', 'changed-2'] as const
  const steps = fadingSteps(recent)
  return kinds.map((kind, step) => ({ kind, shape: 'grown', places: steps[step] ?? [] }))
}
