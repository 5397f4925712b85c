import { formatAddress } from '../base/bytes'
import { CodedError } from '../base/coded-error'
import { FaultPlan } from '../base/fault-plan'
import { seededRandom } from '../base/random'
import type { CpuFaultView, HandsetView } from '../contract/handsets'
import { formatLink, parseLink } from '../contract/link-address'
import { handsetName } from '../contract/procedure'
import { encoding, type Encoding } from '../contract/restore'
import { parseFlashFault } from '../handset/flash/flash-faults'
import { NorFlash } from '../handset/flash/nor-flash'
import type { CpuHost } from '../handset/cpu/cpu-port'
import { Handset, type HandsetParts } from '../handset/handset'
import type { HandsetModel } from '../handset/model/model'
import { type NewChipOrder, openChip } from '../handset/service/chip-file'
import { FetchRadio } from '../handset/service/fetch-radio'
import { modelNamed } from '../handset/service/models'
import { TufClient } from '../handset/service/tuf-client'
import type { Nv } from '../handset/trust/nv'
import { nodeSha256 } from '../handset/service/node-sha256'
import { WorkerCpuHost } from '../handset/service/worker-cpu-host'
import { realClock } from '../observe/real-clock'
import { proveWritable, writeFileAtomically } from '../storage/atomic-file'
import { placeReason } from '../storage/data-folder'
import type { CommandContext, Outcome } from './cli'
import { askAfterStarts, readCarrier, tellUpdates } from './handset-carrier'
import { holdLine } from './handset-line'
import { openNv, provisionFrom, saveNv } from './handset-trust'
import { wrongEncoding } from './protocol-option'
import { readSoftwareOption } from './software-option'

const POWER_CYCLE_MS = 1000
const SEED_MAX = 0xffff_ffff
/** The chip is the user's own file, as private as others that they make. */
const CHIP_FILE_MODE = 0o666

export interface RunOptions {
  readonly protocol: string
  readonly encoding: string
  readonly model: string
  readonly software?: string
  readonly flash?: string
  readonly bricked?: boolean
  readonly save?: string
  readonly name: string
  readonly seed: string
  readonly fault: readonly string[]
  readonly powerCycle?: boolean
  readonly carrier?: string
  readonly update?: boolean
  readonly root?: string
}

/** Keeps a handset at the end of a link until the signal; at the end its chip is written. */
export async function runHandset(
  link: string,
  options: RunOptions,
  context: CommandContext,
): Promise<Outcome> {
  const address = parseLink(link)
  const file = options.save ?? options.flash
  // Hours of work may lie between the start and the moment at which the chip is written.
  if (file !== undefined) await atStart(writingChip(file, () => proveWritable(file)))
  const cpuHost = new WorkerCpuHost()
  const nv = await openNv(options.flash)
  const handset = await makeHandset(formatLink(address), options, { cpuHost, nv, context })
  const stopTelling = tellStates(handset, context)
  const stopUpdates = followUpdates(handset, options, context)
  let lostBytes = 0
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
      onLost: bytes => void (lostBytes += bytes),
    })
  } finally {
    stopCycling()
    stopUpdates()
    stopTelling()
    handset.close()
    if (lostBytes > 0) context.note(`${lostBytes} bytes came faster than the line and were lost.`)
    await cpuHost.close()
    if (file !== undefined) {
      await saveChip(file, handset.flash.dump())
      await writingChip(file, () => saveNv(file, nv))
    }
  }
  return { json: null, text: '', exitCode: 0 }
}

async function makeHandset(
  link: string,
  options: RunOptions,
  {
    cpuHost,
    nv,
    context,
  }: { readonly cpuHost: CpuHost; readonly nv: Nv; readonly context: CommandContext },
): Promise<Handset> {
  const model = modelNamed(options.model)
  checkProtocol(options.protocol, model)
  const smpEncoding = readSmpEncoding(options.encoding)
  const faults = new FaultPlan(options.fault.map(parseFlashFault))
  const name = readName(options.name)
  const seed = readSeed(options.seed)
  const software = await readSoftwareOption(options.software, model, line => context.note(line))
  const bricked = options.bricked === true
  const order = { model, name, seed, sha256: nodeSha256, bricked, software }
  const contents = await chipOf(options, order)
  const flash = new NorFlash({
    geometry: model.flash,
    timing: model.flash.timing,
    contents,
    faults,
    random: seededRandom(seed),
    share: bytes => cpuHost.share(bytes),
  })
  const onDefect = (error: unknown) => context.note(`The CPU failed: ${textOf(error)}`)
  const parts = { name, link, model, flash, clock: realClock, sha256: nodeSha256 }
  const metadata = { client: new TufClient(), nv }
  const fitted = { ...parts, ...radioOf(options), metadata }
  const handset = new Handset({ ...fitted, smpEncoding, cpuHost, onDefect })
  if (options.root !== undefined) {
    await provisionFrom(handset, options.root, line => context.note(line))
  }
  return handset
}

/** The chip of the file that is named, or a new one; a new one is written there at once. */
async function chipOf(options: RunOptions, order: NewChipOrder): Promise<Uint8Array> {
  const { flash, software } = options
  const { contents, isFileMissing } = await openChip(flash, order)
  if (flash === undefined) return contents
  if (isFileMissing) await atStart(saveChip(flash, contents))
  else if (software !== undefined) throw holdsItsOwn(flash)
  return contents
}

function radioOf({ carrier, update, root }: RunOptions): Pick<HandsetParts, 'radio'> {
  if (carrier !== undefined) {
    const origin = readCarrier(carrier)
    return { radio: new FetchRadio({ address: () => Promise.resolve(origin), clock: realClock }) }
  }
  if (update !== true && root === undefined) return {}
  const option = root === undefined ? '--update' : '--root'
  const message = `${option} is about updates of a carrier: name its server with --carrier URL.`
  throw new CodedError('USAGE', message)
}

/** Says how updates end, and begins them where that is wanted. Returns the end of both. */
function followUpdates(handset: Handset, options: RunOptions, context: CommandContext): () => void {
  const stopTelling = tellUpdates(handset, line => context.note(line))
  const stopAsking = options.update === true ? askAfterStarts(handset) : () => {}
  return () => {
    stopAsking()
    stopTelling()
  }
}

function holdsItsOwn(file: string): CodedError {
  const message = `${file} is a chip with its own software. Leave --software out, or name a file that does not exist yet.`
  return new CodedError('USAGE', message, { file })
}

function saveChip(file: string, chip: Uint8Array): Promise<void> {
  return writingChip(file, () => writeFileAtomically(file, chip, CHIP_FILE_MODE))
}

/** Rejects with `FILE_UNWRITABLE`. */
async function writingChip(file: string, write: () => Promise<void>): Promise<void> {
  try {
    await write()
  } catch (error) {
    const reason = placeReason(error) ?? textOf(error)
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

function readSmpEncoding(text: string): Encoding {
  const choice = encoding.safeParse(text)
  if (choice.success) return choice.data
  throw wrongEncoding(text, encoding.options)
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

/** Tells every state, every fault of the software and every reset by the watchdog. */
function tellStates(handset: Handset, context: CommandContext): () => void {
  let told = handset.view()
  return handset.onChange(() => {
    if (!isNews(handset, told)) return
    const before = told
    told = handset.view()
    const { fault, state, watchdogResets } = told
    if (fault !== null && fault.at !== before.fault?.at) context.note(faultText(fault))
    if (watchdogResets > before.watchdogResets) context.note(`watchdog reset ${watchdogResets}`)
    if (state !== before.state) context.note(stateText(handset))
  })
}

/** Cheaper than a view, for bytes that move change a handset all the time. */
function isNews(handset: Handset, told: HandsetView): boolean {
  const { fault, watchdogResets } = handset
  const isFault = fault !== undefined && fault.at !== told.fault?.at
  return isFault || watchdogResets !== told.watchdogResets || handset.state !== told.state
}

function stateText({ state, flash, reason }: Handset): string {
  const isCut = state === 'off' && !flash.powered
  const why = isCut ? `power cut at flash operation ${flash.operations}` : reason
  return why === null ? state : `${state} (${why})`
}

function faultText({ kind, pc, address }: CpuFaultView): string {
  const touched = address === null ? '' : `, which touched ${formatAddress(address)}`
  return `fault: ${kind} at ${formatAddress(pc)}${touched}`
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

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
