import type { Command } from 'commander'
import { CodedError } from '../../base/coded-error'
import type { CutPicture, CutReport } from '../../contract/delta'
import { FLASH_FAULTS } from '../../handset/flash/flash-faults'
import { CampaignService } from '../../handset/service/campaign-service'
import { type CommandContext, type Outcome, runCommand } from '../cli'
import { readImageFile } from '../image-file'

interface CutsOptions {
  readonly points: string
  readonly seed: string
  readonly kind?: string[]
  readonly replay?: string
  readonly json?: boolean
}

interface CutsCommand {
  readonly old: string
  readonly file: string
  readonly options: CutsOptions
  readonly context: CommandContext
}

const POINTS_DEFAULT = '2000'
const SEED_MAX = 0xffff_ffff
const KINDS = FLASH_FAULTS.filter(({ cutsPower }) => cutsPower).map(({ kind }) => kind)

export function addCutsCommand(delta: Command): void {
  delta
    .command('cuts')
    .description('Cuts the power of emulated handsets while they rewrite OLD in place with FILE')
    .argument('<old>', 'the image that the file was made from')
    .argument('<file>', 'an in-place file (delta make --in-place)')
    .option('--points <all|n>', 'every point, or so many seeded ones', POINTS_DEFAULT)
    .option('--seed <n>', 'decides everything that is left to chance', '1')
    .option('--kind <kinds...>', `only these kinds of cuts: ${KINDS.join(', ')}`)
    .option('--replay <line>', 'tries one point, such as flash:torn-erase@117,seed=5, and shows it')
    .option('--json', 'one JSON document on stdout')
    .action((old: string, file: string, options: CutsOptions) =>
      runCommand(options, context => cuts({ old, file, options, context })),
    )
}

async function cuts({ old, file, options, context }: CutsCommand): Promise<Outcome> {
  const points = readPoints(options.points)
  const seed = readSeed(options.seed)
  const kinds = readKinds(options.kind)
  const oldFile = await readImageFile(old)
  const deltaFile = await readImageFile(file)
  const pair = { old: oldFile.content, file: deltaFile.content, signal: context.signal }
  const campaigns = new CampaignService()
  const working = options.replay
    ? campaigns.picture({ ...pair, point: options.replay }).then(shown)
    : campaigns
        .run({
          ...pair,
          points,
          seed,
          kinds,
          onProgress: progress =>
            context.progress.show({ what: 'cutting', unit: 'points', ...progress }),
        })
        .then(reported)
  return working.catch((error: unknown) => {
    throw asBadInput(error, old, file)
  })
}

function reported(report: CutReport): Outcome {
  const { needsFile, resumed, restorable, silent, stuck } = report
  const isFailed = silent + stuck + restorable > 0 || resumed < needsFile
  return { json: report, text: tableOf(report), exitCode: isFailed ? 1 : 0 }
}

function tableOf(report: CutReport): string {
  const { points, operations, seconds, seed, firstFailure } = report
  const rows: readonly [string, number][] = [
    ['old software starts', report.old],
    ['new software starts', report.completed],
    ['needs the same file again', report.needsFile],
    ['  and finishes with it', report.resumed],
    ['restorable by wire only', report.restorable],
    ['silent: damaged software starts', report.silent],
    ['stuck', report.stuck],
  ]
  const width = Math.max(...rows.map(([what]) => what.length))
  const digits = String(points).length
  const head = `${points} power cuts at ${operations} flash operations, seed ${seed}, ${seconds.toFixed(1)} s`
  const lines = rows.map(([what, count]) => {
    return `  ${what.padEnd(width)}  ${String(count).padStart(digits)}`
  })
  const failure = firstFailure === null ? [] : [`First failure: --replay '${firstFailure}'`]
  return [head, ...lines, ...failure].join('\n')
}

function shown(picture: CutPicture): Outcome {
  const { point, operation, operationKind, region, verdict, explanation, sectors } = picture
  const text = [
    `${point}: operation ${operation}, ${operationKind} in the ${region} region`,
    `${verdict}: ${explanation}`,
    `Sectors of ${picture.sectorBytes} bytes (o old, n new, = both, . erased, x neither):`,
    `  ${sectors}`,
    'Journal, newest first:',
    ...picture.journal.map(entry => `  ${entry}`),
    `In use: ${picture.stashSectors} stash sectors, ${picture.backupSectors} backup sectors`,
  ].join('\n')
  const isFinished = verdict === 'needs-file' && picture.isResumed
  const isSound = isFinished || verdict === 'old' || verdict === 'completed'
  return { json: picture, text, exitCode: isSound ? 0 : 1 }
}

/** Two files that do not belong together are a mistake in what was typed. */
function asBadInput(error: unknown, old: string, file: string): unknown {
  if (!(error instanceof CodedError) || !error.code.startsWith('DELTA_')) return error
  if (error.code === 'DELTA_WORKER_DIED') return error
  const message = `${old}, ${file}: ${error.message}`
  return new CodedError('USAGE', message, { reason: error.code }, { cause: error })
}

function readPoints(text: string): number | null {
  if (text === 'all') return null
  if (/^[1-9]\d{0,7}$/.test(text)) return Number(text)
  const message = `--points "${text}" is no number of points: write "all" or a number from 1 on, such as 2000.`
  throw new CodedError('USAGE', message)
}

function readSeed(text: string): number {
  const seed = /^\d{1,10}$/.test(text) ? Number(text) : Infinity
  if (seed <= SEED_MAX) return seed
  const message = `--seed "${text}" is no seed: write a number from 0 to ${SEED_MAX}.`
  throw new CodedError('USAGE', message)
}

function readKinds(kinds: readonly string[] | undefined): readonly string[] | undefined {
  const unknown = kinds?.find(kind => !KINDS.some(known => known === kind))
  if (unknown === undefined) return kinds
  const message = `--kind "${unknown}" is no cut of the power. There are: ${KINDS.join(', ')}.`
  throw new CodedError('USAGE', message)
}
