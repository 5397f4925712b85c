import { basename } from 'node:path'
import type { Command } from 'commander'
import { PACKAGE_BYTES_MAX } from '../../contract/constants'
import type { AdditionalInformation, VendorRelease } from '../../contract/vendor'

import { CodedError } from '../../base/coded-error'
import { openGivenFile, readImageFile } from '../image-file'
import {
  done,
  doneList,
  numberIn,
  secretIn,
  served,
  servedCommand,
  type ServedOptions,
  softwareIn,
  timeText,
  type Work,
  wordIn,
} from '../served'
import { addVendorAccessCommands } from './vendor-access'

interface RegisterOptions extends ServedOptions {
  readonly package?: string
  readonly types?: string
  readonly from?: string
  readonly price: string
  readonly currency: string
  readonly trialSignal?: string
  readonly trialAnswer?: string
  readonly trialWait: string
}

interface NotifyOptions extends ServedOptions {
  readonly by: string
}

interface CarrierOptions extends ServedOptions {
  readonly password: string
  readonly mail?: string
}

type Workbench = Parameters<Work>[0]

const PACKAGE_LIMIT = { bytesMax: PACKAGE_BYTES_MAX, code: 'PACKAGE_TOO_LARGE', kind: 'a package' }

export function addVendorCommand(program: Command): void {
  const vendor = program.command('vendor').description("Vendors' software databases")
  servedCommand(vendor, 'create', 'Opens a vendor with its own database and keys')
    .argument('<name>')
    .action((name: string, options: ServedOptions) => run(options, create(name)))
  servedCommand(vendor, 'list', 'Lists the vendors').action((options: ServedOptions) =>
    run(options, list),
  )
  addRegister(vendor)
  servedCommand(vendor, 'releases', 'Lists the releases in a database, newest first')
    .argument('<vendor>')
    .action((name: string, options: ServedOptions) => run(options, releases(name)))
  servedCommand(vendor, 'notify', 'Tells the carrier of a release')
    .argument('<vendor>')
    .argument('<release>', 'as the list numbers them')
    .option('--by <way>', 'api or mail', 'api')
    .action((name: string, id: string, options: NotifyOptions) =>
      run(options, notify(name, id, options)),
    )
  servedCommand(vendor, 'upload', 'Sends a release to the carrier, where it does not fetch')
    .argument('<vendor>')
    .argument('<release>', 'as the list numbers them')
    .action((name: string, id: string, options: ServedOptions) => run(options, upload(name, id)))
  servedCommand(vendor, 'carrier', 'Says with what password the vendor reaches the carrier')
    .argument('<vendor>')
    .requiredOption('--password <text>', 'as the carrier knows it; @FILE reads it')
    .option('--mail <address>', 'where notices are mailed to')
    .action((name: string, options: CarrierOptions) => run(options, setCarrier(name, options)))
  addVendorAccessCommands(vendor)
}

function addRegister(vendor: Command): void {
  servedCommand(vendor, 'register', 'Registers a release: a file with what it is for')
    .argument('<vendor>')
    .argument('<file>', 'firmware with a software descriptor, or any other with --package')
    .option('--package <name@version>', 'a file that is no firmware')
    .option('--types <types>', 'types of devices, with commas; none: every device of the vendor')
    .option('--from <versions>', 'versions that it may follow, with commas; none: any')
    .option('--price <amount>', 'in the smallest unit of the currency', '0')
    .option('--currency <code>', 'such as JPY', 'JPY')
    .option('--trial-signal <text>', 'what a test device is asked')
    .option('--trial-answer <text>', 'what it must answer; the same text if left out')
    .option('--trial-wait <seconds>', 'how long it may take', '60')
    .action((name: string, path: string, options: RegisterOptions) =>
      run(options, register(name, path, options)),
    )
}

function run(options: ServedOptions, work: Work): Promise<void> {
  return served(options, 'Vendors live', work)
}

function create(name: string): Work {
  return async ({ vendor }) => {
    const made = await vendor.create({ name })
    return done(made, `${made.name} has its software database at ${made.address}.`)
  }
}

async function list({ vendor }: Workbench) {
  const rows = await vendor.list()
  return doneList(rows, {
    rows,
    empty: 'There is no vendor.',
    columns: [
      ['vendor', ({ name }) => name],
      ['database', ({ address }) => address],
      ['releases', row => String(row.releases)],
      ['accessors', row => String(row.accessors)],
      ['root', ({ rootVersion }) => String(rootVersion)],
      ['metadata until', ({ metadataExpiresAt }) => timeText(metadataExpiresAt)],
    ],
  })
}

function register(vendorName: string, path: string, options: RegisterOptions): Work {
  return async workbench => {
    const additional = additionalIn(options)
    const file = await added(workbench, path, options.package)
    const release = await workbench.vendor.register({ vendorName, ...file, additional })
    return done(release, `${nameOf(release)} is registered as release ${release.id}.`)
  }
}

/** Brings the file in, and says what it is where it does not say so itself. */
async function added(workbench: Workbench, path: string, described: string | undefined) {
  if (described === undefined) {
    const { name, content } = await readImageFile(path)
    return { digest: (await workbench.upload(name, content)).digest }
  }
  const { name: softwareName, version } = softwareIn(described)
  const file = await openGivenFile(path, PACKAGE_LIMIT)
  const content = file.createReadStream()
  const { digest } = await workbench.uploadPackage(basename(path), content)
  return { digest, softwareName, version }
}

function additionalIn(options: RegisterOptions): AdditionalInformation {
  const { types, from, price, currency, trialSignal: signal } = options
  const { trialAnswer: answer = signal } = options
  if (signal === undefined && options.trialAnswer !== undefined) {
    throw new CodedError('USAGE', '--trial-answer needs the --trial-signal that it answers.')
  }
  const waitSeconds = numberIn(options.trialWait, '--trial-wait')
  return {
    deviceTypes: wordsIn(types),
    fromVersions: wordsIn(from),
    price: numberIn(price, '--price'),
    currency,
    trial: signal === undefined || answer === undefined ? null : { signal, answer, waitSeconds },
  }
}

function wordsIn(text: string | undefined): string[] {
  return (text ?? '').split(',').flatMap(word => (word.trim() === '' ? [] : [word.trim()]))
}

function releases(vendorName: string): Work {
  return async ({ vendor }) => {
    const rows = await vendor.releases({ vendorName })
    return doneList(rows, {
      rows,
      empty: `The database of ${vendorName} is empty.`,
      columns: [
        ['release', ({ id }) => String(id)],
        ['software', ({ softwareName, version }) => `${softwareName} ${version}`],
        ['revision', ({ revision }) => String(revision)],
        ['kind', ({ kind, model }) => (model === null ? kind : `${kind} for ${model}`)],
        ['bytes', ({ bytes }) => String(bytes)],
        ['price', ({ additional: { price, currency } }) => `${price} ${currency}`],
        ['state', ({ state }) => state],
        ['registered', ({ registeredAt }) => timeText(registeredAt)],
        ['report', ({ report }) => report?.message ?? ''],
      ],
    })
  }
}

function notify(vendorName: string, id: string, { by }: NotifyOptions): Work {
  return async ({ vendor }) => {
    const way = wordIn(by, ['api', 'mail'], '--by')
    const release = await vendor.notify({ vendorName, id: numberIn(id, 'A release'), by: way })
    return done(release, `The carrier was told of ${nameOf(release)}.`)
  }
}

function upload(vendorName: string, id: string): Work {
  return async ({ vendor }) => {
    const release = await vendor.upload({ vendorName, id: numberIn(id, 'A release') })
    return done(release, `The carrier has ${nameOf(release)}.`)
  }
}

function setCarrier(vendorName: string, { password, mail: mailAddress }: CarrierOptions): Work {
  return async ({ vendor }) => {
    const given = { vendorName, password: await secretIn(password), mailAddress }
    return done(await vendor.setCarrier(given), `${vendorName} reaches the carrier with it.`)
  }
}

function nameOf({ softwareName, version, revision }: VendorRelease): string {
  return `${softwareName} ${version}, revision ${revision}`
}
