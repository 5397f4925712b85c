import type { Command } from 'commander'
import { networkDevice } from '../../contract/network'
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

interface PlaceOptions extends ServedOptions {
  readonly device: string
  readonly ip: string
  readonly password: string
}

interface AddOptions extends Omit<PlaceOptions, 'device'> {
  readonly class: string
  readonly software?: string
}

interface FleetOptions extends ServedOptions {
  readonly model: string
  readonly software?: string
  readonly size: string
  readonly firstIp: string
  readonly password: string
  readonly prefix: string
  readonly seed: string
}

const CLASSES = networkDevice.shape.deviceClass.exclude(['handset']).options

export function addNetworkCommand(program: Command): void {
  const network = program
    .command('network')
    .description('The emulated IP network: devices that the carrier can reach')
  servedCommand(network, 'list', 'Lists the devices on it').action((options: ServedOptions) =>
    run(options, list),
  )
  servedCommand(network, 'connect', 'Gives a virtual handset an address and a password')
    .argument('<handset>', 'its name')
    .requiredOption('--device <id>', 'its device number')
    .requiredOption('--ip <address>', 'its IP address')
    .requiredOption('--password <text>', '@FILE reads it')
    .action((handset: string, options: PlaceOptions) => run(options, connect(handset, options)))
  servedCommand(network, 'add', 'Adds a device that is no handset')
    .argument('<device>', 'its device number')
    .requiredOption('--ip <address>', 'its IP address')
    .requiredOption('--password <text>', '@FILE reads it')
    .option('--class <class>', CLASSES.join(', '), 'pc')
    .option('--software <name@version>', 'what it runs')
    .action((device: string, options: AddOptions) => run(options, add(device, options)))
  servedCommand(network, 'remove', 'Takes a device off')
    .argument('<ip>', 'its IP address')
    .action((ip: string, options: ServedOptions) => run(options, remove(ip)))
  servedCommand(network, 'fleet', 'Makes many handsets without a CPU')
    .argument('<name>')
    .requiredOption('--model <model>', 'of each')
    .requiredOption('--size <number>', 'how many')
    .requiredOption('--first-ip <address>', 'of the first one; the others follow')
    .requiredOption('--password <text>', 'of each; @FILE reads it')
    .requiredOption('--prefix <letters>', 'device numbers are PREFIX-1, PREFIX-2, …')
    .option('--software <name>', 'what each runs')
    .option('--seed <number>', 'the same seed makes the same fleet', '1')
    .action((name: string, options: FleetOptions) => run(options, createFleet(name, options)))
  servedCommand(network, 'fleets', 'Lists the fleets').action((options: ServedOptions) =>
    run(options, fleets),
  )
}

function run(options: ServedOptions, work: Work): Promise<void> {
  return served(options, 'The network is', work)
}

async function list({ network }: Parameters<Work>[0]) {
  const rows = await network.devices()
  return doneList(rows, {
    rows,
    empty: 'No device is on the network.',
    columns: [
      ['address', ({ ipAddress }) => ipAddress],
      ['device', ({ deviceId }) => deviceId],
      [
        'class',
        ({ deviceClass, handset }) =>
          handset === null ? deviceClass : `${deviceClass} ${handset}`,
      ],
      ['runs', ({ software }) => (software ? `${software.name} ${software.version}` : '')],
      ['recorded', ({ recorded }) => (recorded ? `${recorded.name} ${recorded.version}` : '')],
      ['reachable', ({ isReachable }) => (isReachable ? 'yes' : 'no')],
      ['fault', ({ fault }) => fault ?? ''],
      ['last access', ({ lastAccessAt }) => timeText(lastAccessAt)],
    ],
  })
}

function connect(
  handset: string,
  { device: deviceId, ip: ipAddress, password }: PlaceOptions,
): Work {
  return async ({ network }) => {
    const given = { handset, deviceId, ipAddress, password: await secretIn(password) }
    return done(await network.connectHandset(given), `${handset} is ${deviceId} at ${ipAddress}.`)
  }
}

function add(deviceId: string, options: AddOptions): Work {
  const { ip: ipAddress, class: given, software } = options
  return async ({ network }) => {
    const device = await network.addDevice({
      deviceId,
      ipAddress,
      deviceClass: wordIn(given, CLASSES, '--class'),
      password: await secretIn(options.password),
      software: software === undefined ? null : softwareIn(software),
    })
    return done(device, `${deviceId} is at ${ipAddress}.`)
  }
}

function remove(ipAddress: string): Work {
  return async ({ network }) => {
    await network.removeDevice({ ipAddress })
    return done({ removed: ipAddress }, `No device is at ${ipAddress} any more.`)
  }
}

function createFleet(name: string, options: FleetOptions): Work {
  const { model, software, size, firstIp: firstIpAddress, prefix, seed } = options
  return async ({ network }) => {
    const fleet = await network.createFleet({
      name,
      model,
      software,
      size: numberIn(size, '--size'),
      firstIpAddress,
      password: await secretIn(options.password),
      prefix,
      seed: numberIn(seed, '--seed'),
    })
    return done(fleet, `${fleet.size} handsets begin at ${fleet.firstIpAddress}.`)
  }
}

async function fleets({ network }: Parameters<Work>[0]) {
  const rows = await network.fleets()
  return doneList(rows, {
    rows,
    empty: 'There is no fleet.',
    columns: [
      ['fleet', ({ name }) => name],
      ['model', ({ model }) => model],
      ['size', ({ size }) => String(size)],
      ['first address', ({ firstIpAddress }) => firstIpAddress],
      [
        'versions',
        ({ versions }) =>
          Object.entries(versions)
            .map(([version, count]) => `${version}: ${count}`)
            .join(', '),
      ],
      ['polls', ({ polls }) => String(polls)],
      ['updated', ({ updated }) => String(updated)],
      ['failed', ({ failed }) => String(failed)],
    ],
  })
}
