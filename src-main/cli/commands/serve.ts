import { once } from 'node:events'
import type { Command } from 'commander'
import { version } from '../../../package.json'
import { CodedError } from '../../base/coded-error'
import { startLoopbackServer, type LoopbackServer } from '../../http/loopback-server'
import { openBrowser } from '../../http/open-browser'
import { findRendererFolder } from '../../http/renderer-folder'
import { createLog } from '../../observe/log'
import type { DefectLog } from '../../rpc/call-errors'
import { defaultDataFolder } from '../../storage/data-folder'
import { readServeFile, removeServeFile, writeServeFile } from '../../storage/serve-file'
import { openWorkbench, type HostedWorkbench, type HostOptions } from '../../workbench'
import { runCommand, type Outcome } from '../cli'

const PORT_MAX = 65_535
/** Whoever stops Kintsugi need not wait longer, whatever still hangs. */
const STOP_LIMIT_MS = 5000

interface ServeOptions {
  readonly port: string
  readonly carrierPort: string
  readonly data?: string
  readonly open: boolean
}

export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('Serves the workbench to the browser of this machine')
    .option('--port <number>', 'port on 127.0.0.1; 0 takes a free one', '0')
    .option(
      '--carrier-port <number>',
      'port at which handsets reach the carrier; 0: a free one',
      '0',
    )
    .option('--data <folder>', "where everything is kept (default: the system's place for it)")
    .option('--no-open', 'do not open the browser')
    .action((options: ServeOptions) => runCommand({}, ({ signal }) => serve(options, signal)))
}

async function serve(options: ServeOptions, stop: AbortSignal): Promise<Outcome> {
  const port = readPort('--port', options.port)
  const carrierPort = readPort('--carrier-port', options.carrierPort)
  if (options.data === '') throw new CodedError('USAGE', '--data needs the path of a folder.')
  const rendererDir = findRendererFolder(import.meta.dirname)
  const dataDir = options.data ?? defaultDataFolder()
  const log = createLog({ level: 'warn' })
  const logDefect: DefectLog = (error, call) => log.error({ err: error, call }, 'failed')
  const hosted = await openOrPointTo({ dataDir, logDefect, carrierPort })
  try {
    // Handsets in processes of their own may ask as soon as this one is ready.
    await hosted.workbench.carrier.server()
    const server = await startLoopbackServer({
      router: hosted.router,
      store: (name, content) => hosted.workbench.upload(name, content),
      storePackage: (name, content) => hosted.workbench.uploadPackage(name, content),
      rendererDir,
      version,
      port,
      logDefect,
    })
    await serveUntil(stop, { server, dataDir, open: options.open })
  } finally {
    await hosted.workbench.close()
  }
  return { json: null, text: 'Stopped.', exitCode: 0 }
}

async function serveUntil(
  stop: AbortSignal,
  { server, dataDir, open }: { server: LoopbackServer; dataDir: string; open: boolean },
): Promise<void> {
  const { origin, token, entryUrl } = server
  let removePage = async () => {}
  try {
    await writeServeFile(dataDir, { pid: process.pid, address: origin, token })
    if (open) removePage = await openBrowser(server.issueVisit())
    // Last of all: whoever reads it may stop this process at once.
    process.stdout.write(`ready ${entryUrl}\n`)
    if (!stop.aborted) await once(stop, 'abort')
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref()
  } finally {
    await removePage()
    await removeServeFile(dataDir)
    await server.close()
  }
}

/** A second start on the same data tells where the first one is. */
async function openOrPointTo(
  options: Required<Pick<HostOptions, 'logDefect' | 'carrierPort'>> & { readonly dataDir: string },
): Promise<HostedWorkbench> {
  const { dataDir } = options
  try {
    return await openWorkbench({ ...options, host: 'headless' })
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== 'DATA_DIR_BUSY') throw error
    const running = await readServeFile(dataDir)
    if (!running) throw error
    process.stdout.write(`running ${running.address}/?token=${running.token}\n`)
    const message = `Kintsugi already serves ${dataDir} at ${running.address}; its whole address is on standard output.`
    throw new CodedError('DATA_DIR_BUSY', message, { path: dataDir, address: running.address })
  }
}

function readPort(option: string, text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= PORT_MAX) return port
  throw new CodedError('USAGE', `${option} must be a number from 0 to ${PORT_MAX}, not "${text}".`)
}
