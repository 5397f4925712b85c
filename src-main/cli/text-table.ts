/** Columns as wide as their longest cell; the last one ends where its text ends. */
export function textTable(rows: readonly (readonly string[])[]): string {
  const widthOf = (column: number) => Math.max(...rows.map(row => row[column]?.length ?? 0))
  return rows
    .map(row => row.map((cell, column) => cell.padEnd(widthOf(column))).join('  '))
    .map(line => line.trimEnd())
    .join('\n')
}
