/** One character a cell: `.` erased or to be sent, `#` programmed. */
export type Cells = string

/** Places where two maps of the same length differ. */
export function changedCells(before: Cells, after: Cells): number[] {
  if (before.length !== after.length) return []
  const changed: number[] = []
  for (let at = 0; at < after.length; at++) if (before[at] !== after[at]) changed.push(at)
  return changed
}

export function countProgrammed(cells: Cells): number {
  return cells.split('#').length - 1
}

export interface Grid {
  readonly columns: number
  /** Side of a cell and distance from one to the next, in units of the drawing. */
  readonly side: number
  readonly pitch: number
}

/** Rows of 64 cells, of 32 where there are few. */
export function gridFor(count: number): Grid {
  return { columns: count > 256 ? 64 : 32, side: 10, pitch: 12 }
}

/**
 * The shapes that a cell can have. Each is told from the others by its outline, not by its colour
 * alone.
 */
export type CellShape =
  | 'full'
  | 'grown'
  | 'nested'
  | 'half'
  | 'low'
  | 'ring'
  | 'hatch'
  | 'dot'
  | 'cross'
  | 'corner'
  | 'diamond'
  | 'bars'

/** The inside of a cell at the origin, side 10. */
const SHAPES: Readonly<Record<CellShape, string>> = {
  full: 'h10v10h-10z',
  grown: 'm-1 -1h12v12h-12z',
  nested: 'h10v10h-10zm2 2v6h6v-6zm1.500 1.500h3v3h-3z',
  half: 'm0 5h10v5h-10z',
  low: 'm0 8h10v2h-10z',
  ring: 'h10v10h-10zm1.500 1.500v7h7v-7z',
  hatch: 'h4l-4 4zm7 0h3v1l-9 9h-1v-3zm3 5v4l-1 1h-4z',
  dot: 'm3 3h4v4h-4z',
  cross: 'm1 0 4 4 4-4 1 1-4 4 4 4-1 1-4-4-4 4-1-1 4-4-4-4z',
  corner: 'h6l-6 6z',
  diamond: 'm5 0 5 5-5 5-5-5z',
  bars: 'h2.500v10h-2.500zm3.750 0h2.500v10h-2.500zm3.750 0h2.500v10h-2.500z',
}

/** One SVG path of cells, so that thousands of them stay a handful of elements. */
export function cellPath(places: Iterable<number>, shape: CellShape, grid: Grid): string {
  let path = ''
  for (const place of places) {
    const { x, y } = cornerOf(place, grid)
    path += `M${x} ${y}${SHAPES[shape]}`
  }
  return path
}

/** The seam before a cell: a line that parts the cells before it from those after it. */
export function seam(place: number, count: number, { columns, pitch }: Grid): string {
  const x = (place % columns) * pitch - 1
  const y = Math.floor(place / columns) * pitch - 1
  const right = Math.min(columns, count) * pitch - 1
  if (place % columns === 0) return `M-1 ${y}H${right}`
  return `M-1 ${y + pitch}H${x}V${y}H${right}`
}

/** The cell that a key leads to from another; undefined for keys that lead nowhere. */
export function cellAfterKey(
  key: string,
  place: number,
  count: number,
  { columns }: Grid,
): number | undefined {
  const steps = new Map([
    ['ArrowLeft', -1],
    ['ArrowRight', 1],
    ['ArrowUp', -columns],
    ['ArrowDown', columns],
    ['Home', -place],
    ['End', count - 1 - place],
  ])
  const step = steps.get(key)
  if (step === undefined) return undefined
  const wanted = place + step
  return wanted < 0 || wanted >= count ? place : wanted
}

/** The cell under a point of the drawing; undefined beside all of them. */
export function cellAt(x: number, y: number, count: number, grid: Grid): number | undefined {
  const [column, row] = [Math.floor(x / grid.pitch), Math.floor(y / grid.pitch)]
  if (column < 0 || row < 0 || column >= grid.columns) return undefined
  const place = row * grid.columns + column
  return place < count ? place : undefined
}

function cornerOf(place: number, { columns, pitch }: Grid): { x: number; y: number } {
  return { x: (place % columns) * pitch, y: Math.floor(place / columns) * pitch }
}
