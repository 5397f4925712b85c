import type { NewCustomer } from '../../../../src-main/contract/rollouts'

/** Columns that a file may have, by their names in its first line. Other columns are further ones. */
const TEXTS = [
  'deviceId',
  'ipAddress',
  'password',
  'vendorName',
  'managerName',
  'managerEmail',
] as const
const OPTIONAL_TEXTS = [
  'deviceType',
  'terminalId',
  'softwareName',
  'softwareVersion',
  'timeZone',
  'updateManagement',
  'deviceClass',
  'reach',
] as const
const KNOWN: ReadonlySet<string> = new Set([
  ...TEXTS,
  ...OPTIONAL_TEXTS,
  'isTestDevice',
  'wantedSoftware',
])
const YES = new Set(['true', 'yes', '1'])

export type CsvOutcome =
  | { readonly kind: 'rows'; readonly rows: readonly NewCustomer[] }
  | { readonly kind: 'missing-column'; readonly column: string }
  /** Lines count from 1, the one with the names included. */
  | { readonly kind: 'bad-line'; readonly line: number }
  | { readonly kind: 'open-quote' }

/**
 * Customer rows from a table of comma-separated values (RFC 4180, UTF-8). The first line names the
 * columns; words of `wantedSoftware` are separated by semicolons. The server judges the values.
 */
export function customersFromCsv(text: string): CsvOutcome {
  const lines = cellsOf(text.replace(/^\uFEFF/, ''))
  if (lines === null) return { kind: 'open-quote' }
  const names = (lines[0] ?? []).map(name => name.trim())
  const column = TEXTS.find(name => !names.includes(name))
  if (column !== undefined) return { kind: 'missing-column', column }
  const rows: NewCustomer[] = []
  for (const [index, cells] of lines.entries()) {
    const isBlank = cells.every(cell => cell === '')
    if (index === 0 || isBlank) continue
    if (cells.length !== names.length) return { kind: 'bad-line', line: index + 1 }
    rows.push(customerOf(new Map(names.map((name, place) => [name, (cells[place] ?? '').trim()]))))
  }
  return { kind: 'rows', rows }
}

function customerOf(values: ReadonlyMap<string, string>): NewCustomer {
  const given = (name: string) => values.get(name) ?? ''
  const filled = (names: readonly string[]) =>
    Object.fromEntries(names.map(name => [name, given(name)]).filter(([, value]) => value !== ''))
  const others = [...values.keys()].filter(name => !KNOWN.has(name))
  const wanted = given('wantedSoftware')
    .split(';')
    .map(word => word.trim())
    .filter(word => word !== '')
  // The server checks every value; what it takes is narrower than these texts.
  return {
    ...Object.fromEntries(TEXTS.map(name => [name, given(name)])),
    ...filled(OPTIONAL_TEXTS),
    ...(values.has('isTestDevice')
      ? { isTestDevice: YES.has(given('isTestDevice').toLowerCase()) }
      : {}),
    ...(values.has('wantedSoftware') ? { wantedSoftware: wanted } : {}),
    ...(others.length > 0 ? { extra: filled(others) } : {}),
  } as NewCustomer
}

/** The cells line by line; null where a quotation mark is never closed. */
function cellsOf(text: string): string[][] | null {
  const lines: string[][] = [[]]
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y
  while (cell.lastIndex < text.length) {
    const found = cell.exec(text)
    if (!found) return null
    const [, quoted, plain, end] = found
    lines.at(-1)?.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'))
    if (end === ',' && cell.lastIndex === text.length) lines.at(-1)?.push('')
    if (end !== ',' && cell.lastIndex < text.length) lines.push([])
  }
  return lines
}
