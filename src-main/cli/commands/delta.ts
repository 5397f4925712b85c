import { createHash } from 'node:crypto'
import type { Command } from 'commander'
import { CodedError } from '../../base/coded-error'
import { DeltaService } from '../../delta/delta-service'
import { proveWritable, writeFileAtomically } from '../../storage/atomic-file'
import { type CommandContext, type Outcome, runCommand } from '../cli'
import { readImageFile } from '../image-file'
import { addCutsCommand } from './delta-cuts'

interface MakeOptions {
  readonly output: string
  readonly inPlace?: boolean
  readonly sector: string
  readonly ram: string
  readonly json?: boolean
}

interface ApplyOptions {
  readonly output: string
  readonly json?: boolean
}

const SECTOR_BYTES_MAX = 16 * 1024 * 1024
const RAM_BYTES_MAX = 1024 * 1024 * 1024
const FILE_MODE = 0o644

export function addDeltaCommand(program: Command): void {
  const delta = program.command('delta').description('Differential files')
  addCutsCommand(delta)
  delta
    .command('make')
    .description('Makes the differential file that turns OLD into NEW')
    .argument('<old>', 'the image the handset has')
    .argument('<new>', 'the image it is to have')
    .requiredOption('-o, --output <file>', 'the differential file')
    .option('--in-place', 'for a single executable region, which is rewritten where it lies')
    .option('--sector <bytes>', 'what the flash erases at once', '4096')
    .option('--ram <bytes>', 'RAM that the handset can give the decoder', '65536')
    .option('--json', 'one JSON document on stdout')
    .action((old: string, fresh: string, options: MakeOptions) =>
      runCommand(options, context => make({ old, fresh, options, context })),
    )
  delta
    .command('apply')
    .description('Rebuilds NEW from OLD and a differential file')
    .argument('<old>', 'the image that the file was made from')
    .argument('<file>', 'the differential file')
    .requiredOption('-o, --output <new>', 'the rebuilt image')
    .option('--json', 'one JSON document on stdout')
    .action((old: string, file: string, options: ApplyOptions) =>
      runCommand(options, () => apply(old, file, options)),
    )
}

interface MakeCommand {
  readonly old: string
  readonly fresh: string
  readonly options: MakeOptions
  readonly context: CommandContext
}

async function make({ old, fresh, options, context }: MakeCommand): Promise<Outcome> {
  const sectorBytes = readBytes('--sector', options.sector, SECTOR_BYTES_MAX)
  const ramBytes = readBytes('--ram', options.ram, RAM_BYTES_MAX)
  const oldFile = await readImageFile(old)
  const newFile = await readImageFile(fresh)
  await checkOutput(options.output)
  const startedAt = performance.now()
  const made = await new DeltaService().make({
    old: oldFile.content,
    fresh: newFile.content,
    ramBytes,
    sectorBytes,
    inPlace: options.inPlace ?? false,
    signal: context.signal,
    onStep: (step, share) => {
      const total = newFile.content.length
      context.progress.show({ what: step, done: share * total, total, rate: 0, secondsLeft: null })
    },
  })
  const seconds = (performance.now() - startedAt) / 1000
  if (context.signal.aborted) throw new CodedError('CANCELLED', 'Cancelled.')
  await writeFileAtomically(options.output, made.file, FILE_MODE)
  const json = {
    bytes: made.file.length,
    fullBytes: made.fullBytes,
    ratio: made.file.length / made.fullBytes,
    seconds,
    format: made.format,
    ramBytes: made.ramBytes,
    sectorErases: made.sectorErases,
  }
  const percent = (100 * json.ratio).toFixed(1)
  const text = `${json.bytes} bytes, ${percent} % of the packed new image (${json.fullBytes} bytes); takes ${json.ramBytes} bytes of RAM and ${json.sectorErases} erases`
  return { json, text, exitCode: 0 }
}

async function apply(oldPath: string, path: string, options: ApplyOptions): Promise<Outcome> {
  const old = await readImageFile(oldPath)
  const file = await readImageFile(path)
  await checkOutput(options.output)
  const fresh = new DeltaService().apply(old.content, file.content)
  await writeFileAtomically(options.output, fresh, FILE_MODE)
  const sha256 = createHash('sha256').update(fresh).digest('hex')
  const json = { bytes: fresh.length, sha256 }
  return { json, text: `${json.bytes} bytes, SHA-256 ${sha256}`, exitCode: 0 }
}

function readBytes(option: string, text: string, limit: number): number {
  const value = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : Infinity
  if (value <= limit) return value
  const message = `${option} "${text}" is no number of bytes: write 1 to ${limit}, such as 4096.`
  throw new CodedError('USAGE', message)
}

/** Before the work: a mistyped name must not cost it. */
async function checkOutput(path: string): Promise<void> {
  await proveWritable(path).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CodedError('USAGE', `-o ${path}: this file cannot be written (${reason}).`)
  })
}
