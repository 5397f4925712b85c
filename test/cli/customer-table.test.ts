import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { CodedError } from '../../src-main/base/coded-error'
import { readCsv } from '../../src-main/cli/csv'
import { readCustomerTable } from '../../src-main/cli/customer-table'

const HEADER = 'deviceId,ipAddress,password,vendorName,managerName,managerEmail'
const MINATO = 'ABC-123,10.1.23.4,98-76-54,Vendor A,港区株式会社,minato@shiba.co.jp'
const SHINJUKU = 'XYZ-987,20.3.98.6,10-20-30,Vendor B,新宿株式会社,shinjuku@kabuki.co.jp'

test('the rows of the printed table are read column by column', () => {
  const text = `\uFEFF${HEADER}\r\n${MINATO}\r\n\r\n${SHINJUKU}\r\n`
  expect(readCustomerTable(text)).toEqual({
    furtherColumns: [],
    rows: [
      {
        deviceId: 'ABC-123',
        ipAddress: '10.1.23.4',
        password: '98-76-54',
        vendorName: 'Vendor A',
        managerName: '港区株式会社',
        managerEmail: 'minato@shiba.co.jp',
      },
      {
        deviceId: 'XYZ-987',
        ipAddress: '20.3.98.6',
        password: '10-20-30',
        vendorName: 'Vendor B',
        managerName: '新宿株式会社',
        managerEmail: 'shinjuku@kabuki.co.jp',
      },
    ],
  })
})

test('every column is read as what it is, empty cells are left out, and further columns are kept', () => {
  const header = `${HEADER},updateManagement,deviceType,deviceClass,isTestDevice,wantedSoftware,terminalId,timeZone,reach,floor`
  const row = `${MINATO},do not update,,information terminal,Yes,"maps; ""mail""",T-1,Asia/Tokyo,poll,"3,\n4"`
  const { rows, furtherColumns } = readCustomerTable(`${header}\n${row}`)
  expect(rows).toHaveLength(1)
  expect(rows[0]).toMatchObject({
    updateManagement: 'do-not-update',
    deviceClass: 'information-terminal',
    isTestDevice: true,
    wantedSoftware: ['maps', '"mail"'],
    terminalId: 'T-1',
    timeZone: 'Asia/Tokyo',
    reach: 'poll',
    extra: { floor: '3,\n4' },
  })
  expect(rows[0]).not.toHaveProperty('deviceType')
  expect(furtherColumns).toEqual(['floor'])
})

test.each([
  ['nothing', '', 1, null, 'no header'],
  ['a column that is missing', `${HEADER.replace(',password', '')}\n`, 1, 'password', 'lacks'],
  ['a column twice', `${HEADER},password\n`, 1, 'password', 'twice'],
  ['a column without a code', `${HEADER},\n`, 1, null, 'no code'],
  ['too few cells', `${HEADER}\n${MINATO}\nABC,1`, 3, null, '2 cells where the header has 6'],
  ['no address', `${HEADER}\n${MINATO.replace('10.1.23.4', '10.1.23')}`, 2, 'ipAddress', ''],
  ['an empty password', `${HEADER}\n${MINATO.replace('98-76-54', '')}`, 2, 'password', 'empty'],
  ['no mail address', `${HEADER}\n${MINATO.replace('@', '-')}`, 2, 'managerEmail', ''],
  ['perhaps a test device', `${HEADER},isTestDevice\n${MINATO},perhaps`, 2, 'isTestDevice', ''],
  ['a device twice', `${HEADER}\n${MINATO}\n${MINATO}`, 3, 'deviceId', 'line 2 has ABC-123 too'],
  [
    'more than 64 further columns',
    `${HEADER}${Array.from({ length: 65 }, (_, at) => `,x${at}`).join('')}\n${MINATO}${',1'.repeat(65)}`,
    2,
    'extra',
    'at most 64',
  ],
  [
    'a long further cell after a cell of two lines',
    `${HEADER},floor,note\n${MINATO},"1\n2",${'x'.repeat(257)}`,
    2,
    'note',
    '',
  ],
])('%s is refused with its line and column', (_what, text, ...told) => {
  const [line, column, message] = told
  const error = errorOf(() => readCustomerTable(text))
  expect(error).toMatchObject({ code: 'CSV_UNFIT', data: { line, column } })
  expect(error.message).toContain(message)
  expect(error.message).toContain('Nothing was entered')
})

test.each([
  ['a,b\n"c', 2, 1, 'never closed'],
  ['a,b\nc,"d"e', 2, 6, 'quote'],
  ['a,"x\ny"\nc,d"', 3, 4, 'quote'],
])('a quote in the wrong place is told with line and column: %j', (text, line, column, message) => {
  const error = errorOf(() => readCsv(text))
  expect(error).toMatchObject({ code: 'CSV_UNFIT', data: { line, column } })
  expect(error.message).toContain(message)
})

test('what is written as RFC 4180 says is read as it was', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', '港') })
  const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 6 })
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
  const isRead = (rows: string[][]) => {
    const text = rows.map(row => row.map(quoted).join(',')).join('\r\n')
    expect(readCsv(text).map(({ cells }) => cells)).toEqual(rows)
  }
  fc.assert(fc.property(table, isRead))
  expect(readCsv('')).toEqual([])
})

test('a hundred thousand rows are read in one go', () => {
  const rows = Array.from({ length: 100_000 }, (_, index) => MINATO.replace('123', String(index)))
  expect(readCustomerTable([HEADER, ...rows].join('\n')).rows).toHaveLength(100_000)
})

function errorOf(work: () => unknown): CodedError {
  try {
    work()
  } catch (error) {
    if (error instanceof CodedError) return error
    throw error
  }
  throw new Error('It was taken.')
}
