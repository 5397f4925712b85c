import type { Cells } from '../../components/memory/cells'

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
