import { join } from 'node:path'
import { createORPCClient } from '@orpc/client'
import { OpenAPILink } from '@orpc/openapi-client/fetch'
import * as z from 'zod'
import { CodedError } from '../base/coded-error'
import { contract, type WorkbenchClient } from '../contract'
import { storedImage } from '../contract/images'
import { vendorPackage } from '../contract/vendor'
import { parseLink } from '../contract/link-address'
import { defaultDataFolder, defaultStateFolder } from '../storage/data-folder'
import { readServeFile, type ServeFile } from '../storage/serve-file'
import { createWorkbench, openWorkbench, type Workbench } from '../workbench'

/** What commands need of a workbench, wherever it is. */
export type CommandWorkbench = Pick<Workbench, 'restore' | 'upload' | 'close'>

/** The workbench that serves a data folder, with what lives in it alone. */
export type ServedWorkbench = CommandWorkbench &
  Pick<
    Workbench,
    'app' | 'carrier' | 'handsets' | 'mail' | 'network' | 'settlement' | 'uploadPackage' | 'vendor'
  >

/** A workbench of the command's own, gone with it. */
export function openInMemory(): Promise<Workbench> {
  return createWorkbench()
}

/**
 * A workbench for some links: one of our own in memory, which records interrupted restores in the
 * system's folder for state or the one that is named, or, as soon as a virtual handset is among
 * them, the one that serves the data folder and has it. Throws `NO_WORKBENCH` where none does;
 * every call rejects with `WORKBENCH_LOST` once it is gone.
 */
export async function openFor(
  links: readonly string[],
  dataDir: string | undefined,
): Promise<CommandWorkbench> {
  const isVirtual = links.some(link => parseLink(link).kind === 'virtual')
  if (isVirtual) return openServed(dataDir, 'Virtual handsets live')
  const journalFolder = join(dataDir ?? defaultStateFolder(), 'restores')
  return (await openWorkbench({ host: 'in-process', journalFolder })).workbench
}

/**
 * The workbench that serves a data folder, the system's own where none is named. `what` begins the
 * sentence that says why one must run. Throws `NO_WORKBENCH` where none does; every call rejects
 * with `WORKBENCH_LOST` once it is gone.
 */
export async function openServed(
  namedFolder: string | undefined,
  what: string,
): Promise<ServedWorkbench> {
  const dataDir = namedFolder ?? defaultDataFolder()
  const serve = await readServeFile(dataDir)
  if (!serve) {
    const message =
      `${what} in a running workbench, and none serves ${dataDir}. ` +
      'Start one with "kintsugi serve", or name its data folder with --data.'
    throw new CodedError('NO_WORKBENCH', message, { dataDir })
  }
  const headers = { authorization: `Bearer ${serve.token}` }
  const reach = reachable(dataDir)
  const link = new OpenAPILink(contract, { url: `${serve.address}/api`, headers, fetch: reach })
  const client: WorkbenchClient = createORPCClient(link)
  const { app, carrier, handsets, mail, network, restore, settlement, vendor } = client
  return {
    app,
    carrier,
    handsets,
    mail,
    network,
    restore,
    settlement,
    vendor,
    upload: async (name, content) =>
      storedImage.parse(await sent(serve, { path: '/upload', name, content, reach })),
    uploadPackage: async (name, content) =>
      vendorPackage.parse(await sent(serve, { path: '/upload/package', name, content, reach })),
    // It goes on for others.
    close: () => Promise.resolve(),
  }
}

/** The workbench that worked for a command is gone, and with it what it was doing. */
export function workbenchLost(cause?: unknown): CodedError {
  const message =
    'The workbench ended while it worked for this command. ' +
    'Start it again with "kintsugi serve", then give the command again.'
  return new CodedError('WORKBENCH_LOST', message, {}, { cause })
}

type Reach = (request: Request | string, init?: RequestInit) => Promise<Response>

/** Fetches, and says in our words when nobody is there, or not any more. */
function reachable(dataDir: string): Reach {
  let isReached = false
  return async (request, init) => {
    let answer: Response
    try {
      answer = await fetch(request, init)
    } catch (cause) {
      if (isReached) throw workbenchLost(cause)
      const message =
        `The workbench that serves ${dataDir} does not answer. ` +
        'End it and start it again with "kintsugi serve".'
      throw new CodedError('NO_WORKBENCH', message, { dataDir }, { cause })
    }
    isReached = true
    const { body, status, headers } = answer
    return new Response(body && ReadableStream.from(wholeOf(body)), { status, headers })
  }
}

async function* wholeOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body
  } catch (cause) {
    throw workbenchLost(cause)
  }
}

interface Upload {
  readonly path: '/upload' | '/upload/package'
  readonly name: string
  readonly content: Parameters<Workbench['upload']>[1]
  readonly reach: Reach
}

const fact = z.union([z.string(), z.number(), z.boolean(), z.null()])
const errorAnswer = z.object({
  code: z.string(),
  message: z.string(),
  data: z.record(z.string(), fact).catch({}),
})

/** What the workbench answers to a file. Throws its refusal. */
async function sent(
  { address, token }: ServeFile,
  { path, name, content, reach }: Upload,
): Promise<unknown> {
  const url = `${address}${path}?name=${encodeURIComponent(name)}`
  const answer = await reach(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
    body: content instanceof Uint8Array ? new Uint8Array(content) : streamOf(content),
    ...(content instanceof Uint8Array ? {} : { duplex: 'half' }),
  })
  const body: unknown = await answer.json()
  if (answer.ok) return body
  const { code, message, data } = errorAnswer.parse(body)
  throw new CodedError(code, message, data)
}

function streamOf(content: AsyncIterable<Uint8Array>): ReadableStream {
  return ReadableStream.from(content)
}
