import type { Command } from 'commander'
import { listSerialPorts } from '../../link/serial-link'
import type { SerialPortView } from '../../contract/restore'
import { runCommand } from '../cli'

export function addPortsCommand(program: Command): void {
  program
    .command('ports')
    .description('Lists serial ports with vendor, product and serial number')
    .option('--json', 'one JSON document on stdout')
    .action((options: { readonly json?: boolean }) =>
      runCommand(options, async () => {
        const ports = await listSerialPorts()
        return { json: ports, text: textOf(ports), exitCode: 0 }
      }),
    )
}

function textOf(ports: readonly SerialPortView[]): string {
  if (ports.length === 0) return 'No serial port was found. A path can be used all the same.'
  const widest = Math.max(...ports.map(({ path }) => path.length))
  return ports.map(port => `${port.path.padEnd(widest)}  ${describe(port)}`.trimEnd()).join('\n')
}

function describe({ manufacturer, vendorId, productId, serialNumber }: SerialPortView): string {
  const ids = vendorId !== null && productId !== null ? `${vendorId}:${productId}` : null
  return [manufacturer, ids, serialNumber].filter(part => part !== null).join('  ')
}
