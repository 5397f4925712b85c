/** What became of a piece of the software: see `handsets.execution` of the contract. */
export type ExecutionMark = '.' | 'x' | 'r' | 'b'

/** Sums up a run of marks: executed, read, both, or neither. */
export function sumOfMarks(marks: string): ExecutionMark {
  const isExecuted = marks.includes('x') || marks.includes('b')
  const isRead = marks.includes('r') || marks.includes('b')
  if (isExecuted) return isRead ? 'b' : 'x'
  return isRead ? 'r' : '.'
}

/** Groups marks so that they fit into a picture of so many cells. */
export function groupMarks(
  marks: string,
  cellsMax: number,
): { readonly marks: readonly ExecutionMark[]; readonly each: number } {
  const each = Math.max(1, Math.ceil(marks.length / cellsMax))
  const grouped = Array.from({ length: Math.ceil(marks.length / each) }, (_, index) =>
    sumOfMarks(marks.slice(index * each, (index + 1) * each)),
  )
  return { marks: grouped, each }
}
