import { CodedError } from '../base/coded-error'

/** A record with the line of the file that it begins on. */
export interface CsvRecord {
  /** From 1. */
  readonly line: number
  readonly cells: readonly string[]
}

const FIELD = /"[^"]*(?:""[^"]*)*"|[^",\r\n]*/y

/**
 * Reads comma-separated values as RFC 4180 has them: cells in quotes may hold commas, line ends and
 * doubled quotes. Empty lines are left out. Throws `CSV_UNFIT` with line and column, both from 1.
 */
export function readCsv(text: string): CsvRecord[] {
  const content = text.replace(/^\uFEFF/, '')
  const records: CsvRecord[] = []
  let [line, lineAt, at] = [1, 0, 0]
  let record: { line: number; cells: string[] } = { line, cells: [] }
  while (at <= content.length) {
    FIELD.lastIndex = at
    const field = FIELD.exec(content)?.[0] ?? ''
    const end = at + field.length
    const separator = content[end]
    record.cells.push(valueOf(field))
    const isEnd = separator === undefined || separator === '\n' || separator === '\r'
    if (!isEnd && separator !== ',') throw unfit(content, { line, lineAt, at: end })
    const breaks = field.match(/\r?\n/g)?.length ?? 0
    if (breaks > 0) {
      line += breaks
      lineAt = at + field.lastIndexOf('\n') + 1
    }
    at = end + (separator === '\r' && content[end + 1] === '\n' ? 2 : 1)
    if (!isEnd) continue
    if (record.cells.some(cell => cell !== '') || record.cells.length > 1) records.push(record)
    line += 1
    lineAt = at
    record = { line, cells: [] }
  }
  return records
}

function valueOf(field: string): string {
  return field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field
}

interface Place {
  readonly line: number
  readonly lineAt: number
  readonly at: number
}

function unfit(content: string, { line, lineAt, at }: Place): CodedError {
  const column = at - lineAt + 1
  const isOpen = content[at] === '"' && !content.slice(at + 1).includes('"')
  const problem = isOpen
    ? 'a quote that is never closed'
    : 'a quote must begin and end its cell, and be doubled inside it'
  const message = `Line ${line}, column ${column}: ${problem}.`
  return new CodedError('CSV_UNFIT', message, { line, column })
}
