import type { HandsetView } from '../../../src-main/contract/handsets'
import type { CellShape } from '../../components/memory/cells'
import { layersOf, type CellKind, type CellLayer } from '../../components/memory/layers'
import { sumOfMarks, type ExecutionMark } from './execution'
import type { Overlay } from './overlay'

export type Flash = HandsetView['flash']

/** Wear and weak cells, a number for each sector. */
export interface FlashHealth {
  readonly erases: readonly number[]
  readonly weakCells: readonly number[]
}

export interface ExecutionMap {
  readonly cellBytes: number
  readonly cells: string
  readonly executedBytes: number
  readonly readBytes: number
  readonly softwareBytes: number
}

export const LOOKS: Partial<Record<CellKind, CellShape>> = {
  empty: 'ring',
  'worn-1': 'low',
  'worn-2': 'half',
  weak: 'cross',
  executed: 'corner',
  read: 'half',
  untouched: 'dot',
  rewritten: 'diamond',
  journal: 'bars',
  stash: 'hatch',
  backup: 'nested',
}

export const EXECUTION_KINDS: Readonly<Record<ExecutionMark, CellKind>> = {
  x: 'executed',
  r: 'read',
  b: 'both',
  '.': 'untouched',
}

/** Erases up to which a sector belongs to the first and the second class of wear. */
const WORN_CLASSES = [10, 100] as const

export function wearKind(erases: number): CellKind {
  if (erases === 0) return 'empty'
  if (erases <= WORN_CLASSES[0]) return 'worn-1'
  return erases <= WORN_CLASSES[1] ? 'worn-2' : 'worn-3'
}

export interface FlashPicture {
  readonly flash: Flash
  readonly overlay: Overlay
  readonly health: FlashHealth | null
  readonly execution: ExecutionMap | null
  /** Sectors of the software that were erased since an update began. */
  readonly rewritten: ReadonlySet<number>
}

/** The layers of the map of a flash, one cell a sector. */
export function flashLayers(picture: FlashPicture): CellLayer[] {
  const { flash, overlay, health } = picture
  const layers = layersOf(flash.sectors.length, LOOKS, kindOf(picture))
  if (overlay !== 'wear') return layers
  const weak = (health?.weakCells ?? []).flatMap((cells, place) => (cells > 0 ? [place] : []))
  return [...layers, { kind: 'weak', shape: 'cross', places: weak }]
}

function kindOf({
  flash,
  overlay,
  health,
  execution,
  rewritten,
}: FlashPicture): (place: number) => CellKind {
  const content = (place: number) => contentKind(flash, place, rewritten)
  if (overlay === 'wear') return place => wearKind(health?.erases[place] ?? 0)
  if (overlay === 'content' || !execution) return content
  return place => {
    const marks = marksOf(flash, execution, place)
    return marks === '' ? 'empty' : EXECUTION_KINDS[sumOfMarks(marks)]
  }
}

/** The regions that a rewrite in place works with. */
const WORK_REGIONS = ['journal', 'stash', 'backup'] as const

function contentKind(flash: Flash, place: number, rewritten: ReadonlySet<number>): CellKind {
  if (flash.sectors[place] !== '#') return 'empty'
  const region = flash.regions[regionAt(flash, place)]?.name
  return (
    WORK_REGIONS.find(name => name === region) ??
    (rewritten.has(place) ? 'rewritten' : 'programmed')
  )
}

/** Sectors of the software that were erased meanwhile, by their wear before and now. */
export function erasedSince(
  flash: Flash,
  before: readonly number[],
  now: readonly number[],
): Set<number> {
  const region = flash.regions.findIndex(({ name }) => name === 'executable')
  const places = now.flatMap((erases, place) =>
    erases > (before[place] ?? erases) && regionAt(flash, place) === region ? [place] : [],
  )
  return new Set(places)
}

/** The marks of the software in a sector; empty where it holds no software. */
function marksOf(flash: Flash, { cells, cellBytes }: ExecutionMap, place: number): string {
  const region = flash.regions.find(({ name }) => name === 'executable')
  const start = place * flash.sectorBytes - (region?.address ?? 0)
  if (start < 0) return ''
  return cells.slice(start / cellBytes, (start + flash.sectorBytes) / cellBytes)
}

/** Number of the region in which a sector lies; -1 between regions. */
export function regionAt(flash: Flash, place: number): number {
  const at = place * flash.sectorBytes
  return flash.regions.findIndex(({ address, bytes }) => at >= address && at < address + bytes)
}
