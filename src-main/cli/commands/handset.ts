import type { Command } from 'commander'
import { CodedError } from '../../base/coded-error'
import { FaultPlan, formatFault, parseFault, type Fault } from '../../base/fault-plan'
import { seededRandom } from '../../base/random'
import { formatLink, parseLink } from '../../contract/link-address'
import { handsetName } from '../../contract/procedure'
import { FLASH_FAULT_KINDS, FLASH_FAULT_POINT, NorFlash } from '../../handset/flash/nor-flash'
import { Handset } from '../../handset/handset'
import type { HandsetModel } from '../../handset/model/model'
import { openChip } from '../../handset/service/chip-file'
import { modelNamed } from '../../handset/service/models'
import { nodeSha256 } from '../../handset/service/node-sha256'
import { realClock } from '../../observe/real-clock'
import { proveWritable, writeFileAtomically } from '../../storage/atomic-file'
import { placeReason } from '../../storage/data-folder'
import { runCommand, type CommandContext, type Outcome } from '../cli'
import { holdLine } from '../handset-line'

const POWER_CYCLE_MS = 1000
const SEED_MAX = 0xffff_ffff
/** The chip is the user's own file, as private as others that they make. */
const CHIP_FILE_MODE = 0o666

interface RunOptions {
  readonly protocol: string
  readonly model: string
  readonly flash?: string
  readonly bricked?: boolean
  readonly save?: string
  readonly name: string
  readonly seed: string
  readonly fault: readonly string[]
  readonly powerCycle?: boolean
}

const NOTES = `
Prints "ready" once it is at the end of the line, and runs until SIGTERM.

--flash is read and, where it does not exist yet, written with the chip as it starts. At the end
the whole chip is written to --save or, without it, back to --flash.

A --fault is flash:power-cut@N or flash:torn@N: at flash operation N, counted from 1 since the
start, the power fails before the operation or in the middle of it.`

export function addHandsetCommand(program: Command): void {
  program
    .command('handset')
    .description('Virtual handsets')
    .command('run')
    .description('Runs a virtual handset at the end of a link')
    .argument('<link>', 'serial:PATH[@BAUD], tcp:HOST:PORT or tcp-listen:HOST:PORT')
    .option('--protocol <name>', 'protocol of its restore mode', 'smp')
    .option('--model <name>', 'device model', 'k1')
    .option('--flash <file>', 'whole chip to start with, created if absent')
    .option('--bricked', 'in the middle of a rewrite that lost its power')
    .option('--save <file>', 'where the whole chip is written at the end')
    .option('--name <name>', 'terminal ID and device key are made from it', 'handset')
    .option('--seed <number>', 'seed of everything random', '1')
    .option('--fault <line>', 'a fault to come; may be repeated', collect, [])
    .option('--power-cycle', 'switch on again a second after a power cut')
    .addHelpText('after', NOTES)
    .action((link: string, options: RunOptions) =>
      runCommand({}, context => run(link, options, context)),
    )
}

async function run(link: string, options: RunOptions, context: CommandContext): Promise<Outcome> {
  const address = parseLink(link)
  const file = options.save ?? options.flash
  // Hours of work may lie between the start and the moment at which the chip is written.
  if (file !== undefined) await atStart(writingChip(file, () => proveWritable(file)))
  const handset = await makeHandset(formatLink(address), options)
  const stopTelling = tellStates(handset, context)
  const stopCycling = options.powerCycle === true ? cyclePower(handset) : () => {}
  try {
    await holdLine({
      address,
      handset,
      clock: realClock,
      signal: context.signal,
      onReady(line) {
        handset.powerOn()
        context.note(`${handset.terminalId} is at ${line}`)
        process.stdout.write('ready\n')
      },
    })
  } finally {
    stopCycling()
    stopTelling()
    handset.powerOff()
    if (file !== undefined) await saveChip(file, handset.flash.dump())
  }
  return { json: null, text: '', exitCode: 0 }
}

async function makeHandset(link: string, options: RunOptions): Promise<Handset> {
  const model = modelNamed(options.model)
  checkProtocol(options.protocol, model)
  const faults = new FaultPlan(options.fault.map(readFault))
  const name = readName(options.name)
  const seed = readSeed(options.seed)
  const bricked = options.bricked === true
  const order = { model, name, seed, sha256: nodeSha256, bricked }
  const { contents, isFileMissing } = await openChip(options.flash, order)
  if (options.flash !== undefined && isFileMissing) {
    await atStart(saveChip(options.flash, contents))
  }
  const { timing } = model.flash
  const random = seededRandom(seed)
  const flash = new NorFlash({ geometry: model.flash, timing, contents, faults, random })
  return new Handset({ name, link, model, flash, clock: realClock, sha256: nodeSha256 })
}

function saveChip(file: string, chip: Uint8Array): Promise<void> {
  return writingChip(file, () => writeFileAtomically(file, chip, CHIP_FILE_MODE))
}

/** Rejects with `FILE_UNWRITABLE`. */
async function writingChip(file: string, write: () => Promise<void>): Promise<void> {
  try {
    await write()
  } catch (error) {
    const reason = placeReason(error) ?? (error instanceof Error ? error.message : String(error))
    const message = `The chip cannot be written to ${file}: ${reason}. Name another file.`
    throw new CodedError('FILE_UNWRITABLE', message, { file }, { cause: error })
  }
}

/** What cannot be written before anything was done is a mistake in the options. */
async function atStart(writing: Promise<void>): Promise<void> {
  try {
    await writing
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    throw new CodedError('USAGE', error.message, error.data, { cause: error })
  }
}

function checkProtocol(protocol: string, model: HandsetModel): void {
  const { protocols } = model.restore
  if (protocols.some(known => known === protocol)) return
  const message = `The restore mode of ${model.name} speaks ${protocols.join(', ')}, not "${protocol}".`
  throw new CodedError('USAGE', message, { protocol })
}

function readFault(line: string): Fault {
  const fault = parseFault(line)
  const isKnown = FLASH_FAULT_KINDS.some(kind => kind === fault.kind)
  if (fault.point === FLASH_FAULT_POINT && isKnown) return fault
  const known = FLASH_FAULT_KINDS.map(kind => `${FLASH_FAULT_POINT}:${kind}`).join(', ')
  const message = `A handset has no fault ${formatFault(fault)}. There are: ${known}.`
  throw new CodedError('BAD_FAULT', message, { fault: line })
}

function readName(text: string): string {
  if (handsetName.safeParse(text).success) return text
  const message = `--name ${text}: write 1 to 64 letters, digits, dots, dashes or underscores.`
  throw new CodedError('USAGE', message, { name: text })
}

function readSeed(text: string): number {
  const seed = Number(text)
  if (/^\d{1,10}$/.test(text) && seed <= SEED_MAX) return seed
  throw new CodedError('USAGE', `--seed ${text}: write a whole number of 0 to ${SEED_MAX}.`)
}

function tellStates(handset: Handset, context: CommandContext): () => void {
  let told = handset.state
  return handset.onChange(() => {
    if (handset.state === told) return
    told = handset.state
    const { reason } = handset.view()
    const isCut = told === 'off' && !handset.flash.powered
    const why = isCut ? `power cut at flash operation ${handset.flash.operations}` : reason
    context.note(why === null ? told : `${told} (${why})`)
  })
}

/** Switches the handset on again after each power cut. Returns the end of that. */
function cyclePower(handset: Handset): () => void {
  let cancel = () => {}
  const stop = handset.onChange(() => {
    if (handset.state !== 'off' || handset.flash.powered) return
    cancel = realClock.after(POWER_CYCLE_MS, () => handset.powerOn())
  })
  return () => {
    stop()
    cancel()
  }
}

function collect(line: string, lines: readonly string[]): readonly string[] {
  return [...lines, line]
}
