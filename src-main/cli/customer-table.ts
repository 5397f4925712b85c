import { CodedError } from '../base/coded-error'
import { type NewCustomer, newCustomer } from '../contract/rollouts'
import { type CsvRecord, readCsv } from './csv'

/** Column codes of the customer table (spec 2.1.2); any other column is a further one. */
const COLUMNS: Readonly<Record<string, (text: string) => unknown>> = {
  deviceId: text => text,
  ipAddress: text => text,
  password: text => text,
  vendorName: text => text,
  managerName: text => text,
  managerEmail: text => text,
  // The table is printed with blanks in these words.
  updateManagement: text => text.replaceAll(' ', '-'),
  deviceType: text => text,
  deviceClass: text => text.toLowerCase().replaceAll(' ', '-'),
  isTestDevice: truth,
  wantedSoftware: text => text.split(';').map(name => name.trim()),
  terminalId: text => text,
  softwareName: text => text,
  softwareVersion: text => text,
  timeZone: text => text,
  reach: text => text,
}
const REQUIRED = [
  'deviceId',
  'ipAddress',
  'password',
  'vendorName',
  'managerName',
  'managerEmail',
] as const
/** Values of these name one device each. */
const UNIQUE = ['deviceId', 'terminalId'] as const

export interface CustomerTable {
  readonly rows: readonly NewCustomer[]
  /** Columns that the table does not know and keeps as they are. */
  readonly furtherColumns: readonly string[]
}

/**
 * Reads rows of the customer table from comma-separated values whose first line has the column
 * codes. An empty cell is left out. Throws `CSV_UNFIT` with the line and the column of the first
 * cell that cannot be taken.
 */
export function readCustomerTable(text: string): CustomerTable {
  const [header, ...records] = readCsv(text)
  if (!header) throw unfit(1, undefined, 'there is no header line')
  const columns = header.cells.map(cell => cell.trim())
  const missing = REQUIRED.find(code => !columns.includes(code))
  if (missing !== undefined) throw unfit(header.line, missing, 'the header lacks this column')
  const double = columns.find((code, place) => columns.indexOf(code) !== place)
  if (double !== undefined) throw unfit(header.line, double, 'the header has this column twice')
  if (columns.includes('')) throw unfit(header.line, undefined, 'a column has no code')
  const rows = records.map(record => rowOf(record, columns))
  mustBeUnique(rows, records)
  return { rows, furtherColumns: columns.filter(code => !Object.hasOwn(COLUMNS, code)) }
}

function rowOf({ line, cells }: CsvRecord, columns: readonly string[]): NewCustomer {
  if (cells.length !== columns.length) {
    const problem = `there are ${cells.length} cells where the header has ${columns.length}`
    throw unfit(line, undefined, problem)
  }
  const known: Record<string, unknown> = {}
  const extra: Record<string, string> = {}
  for (const [place, code] of columns.entries()) {
    const text = cells[place] ?? ''
    if (text === '') continue
    const read = Object.hasOwn(COLUMNS, code) ? COLUMNS[code] : undefined
    if (read) known[code] = read(text)
    else extra[code] = text
  }
  const row = newCustomer.safeParse(Object.keys(extra).length === 0 ? known : { ...known, extra })
  if (row.success) return row.data
  const [issue] = row.error.issues
  const [column, key] = issue?.path ?? []
  const code = column === 'extra' && typeof key === 'string' ? key : column
  const isMissing = code !== undefined && known[String(code)] === undefined && column !== 'extra'
  const problem = isMissing ? 'this cell must not be empty' : (issue?.message ?? 'not accepted')
  throw unfit(line, code === undefined ? undefined : String(code), problem)
}

function mustBeUnique(rows: readonly NewCustomer[], records: readonly CsvRecord[]): void {
  for (const code of UNIQUE) {
    const lines = new Map<string, number>()
    for (const [place, row] of rows.entries()) {
      const value = row[code]
      const line = records[place]?.line ?? 0
      if (value === undefined || value === null) continue
      const before = lines.get(value)
      if (before !== undefined) throw unfit(line, code, `line ${before} has ${value} too`)
      lines.set(value, line)
    }
  }
}

/** What is neither is left as it is, for the schema to refuse. */
function truth(text: string): unknown {
  const word = text.toLowerCase()
  if (['yes', 'true', '1'].includes(word)) return true
  return ['no', 'false', '0'].includes(word) ? false : text
}

function unfit(line: number, column: string | undefined, problem: string): CodedError {
  const where = column === undefined ? `Line ${line}` : `Line ${line}, column ${column}`
  const message = `${where}: ${problem}. Nothing was entered.`
  return new CodedError('CSV_UNFIT', message, { line, column: column ?? null })
}
