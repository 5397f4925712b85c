import type { Context, Hono } from 'hono'
import { CodedError } from '../base/coded-error'
import { messageIn } from '../site/message-in'
import { type RunningSite, type SiteEnv, type SiteOptions, startSite } from '../site/start-site'
import {
  inquiry,
  report,
  transferRequest,
  updateInformation,
  UPDATE_MESSAGE_BYTES_MAX,
  UPDATE_PATHS,
} from '../wire/update/messages'
import { answerFile } from './file-answer'
import { INTAKE_STATUS_OF_CODE } from './intake/intake-mount'
import { METADATA_STATUS_OF_CODE } from './metadata/metadata-mount'
import type { UpdateDesk } from './update-desk'

/** Adds paths of the carrier's server. */
export type CarrierMount = (site: Hono<SiteEnv>) => void

export interface CarrierServerOptions extends Pick<
  SiteOptions,
  'audit' | 'clock' | 'logDefect' | 'port'
> {
  readonly desk: UpdateDesk
  /** Of everything else that the server does. */
  readonly mounts?: readonly CarrierMount[]
}

/** Below it managers answer in a browser. */
export const CARRIER_PAGES = '/pages/'
/** Polling devices keep their lines. */
const CONNECTIONS_MAX = 10_000
/** A vendor's upload has up to 1 GiB; a line on which nothing comes ends long before. */
const REQUEST_TIMEOUT_MS = 600_000

const STATUS_OF_CODE = {
  UPDATE_UNKNOWN: 404,
  INVOICE_UNKNOWN: 404,
  REPORT_UNPROVED: 409,
  ...INTAKE_STATUS_OF_CODE,
  ...METADATA_STATUS_OF_CODE,
  UPDATE_ENDED: 410,
  FILE_GONE: 410,
  DEVICES_FULL: 503,
  FILE_IN_THE_MAKING: 503,
  CANCELLED: 503,
}

/** Who is told to ask again a little later was not refused, and who went away asked for nothing. */
const NO_REFUSALS: ReadonlySet<string> = new Set(['FILE_IN_THE_MAKING', 'MESSAGE_LOST'])

/**
 * The carrier's server on 127.0.0.1: the messages of `wire/update` over HTTP, and what else is
 * mounted. Who may have a file is decided by the token of its transfer request. Throws
 * `PORT_UNUSABLE`.
 */
export function startCarrierServer(options: CarrierServerOptions): Promise<RunningSite> {
  const { desk, mounts = [], ...given } = options
  return startSite({
    ...given,
    actor: 'carrier',
    statusOfCode: STATUS_OF_CODE,
    unaudited: NO_REFUSALS,
    pages: CARRIER_PAGES,
    connectionsMax: CONNECTIONS_MAX,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    mount(site) {
      mountUpdates(site, desk)
      for (const mount of mounts) mount(site)
    },
  })
}

function mountUpdates(site: Hono<SiteEnv>, desk: UpdateDesk): void {
  const bytesMax = UPDATE_MESSAGE_BYTES_MAX
  site.post(UPDATE_PATHS.inquiry, async context =>
    Response.json(await desk.inquire(await messageIn(context.req.raw, inquiry, bytesMax))),
  )
  site.post(UPDATE_PATHS.request(':id'), async context => {
    const asked = await messageIn(context.req.raw, transferRequest, bytesMax)
    return Response.json(await desk.request(idIn(context), asked))
  })
  site.get(UPDATE_PATHS.file(':id'), context => answerFile(desk, idIn(context), context.req.raw))
  site.post(UPDATE_PATHS.report(':id'), async context => {
    await desk.report(idIn(context), await messageIn(context.req.raw, report, bytesMax))
    return new Response(null, { status: 204 })
  })
}

/** What is no ID is told without being repeated: it may be anything of any length. */
function idIn({ req }: Context): string {
  const read = updateInformation.shape.id.safeParse(req.param('id'))
  if (read.success) return read.data
  throw new CodedError('UPDATE_UNKNOWN', 'The path names no update. Inquire first.')
}
