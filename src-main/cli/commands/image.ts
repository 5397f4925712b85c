import type { Command } from 'commander'
import { formatAddress } from '../../base/bytes'
import { printableText } from '../../base/printable'
import type { ImageInfo } from '../../contract/images'
import { type Outcome, runCommand } from '../cli'
import { readImageFile } from '../image-file'
import { openInMemory } from '../open-workbench'

const FORMAT_NAMES: Readonly<Record<ImageInfo['format'], string>> = {
  bin: 'bin (raw)',
  ihex: 'Intel HEX',
  srec: 'Motorola S-records',
  uf2: 'UF2',
  elf: 'ELF',
}

export function addImageCommand(program: Command): void {
  program
    .command('image')
    .description('Firmware image files')
    .command('info')
    .description('Says what a firmware image file holds')
    .argument('<file>', 'bin, Intel HEX, SREC, UF2 or ELF')
    .option('--json', 'one JSON document on stdout')
    .action((path: string, options: { json?: boolean }) =>
      runCommand(options, () => showInfo(path)),
    )
}

async function showInfo(path: string): Promise<Outcome> {
  const { name, content } = await readImageFile(path)
  const workbench = await openInMemory()
  try {
    const { info } = await workbench.upload(name, content)
    return { json: info, text: describe(info), exitCode: 0 }
  } finally {
    await workbench.close()
  }
}

/** The facts as aligned lines, then a table of the segments, then what to look out for. */
export function describe(info: ImageInfo): string {
  const facts: [string, string][] = [
    ['file', `${printableText(info.name)} (${bytesText(info.fileBytes)})`],
    ['format', FORMAT_NAMES[info.format]],
    ['payload', bytesText(info.bytes)],
    ['SHA-256', info.sha256],
    ['start', info.entry === null ? 'not given' : formatAddress(info.entry)],
  ]
  return [
    ...facts.map(([name, value]) => `${name.padEnd(9)}${value}`),
    '',
    ...segmentTable(info),
    ...info.warnings.map(({ message }) => `\nwarning: ${message}`),
  ].join('\n')
}

function segmentTable({ segments }: ImageInfo): string[] {
  const rows = [
    ['segment', 'first', 'last', 'bytes'],
    ...segments.map(({ address, bytes }, index) => [
      String(index + 1),
      formatAddress(address),
      formatAddress(address + bytes - 1),
      String(bytes),
    ]),
  ]
  const widths = [0, 1, 2, 3].map(column => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  return rows.map(row => row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  '))
}

function bytesText(bytes: number): string {
  return `${bytes} bytes`
}
