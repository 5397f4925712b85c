import type { Command } from 'commander'
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
  wordIn,
} from '../served'

interface AccessorOptions extends ServedOptions {
  readonly party?: string
  readonly password: string
}

interface AccessesOptions extends ServedOptions {
  readonly limit: string
}

/** `vendor accessor …`: who may fetch, who did, and with which keys the vendor signs. */
export function addVendorAccessCommands(vendor: Command): void {
  servedCommand(vendor, 'accessor', 'Registers who may fetch, or gives them another password')
    .argument('<vendor>')
    .argument('<accessor>', 'its ID')
    .option('--party <name>', 'who that is; the ID if left out')
    .requiredOption('--password <text>', '@FILE reads it')
    .action((name: string, accessorId: string, options: AccessorOptions) =>
      run(options, setAccessor(name, accessorId, options)),
    )
  servedCommand(vendor, 'accessors', 'Lists who may fetch')
    .argument('<vendor>')
    .action((name: string, options: ServedOptions) => run(options, accessors(name)))
  servedCommand(vendor, 'remove-accessor', 'Lets somebody fetch no more')
    .argument('<vendor>')
    .argument('<accessor>', 'its ID')
    .action((name: string, accessorId: string, options: ServedOptions) =>
      run(options, removeAccessor(name, accessorId)),
    )
  servedCommand(vendor, 'accesses', 'Lists accesses to the database and refusals, newest first')
    .argument('<vendor>')
    .option('--limit <number>', 'so many at most', '50')
    .action((name: string, options: AccessesOptions) => run(options, accesses(name, options)))
  servedCommand(
    vendor,
    'root',
    'Prints the root that handsets of the vendor leave the factory with',
  )
    .argument('<vendor>')
    .action((name: string, options: ServedOptions) => run(options, printRoot(name)))
  servedCommand(vendor, 'rotate-keys', 'Replaces a key of the vendor')
    .argument('<vendor>')
    .argument('<role>', 'root or targets')
    .action((name: string, role: string, options: ServedOptions) =>
      run(options, rotateKeys(name, role)),
    )
}

function run(options: ServedOptions, work: Work): Promise<void> {
  return served(options, 'Vendors live', work)
}

function setAccessor(vendorName: string, accessorId: string, options: AccessorOptions): Work {
  const { party = accessorId, password } = options
  return async ({ vendor }) => {
    const given = { vendorName, accessorId, party, password: await secretIn(password) }
    return done(await vendor.setAccessor(given), `${accessorId} may fetch from ${vendorName}.`)
  }
}

function removeAccessor(vendorName: string, accessorId: string): Work {
  return async ({ vendor }) => {
    await vendor.removeAccessor({ vendorName, accessorId })
    return done({ removed: accessorId }, `${accessorId} may fetch no more.`)
  }
}

function accessors(vendorName: string): Work {
  return async ({ vendor }) => {
    const rows = await vendor.accessors({ vendorName })
    return doneList(rows, {
      rows,
      empty: `Nobody may fetch from ${vendorName}.`,
      columns: [
        ['accessor', ({ accessorId }) => accessorId],
        ['party', ({ party }) => party],
        ['registered', ({ registeredAt }) => timeText(registeredAt)],
        ['last access', ({ lastAccessAt }) => timeText(lastAccessAt)],
      ],
    })
  }
}

function accesses(vendorName: string, { limit }: AccessesOptions): Work {
  return async ({ vendor }) => {
    const rows = await vendor.accesses({ vendorName, limit: numberIn(limit, '--limit') })
    return doneList(rows, {
      rows,
      empty: 'Nobody has asked.',
      columns: [
        ['at', ({ at }) => timeText(at)],
        ['accessor', ({ accessorId }) => accessorId ?? ''],
        ['release', ({ releaseId }) => (releaseId === null ? '' : String(releaseId))],
        ['outcome', ({ outcome }) => outcome],
        ['message', ({ message }) => message],
      ],
    })
  }
}

/** The document alone, so that it can go into a file. */
function printRoot(vendorName: string): Work {
  return async ({ vendor }) => {
    const found = await vendor.root({ vendorName })
    return done(found, found.root)
  }
}

function rotateKeys(vendorName: string, word: string): Work {
  return async ({ vendor }) => {
    const role = wordIn(word, ['root', 'targets'], 'The role')
    const changed = await vendor.rotateKeys({ vendorName, role })
    return done(changed, `The root of ${vendorName} has version ${changed.rootVersion} now.`)
  }
}
