import type { Command } from 'commander'
import { CodedError } from '../../base/coded-error'
import type { FirmwareView } from '../../contract/handsets'
import { FLASH_FAULT_POINT, FLASH_FAULTS } from '../../handset/flash/flash-faults'
import { builtInSoftware } from '../../handset/service/built-in-software'
import { runCommand, type Outcome } from '../cli'
import { runHandset, type RunOptions } from '../handset-run'
import { readRootFile } from '../handset-trust'
import { done, served, servedCommand, type ServedOptions, type Work } from '../served'
import { textTable } from '../text-table'
import { addHandsetUpdateCommand } from './handset-update'

const NOTES = `
Prints "ready" once it is at the end of the line, and runs until SIGTERM. What its software prints
goes over the line, and its states to standard error.

--software is the version of built-in software ("kintsugi handset firmware" lists it), "none", or
a firmware image file; without it a new chip holds the model's first one.

--flash is read and, where it does not exist yet, written with the chip as it starts. At the end
the whole chip is written to --save or, without it, back to --flash. A chip that is read holds its
own software.

--carrier is what "kintsugi carrier server" prints. With --update the handset asks for an update once
after every start of its software, and for the file that it needs after a power cut. With --root it
takes only what that vendor signed; what it learns of the vendor lies beside the chip, in FILE.nv.

A --fault is a line such as flash:power-cut@N: it strikes at flash operation N, counted from 1
since the start. --list-faults names them all.`

export function addHandsetCommand(program: Command): void {
  const handset = program.command('handset').description('Virtual handsets')
  addRun(handset)
  addHandsetUpdateCommand(handset)
  servedCommand(handset, 'provision', "Has a virtual handset believe a vendor's TUF root alone")
    .argument('<name>', 'of the handset')
    .argument('<root>', 'file that `kintsugi vendor root` printed')
    .action((name: string, file: string, options: ServedOptions) =>
      served(options, 'Virtual handsets live', provision(name, file)),
    )
  handset
    .command('firmware')
    .description('Lists the built-in software')
    .option('--json', 'one JSON document on stdout')
    .action((options: { json?: boolean }) => runCommand(options, async () => listFirmware()))
}

function addRun(handset: Command): void {
  handset
    .command('run')
    .description('Runs a virtual handset at the end of a link')
    .argument('[link]', 'serial:PATH[@BAUD], tcp:HOST:PORT or tcp-listen:HOST:PORT')
    .option('--protocol <name>', 'protocol of its restore mode', 'smp')
    .option('--encoding <name>', 'console or raw: how its restore mode puts packets', 'console')
    .option('--model <name>', 'device model', 'k1')
    .option('--software <software>', 'VERSION, none or FILE: what a new chip holds')
    .option('--flash <file>', 'whole chip to start with, created if absent')
    .option('--bricked', 'in the middle of a rewrite that lost its power')
    .option('--save <file>', 'where the whole chip is written at the end')
    .option('--name <name>', 'terminal ID and device key are made from it', 'handset')
    .option('--seed <number>', 'seed of everything random', '1')
    .option('--fault <line>', 'a fault to come; may be repeated', collect, [])
    .option('--list-faults', 'prints the faults that there are, and runs nothing')
    .option('--power-cycle', 'switch on again a second after a power cut')
    .option('--carrier <url>', "address of the carrier's server, for updates over the radio")
    .option('--update', 'ask the carrier for an update after every start')
    .option('--root <file>', "vendor's TUF root: takes only updates that this vendor signed")
    .addHelpText('after', NOTES)
    .action((link: string | undefined, options: RunOptions & { readonly listFaults?: boolean }) =>
      runCommand({}, async context => {
        if (options.listFaults === true) return listFaults()
        if (link !== undefined) return runHandset(link, options, context)
        throw new CodedError('USAGE', "missing required argument 'link'")
      }),
    )
}

function provision(name: string, file: string): Work {
  return async ({ handsets }) => {
    const { trust } = await handsets.provision({ name, root: await readRootFile(file) })
    return done(trust, `${name} takes only what ${trust?.vendorName ?? ''} signed.`)
  }
}

function listFirmware(): Outcome {
  const firmware = builtInSoftware.list()
  return { json: firmware, text: firmwareTable(firmware), exitCode: 0 }
}

function listFaults(): Outcome {
  const rows = FLASH_FAULTS.flatMap(({ kind, what, parameters }) => [
    [`${FLASH_FAULT_POINT}:${kind}@N`, what],
    ...parameters.map(({ name, min, max, what: meaning }) => {
      return [`    ,${name}=${min}…${max}`, meaning]
    }),
  ])
  const text = `${textTable(rows)}\nEach takes ,seed=NUMBER besides, which decides what is left open.`
  return { json: FLASH_FAULTS, text, exitCode: 0 }
}

function firmwareTable(firmware: readonly FirmwareView[]): string {
  return textTable([
    ['version', 'model', 'name', 'bytes', 'SHA-256', 'note'],
    ...firmware.map(({ version, model, name, bytes, sha256, note }) => {
      return [version, model, name, String(bytes), sha256.slice(0, 16), note]
    }),
  ])
}

function collect(line: string, lines: readonly string[]): readonly string[] {
  return [...lines, line]
}
