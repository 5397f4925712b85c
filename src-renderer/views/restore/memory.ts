/** One character a cell: `.` erased or to be sent, `#` programmed. */
export type Cells = string

/** Cells from the first up to, not including, the end. */
export interface CellRange {
  readonly from: number
  readonly end: number
}

const IMAGE_CELLS = 256

/** The image by position, for devices whose memory nobody can see. */
export function imageMap(doneBytes: number, totalBytes: number): { cells: Cells; sent: CellRange } {
  const count = Math.max(1, Math.min(IMAGE_CELLS, Math.ceil(totalBytes / 1024)))
  const end = totalBytes === 0 ? 0 : Math.floor((doneBytes / totalBytes) * count)
  return { cells: '.'.repeat(count), sent: { from: 0, end } }
}

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
export function gridFor(cells: Cells): Grid {
  return { columns: cells.length > 256 ? 64 : 32, side: 10, pitch: 12 }
}

/** One SVG path of squares, so that thousands of cells stay a handful of elements. */
export function squares(places: Iterable<number>, { columns, side, pitch }: Grid): string {
  let path = ''
  for (const place of places) {
    const x = (place % columns) * pitch
    const y = Math.floor(place / columns) * pitch
    path += `M${x} ${y}h${side}v${side}h-${side}z`
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
