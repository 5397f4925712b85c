import type { Command } from 'commander'
import type { Identity } from '../../contract/restore'
import { unlessAborted } from '../abort'
import { runCommand } from '../cli'
import { openFor } from '../open-workbench'
import { readEncoding, readProtocol } from '../protocol-option'

interface Options {
  readonly protocol: string
  readonly encoding: string
  readonly data?: string
  readonly json?: boolean
}

export function addIdentifyCommand(program: Command): void {
  program
    .command('identify')
    .description('Asks who answers at a link')
    .argument('<link>', 'serial:PATH[@BAUD], tcp:HOST:PORT or virtual:NAME')
    .option('--protocol <name>', 'protocol to ask in', 'auto')
    .option('--encoding <name>', 'auto, console or raw: how packets lie on the line', 'auto')
    .option('--data <dir>', 'data folder of the workbench that has the virtual handset')
    .option('--json', 'one JSON document on stdout')
    .action((link: string, options: Options) =>
      runCommand(options, async ({ signal }) => {
        const protocol = readProtocol(options.protocol)
        const encoding = readEncoding(options.encoding)
        const workbench = await openFor([link], options.data)
        try {
          const identifying = workbench.restore.identify({ link, protocol, encoding })
          const identity = await unlessAborted(signal, identifying)
          return { json: identity, text: textOf(identity), exitCode: 0 }
        } finally {
          await workbench.close()
        }
      }),
    )
}

function textOf({ protocol, encoding, device, software, memory }: Identity): string {
  const lines = [
    `protocol  ${protocol}, ${encoding} encoding`,
    `device    ${device.name ?? 'unknown'} (${device.mode})`,
    device.information === null ? '' : `          ${device.information}`,
    software
      ? `software  ${software.version}${software.active ? ', active' : ''}`
      : 'software  none is listed',
    software?.hash ? `          ${software.hash}` : '',
    `memory    ${memory.bufferCount} buffers of ${memory.bufferBytes} bytes`,
    memory.slotBytes === null ? '' : `          slot 0 of ${memory.slotBytes} bytes`,
  ]
  return lines.filter(line => line !== '').join('\n')
}
