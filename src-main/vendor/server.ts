import type { Context, Hono } from 'hono'
import { CodedError } from '../base/coded-error'
import { trialReport } from '../contract/vendor'
import { credentialsIn } from '../site/credentials'
import { messageIn } from '../site/message-in'
import { type RunningSite, type SiteEnv, type SiteOptions, startSite } from '../site/start-site'
import { VENDOR_MESSAGE_BYTES_MAX, VENDOR_PATHS } from '../wire/vendor/messages'
import type { HandedSoftware, SoftwareDatabase } from './software-database'

type DatabaseServerOptions = Pick<SiteOptions, 'audit' | 'clock' | 'logDefect' | 'port'>

const STATUS_OF_CODE = {
  ACCESS_REFUSED: 403,
  RELEASE_UNKNOWN: 404,
  RELEASE_NOT_HANDED_OUT: 409,
  RETURN_CONFLICT: 409,
  RELEASE_RETURNED: 410,
  BLOB_DAMAGED: 410,
  RETURN_UNPROVED: 422,
}

/**
 * The server of one vendor's software database on 127.0.0.1: the database's side of
 * `wire/vendor`. Nothing is said of releases to whoever is not a registered accessor. Throws
 * `PORT_UNUSABLE`.
 */
export function startDatabaseServer(
  database: SoftwareDatabase,
  options: DatabaseServerOptions,
): Promise<RunningSite> {
  return startSite({
    ...options,
    actor: 'vendor-database',
    statusOfCode: STATUS_OF_CODE,
    // A message that broke off was nobody's attempt.
    unaudited: new Set(['MESSAGE_LOST']),
    mount: site => mountDatabase(site, database),
  })
}

type Visit = Context<SiteEnv>
/** Answers an accessor who was let in. */
type Handle = (context: Visit, accessorId: string, id: number) => Promise<Response>

function mountDatabase(site: Hono<SiteEnv>, database: SoftwareDatabase): void {
  const guarded = (handle: Handle) => async (context: Visit) => {
    const releaseId = releaseIdIn(context)
    const accessorId = await accessorOf(context, database, releaseId)
    if (accessorId === undefined) return demanded(database)
    // Answers to HEAD would be made like those to GET, and count as handed out.
    if (context.req.raw.method === 'HEAD') {
      throw new CodedError('METHOD_REFUSED', 'HEAD is not served here.')
    }
    if (releaseId !== null) return handle(context, accessorId, releaseId)
    throw new CodedError('RELEASE_UNKNOWN', 'The path names no release.')
  }
  site.get(
    VENDOR_PATHS.release(':id'),
    guarded(async (_, accessorId, id) => Response.json(await database.release(accessorId, id))),
  )
  site.get(
    VENDOR_PATHS.software(':id'),
    guarded(async (_, accessorId, id) =>
      softwareAnswer(database, await database.software(accessorId, id)),
    ),
  )
  site.post(
    VENDOR_PATHS.return(':id'),
    guarded(async ({ req }, accessorId, id) => {
      const report = await messageIn(req.raw, trialReport, VENDOR_MESSAGE_BYTES_MAX)
      await database.returned(accessorId, id, report)
      return new Response(null, { status: 204 })
    }),
  )
}

/** Undefined for who gave no credentials. Ends the line of who gave wrong ones (S17). */
async function accessorOf(
  context: Visit,
  database: SoftwareDatabase,
  releaseId: number | null,
): Promise<string | undefined> {
  const credentials = credentialsIn(context.req.raw)
  if (!credentials) {
    await database.demand(releaseId)
    return undefined
  }
  try {
    return await database.admit(credentials, releaseId)
  } catch (error) {
    context.env.end()
    throw error
  }
}

/** S13. No refusal: this is how every access begins. */
function demanded({ vendorName }: SoftwareDatabase): Response {
  const message = `The software database of ${vendorName} wants to know who asks.`
  const headers = { 'www-authenticate': 'Basic realm="software database", charset="UTF-8"' }
  return Response.json({ code: 'AUTHENTICATION_REQUIRED', message }, { status: 401, headers })
}

/** Null for what names no release: it is told without being repeated. */
function releaseIdIn({ req }: Visit): number | null {
  const id = /^[1-9]\d{0,14}$/.exec(req.param('id') ?? '')?.[0]
  return id === undefined ? null : Number(id)
}

function softwareAnswer(database: SoftwareDatabase, handed: HandedSoftware): Response {
  const { bytes, digest } = handed.release
  return new Response(ReadableStream.from(leaving(database, handed)), {
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': String(bytes),
      etag: `"${digest}"`,
    },
  })
}

/** Gives as much as is taken. Before the last bytes it is written down that they were handed out. */
async function* leaving(
  database: SoftwareDatabase,
  handed: HandedSoftware,
): AsyncGenerator<Uint8Array> {
  let isSent = false
  let held: Uint8Array | undefined
  try {
    for await (const piece of handed.reading.pieces()) {
      if (held) yield held
      held = piece
    }
    await database.sent(handed)
    isSent = true
    if (held) yield held
  } finally {
    if (!isSent) database.lost(handed)
  }
}
