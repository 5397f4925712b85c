import type { CellShape } from '../../components/memory/cells'
import type { CellKind } from '../../components/memory/layers'

/** What a sector can hold after a cut; `mark` is its character in `delta.cut` of the contract. */
export const HOLDS = [
  { mark: 'n', kind: 'new', name: 'new' },
  { mark: 'o', kind: 'old', name: 'old' },
  { mark: '=', kind: 'same', name: 'same' },
  { mark: '.', kind: 'empty', name: 'erased' },
  { mark: 'x', kind: 'neither', name: 'neither' },
] as const satisfies readonly { mark: string; kind: CellKind; name: string }[]
export type Hold = (typeof HOLDS)[number]

export const HOLD_LOOKS: Readonly<Record<Hold['kind'], CellShape>> = {
  new: 'full',
  old: 'half',
  same: 'dot',
  empty: 'ring',
  neither: 'cross',
}

/** What is none of the known is neither old nor new. */
export function holdOf(mark: string | undefined): Hold {
  return HOLDS.find(hold => hold.mark === mark) ?? HOLDS[4]
}

export function countHolds(sectors: string): Map<Hold['kind'], number> {
  const counts = new Map<Hold['kind'], number>()
  for (const mark of sectors) {
    const { kind } = holdOf(mark)
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  return counts
}
