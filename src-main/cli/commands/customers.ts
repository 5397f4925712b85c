import type { Command } from 'commander'
import { enterCustomers, utf8In } from '../customer-import'
import { readCustomerTable } from '../customer-table'
import { readGivenFile } from '../image-file'
import {
  done,
  doneList,
  numberIn,
  secretIn,
  served,
  servedCommand,
  type ServedOptions,
  timeText,
  type Work,
} from '../served'

interface ListOptions extends ServedOptions {
  readonly filter: string
  readonly offset: string
  readonly limit: string
}

interface VendorOptions extends ServedOptions {
  readonly database: string
  readonly accessor: string
  readonly accessorPassword: string
  readonly vendorPassword: string
}

const CSV_LIMIT = { bytesMax: 64 * 1024 * 1024, code: 'CSV_TOO_LARGE', kind: 'a customer table' }

const CSV_NOTES = `
The first line names the columns: deviceId, ipAddress, password, vendorName, managerName and
managerEmail must be there; updateManagement, deviceType, deviceClass, isTestDevice, wantedSoftware
(names with ; between them), terminalId, softwareName, softwareVersion, timeZone and reach may; any
other column is kept as a further one. Where a line cannot be read, nothing is entered. Rows go in
several hundred at a time: where the table refuses one, those with it stay out, and the message says
how many before them are in.`

/** `carrier customers …` and `carrier vendors …`. */
export function addCustomersCommands(carrier: Command): void {
  const customers = carrier
    .command('customers')
    .description('The customer information management table')
  servedCommand(customers, 'list', 'Lists rows of the table')
    .option('--filter <words>', 'only rows with these words', '')
    .option('--offset <number>', 'leaves so many out', '0')
    .option('--limit <number>', 'so many at most', '50')
    .action((options: ListOptions) => run(options, list(options)))
  servedCommand(customers, 'import', 'Enters rows, or replaces those of the same device number')
    .argument('<file>', 'comma-separated values (RFC 4180), UTF-8')
    .addHelpText('after', CSV_NOTES)
    .action((path: string, options: ServedOptions) => run(options, importFile(path)))
  servedCommand(customers, 'remove', 'Takes rows out')
    .argument('<deviceId...>', 'device numbers')
    .action((deviceIds: string[], options: ServedOptions) => run(options, remove(deviceIds)))
  const vendors = carrier.command('vendors').description('Vendors that the carrier knows')
  servedCommand(vendors, 'list', 'Lists them').action((options: ServedOptions) =>
    run(options, vendorList),
  )
  servedCommand(vendors, 'set', 'Says how the carrier fetches from a vendor')
    .argument('<vendor>', 'its name')
    .requiredOption('--database <url>', 'address of its software database')
    .requiredOption('--accessor <id>', 'what the carrier is called there')
    .requiredOption('--accessor-password <text>', "the carrier's password there; @FILE reads it")
    .requiredOption('--vendor-password <text>', "the vendor's password here; @FILE reads it")
    .action((name: string, options: VendorOptions) => run(options, setVendor(name, options)))
}

function run(options: ServedOptions, work: Work): Promise<void> {
  return served(options, 'The carrier lives', work)
}

function list({ filter, offset, limit }: ListOptions): Work {
  return async ({ carrier }) => {
    const page = await carrier.customers({
      filter,
      offset: numberIn(offset, '--offset'),
      limit: numberIn(limit, '--limit'),
    })
    return doneList(page, {
      rows: page.rows,
      empty: 'There is no such row.',
      columns: [
        ['device', ({ deviceId }) => deviceId],
        ['address', ({ ipAddress }) => ipAddress],
        ['vendor', ({ vendorName }) => vendorName],
        ['manager', ({ managerName }) => managerName],
        ['mail', ({ managerEmail }) => managerEmail],
        ['update', ({ updateManagement }) => updateManagement],
        ['type', ({ deviceType }) => deviceType ?? ''],
        ['class', ({ deviceClass }) => deviceClass],
        ['test', ({ isTestDevice }) => (isTestDevice ? 'yes' : '')],
        [
          'software',
          ({ softwareName, softwareVersion }) =>
            `${softwareName ?? ''} ${softwareVersion ?? ''}`.trim(),
        ],
      ],
    })
  }
}

function importFile(path: string): Work {
  return async ({ carrier }) => {
    const { content } = await readGivenFile(path, CSV_LIMIT)
    const { rows, furtherColumns } = readCustomerTable(utf8In(content))
    const counts = await enterCustomers(carrier, rows)
    const further =
      furtherColumns.length === 0 ? '' : ` Further columns: ${furtherColumns.join(', ')}.`
    const text = `${counts.entered} rows were entered, ${counts.replaced} replaced.${further}`
    return done({ ...counts, furtherColumns }, text)
  }
}

function remove(deviceIds: string[]): Work {
  return async ({ carrier }) => {
    const answer = await carrier.removeCustomers({ deviceIds })
    return done(answer, `${answer.removed} rows were taken out.`)
  }
}

async function vendorList({ carrier }: Parameters<Work>[0]) {
  const rows = await carrier.vendors()
  return doneList(rows, {
    rows,
    empty: 'The carrier knows no vendor.',
    columns: [
      ['vendor', ({ vendorName }) => vendorName],
      ['database', ({ databaseAddress }) => databaseAddress],
      ['accessor', ({ accessorId }) => accessorId],
      ['registered', ({ registeredAt }) => timeText(registeredAt)],
    ],
  })
}

function setVendor(vendorName: string, options: VendorOptions): Work {
  return async ({ carrier }) => {
    const vendor = await carrier.setVendor({
      vendorName,
      databaseAddress: options.database,
      accessorId: options.accessor,
      accessorPassword: await secretIn(options.accessorPassword),
      vendorPassword: await secretIn(options.vendorPassword),
    })
    return done(
      vendor,
      `The carrier fetches from ${vendor.vendorName} at ${vendor.databaseAddress}.`,
    )
  }
}
