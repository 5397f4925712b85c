import { access, constants, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Command } from 'commander'
import { CodedError } from '../../base/coded-error'
import type { RestoreOptions, RestoreView } from '../../contract/restore'
import { writeFileAtomically } from '../../storage/atomic-file'
import {
  runCommand,
  EXIT_FAILED,
  EXIT_INTERRUPTED,
  type CommandContext,
  type Outcome,
} from '../cli'
import { readImageFile } from '../image-file'
import { openFor, workbenchLost, type CommandWorkbench } from '../open-workbench'
import type { Progress } from '../progress'
import { readEncoding, readProtocol } from '../protocol-option'
import { readAddress, restoreLinks } from '../restore-arguments'
import { planAll } from '../restore-plan'
import { failureText, logText, resultJson, resultText } from '../restore-report'

interface Options {
  readonly protocol: string
  readonly encoding: string
  readonly offset: string
  readonly baud?: string
  readonly verify: boolean
  readonly resume?: boolean
  readonly force?: boolean
  readonly plan?: boolean
  readonly log?: string
  readonly data?: string
  readonly json?: boolean
}

export function addRestoreCommand(program: Command): void {
  program
    .command('restore')
    .description('Brings bricked handsets back over their cables')
    .argument('<links...>', 'one LINK or more, then the image file')
    .usage('[options] LINK… IMAGE')
    .option('--protocol <name>', 'protocol to restore with', 'auto')
    .option('--encoding <name>', 'auto, console or raw: how packets lie on the line', 'auto')
    .option('--offset <addr>', 'bytes from the start of the region', '0')
    .option('--baud <n>', 'rate of serial links that name none')
    .option('--no-verify', 'do not ask the device what it holds afterwards')
    .option('--resume', 'go on where an interrupted restore stopped')
    .option('--plan', 'say what would be done, and write nothing')
    .option('--force', 'write although a warning stands against it')
    .option('--log <file>', 'where to write what was said')
    .option('--data <dir>', 'data folder: of the workbench with the virtual handset, of records')
    .option('--json', 'one JSON document on stdout')
    .action((words: readonly string[], options: Options) =>
      runCommand(options, context => run(words, options, context)),
    )
}

async function run(
  words: readonly string[],
  options: Options,
  context: CommandContext,
): Promise<Outcome> {
  const { links, path } = restoreLinks(words, options.baud)
  const restoreOptions = {
    protocol: readProtocol(options.protocol),
    offset: readAddress(options.offset),
    verify: options.verify,
    encoding: readEncoding(options.encoding),
    resume: options.resume === true,
    force: options.force === true,
  }
  if (options.log !== undefined) await checkLog(options.log)
  const file = await readImageFile(path)
  const workbench = await openFor(links, options.data)
  try {
    const { digest } = await workbench.upload(file.name, file.content)
    const job = { workbench, links, digest, options: restoreOptions, context }
    if (options.plan === true) return await planAll(job)
    const views = await restoreAll(job)
    if (options.log !== undefined) {
      // What happened to the handsets counts, also where it cannot be written down.
      await writeLog(workbench, views, options.log).catch((error: Error) =>
        context.note(`--log ${options.log}: ${error.message}`),
      )
    }
    context.progress.clear()
    for (const view of views) {
      const failure = failureText(view)
      if (failure !== undefined) context.note(`kintsugi: ${failure}`)
    }
    return outcomeOf(views, context.signal.aborted)
  } finally {
    await workbench.close()
  }
}

interface Job {
  readonly workbench: CommandWorkbench
  readonly links: readonly string[]
  readonly digest: string
  readonly options: RestoreOptions
  readonly context: CommandContext
}

/** All links at once. None begins where one of them cannot. */
async function restoreAll(job: Job): Promise<RestoreView[]> {
  const { workbench, links, digest, options, context } = job
  const { restore } = workbench
  const views: RestoreView[] = []
  const cancelAll = async () => {
    await Promise.allSettled(views.map(({ id }) => restore.cancel({ id })))
  }
  const cancel = () => void cancelAll()
  context.signal.addEventListener('abort', cancel)
  try {
    for (const link of links) views.push(await restore.start({ link, digest, options }))
    if (context.signal.aborted) cancel()
    return await Promise.all(
      views.map(async ({ id }, index) => {
        for await (const view of await restore.watch({ id })) {
          views[index] = view
          context.progress.show(progressOf(views))
        }
        const last = views[index]
        return last?.stage === 'ended' ? last : Promise.reject(workbenchLost())
      }),
    )
  } catch (error) {
    await cancelAll()
    throw error
  } finally {
    context.signal.removeEventListener('abort', cancel)
  }
}

/** Several restores are one bar: their bytes and rates add up, and the slowest says how long. */
function progressOf(views: readonly RestoreView[]): Progress {
  const sum = (of: (view: RestoreView) => number) =>
    views.reduce((total, view) => total + of(view), 0)
  const underWay = views.filter(view => view.stage !== 'ended')
  const left = underWay.flatMap(view => (view.secondsLeft === null ? [] : [view.secondsLeft]))
  const count = views.length > 1 ? ` ${views.length - underWay.length}/${views.length}` : ''
  return {
    what: `${underWay[0]?.stage ?? 'ended'}${count}`,
    done: sum(view => view.doneBytes),
    total: sum(view => view.totalBytes),
    rate: underWay.reduce((total, view) => total + view.bytesPerSecond, 0),
    secondsLeft: left.length === 0 ? null : Math.max(...left),
  }
}

/** Before anything is sent: what a restore said must not be lost for a mistyped name. */
async function checkLog(path: string): Promise<void> {
  const there = await stat(path).catch(() => undefined)
  // The log takes the place of what has its name, and a device or a pipe is no file any more then.
  if (there && !there.isFile()) {
    const what = there.isDirectory() ? 'is a folder; name a file in it' : 'is no file'
    throw new CodedError('USAGE', `--log ${path} ${what}.`)
  }
  const folder = dirname(resolve(path))
  try {
    await access(folder, constants.W_OK)
  } catch {
    throw new CodedError('USAGE', `--log ${path}: files cannot be written to ${folder}.`)
  }
}

async function writeLog(
  { restore }: CommandWorkbench,
  views: readonly RestoreView[],
  path: string,
): Promise<void> {
  const logs = await Promise.all(
    views.map(async view => logText(view, await restore.log({ id: view.id }))),
  )
  await writeFileAtomically(path, logs.join('\n'))
}

function outcomeOf(views: readonly RestoreView[], aborted: boolean): Outcome {
  const [only] = views
  const results = views.map(resultJson)
  const json = views.length === 1 && only ? resultJson(only) : { restores: results }
  const isDone = views.every(({ result }) => result !== null && DONE.has(result))
  const exitCode = isDone ? 0 : aborted ? EXIT_INTERRUPTED : EXIT_FAILED
  return { json, text: views.map(resultText).join('\n'), exitCode }
}

const DONE: ReadonlySet<string> = new Set(['restored', 'written', 'up-to-date'])
