import { Command, CommanderError } from 'commander'
import { version } from '../../package.json'
import { CodedError } from '../base/coded-error'
import { EXIT_BAD_INPUT, report } from './cli'
import { addCarrierCommand } from './commands/carrier'
import { addDeltaCommand } from './commands/delta'
import { addDemoCommand } from './commands/demo'
import { addHandsetCommand } from './commands/handset'
import { addIdentifyCommand } from './commands/identify'
import { addImageCommand } from './commands/image'
import { addMailCommand } from './commands/mail'
import { addNetworkCommand } from './commands/network'
import { addPortsCommand } from './commands/ports'
import { addRestoreCommand } from './commands/restore'
import { addServeCommand } from './commands/serve'
import { addSettlementCommand } from './commands/settlement'
import { addVendorCommand } from './commands/vendor'

// Whoever closes our output has read enough; a restore under way goes on all the same.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

const program = new Command('kintsugi')
  .description('Updates handsets and brings bricked ones back.')
  .version(version)
  .showHelpAfterError('(kintsugi --help lists the commands)')

for (const addCommand of [
  addServeCommand,
  addImageCommand,
  addDeltaCommand,
  addHandsetCommand,
  addVendorCommand,
  addCarrierCommand,
  addSettlementCommand,
  addMailCommand,
  addNetworkCommand,
  addPortsCommand,
  addIdentifyCommand,
  addRestoreCommand,
  addDemoCommand,
]) {
  addCommand(program)
}
const MISSING = 'A command is missing. The help lists them.'
let help = ''
forEachCommand(program, command =>
  command.exitOverride().configureOutput({ writeErr: text => (help += text) }),
)

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  // Help and version end here too, with exit code 0 and their text already written.
  if (error.exitCode !== 0) {
    const isMissing = error.code === 'commander.help'
    if (isMissing) process.stderr.write(`${help}\n`)
    const message = isMissing
      ? MISSING
      : error.message.replace(/^error: /, '').replaceAll('\n', ' ')
    report(new CodedError('USAGE', message), process.argv.includes('--json'))
    process.exitCode = EXIT_BAD_INPUT
  }
}

function forEachCommand(command: Command, visit: (command: Command) => void): void {
  visit(command)
  for (const child of command.commands) forEachCommand(child, visit)
}
