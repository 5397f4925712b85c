import type { Context, Hono } from 'hono'
import type { Kysely } from 'kysely'
import { hash } from 'node:crypto'
import type { Clock } from '../../base/clock'
import { CodedError } from '../../base/coded-error'
import type { AuditSink, TraceSink } from '../../observe/message'
import { messageIn } from '../../site/message-in'
import type { DefectLog } from '../../site/refusal'
import type { SiteEnv } from '../../site/start-site'
import { tokenDigestOf } from '../../site/tokens'
import type { Schema } from '../../storage/schema'
import type { SqliteAccess } from '../../storage/sqlite'
import type { Answers, SoftwareStorage } from '../rollout/ports'
import { stepsOf } from '../rollout/steps'
import type { CarrierMount } from '../server'
import type { PollingPace } from './answers'
import { ArtifactShelf } from './artifact-shelf'
import { DownloadLinks } from './download-links'
import { Downloads } from './downloads'
import { Gate, GATEWAY_TOKEN, type Passed } from './gate'
import { KyselyPollingStore } from './kysely-polling-store'
import { LastSeen } from './last-seen'
import {
  configData,
  confirmationFeedback,
  DDI_BASE,
  DDI_MESSAGE_BYTES_MAX,
  type Feedback,
  feedback,
  installedVersion,
} from './messages'
import { PollingDesk } from './polling-desk'
import type { PolledDevice, PollingStore } from './polling-store'
import { PreparedPollingStore } from './prepared-polling-store'
import { type Refused, refusedResponse } from './refused'
import { type Sent, Transfers } from './transfers'

export interface DdiEdgeParts {
  readonly db: Kysely<Schema>
  /** Where it is there, polls do without Kysely. */
  readonly sqlite?: SqliteAccess | undefined
  readonly software: Pick<SoftwareStorage, 'read'>
  readonly answers: Answers
  readonly clock: Clock
  readonly trace: TraceSink
  readonly audit: AuditSink
  readonly logDefect: DefectLog
  /** Left out: 20 seconds, and 5 minutes. */
  readonly pace?: PollingPace
  /**
   * A task of the rollout has changed: its counters, its outbox and its end are to be looked at,
   * and where another attempt became due, when that is.
   */
  readonly onMoved: (rolloutId: number, isDue: boolean) => void
}

const STATUS_OF_CODE: Readonly<Record<string, Refused['status']>> = {
  ACTION_UNKNOWN: 404,
  TASK_UNKNOWN: 404,
  ACTION_ENDED: 410,
  ANSWER_LATE: 410,
  ROLLOUT_STATE: 410,
  BLOB_DAMAGED: 410,
  REPORTS_FULL: 403,
  DOWNLOADS_FULL: 429,
  AUTO_CONFIRM_REFUSED: 409,
  BAD_REQUEST: 400,
  MESSAGE_LOST: 400,
  BODY_TOO_LARGE: 413,
  TYPE_REFUSED: 415,
  RANGE_REFUSED: 416,
}

type Asked = Context<SiteEnv>
type Handler = (device: PolledDevice, context: Asked) => Promise<Response>

const PACE: PollingPace = { busy: 20, idle: 300 }
const DEVICE = `${DDI_BASE}/:controllerId`

/** Where update agents of other people poll the carrier's server (docs/formats/ddi.md). */
export class DdiEdge {
  readonly #store: PollingStore
  readonly #lastSeen: LastSeen
  readonly #gate: Gate
  readonly #desk: PollingDesk
  readonly #links: DownloadLinks
  readonly #transfers: Transfers
  readonly #downloads: Downloads

  constructor(parts: DdiEdgeParts) {
    const { db, sqlite, clock, trace, audit, answers, onMoved, logDefect } = parts
    const store = sqlite ? new PreparedPollingStore(sqlite) : new KyselyPollingStore(db)
    const onDefect = (error: unknown) => logDefect(error, 'ddi')
    const shelf = new ArtifactShelf(parts.software)
    const links = new DownloadLinks(store, clock)
    const lastSeen = new LastSeen(store, { clock, onDefect })
    const gate = new Gate(store, { clock, audit })
    const { pace = PACE } = parts
    const observed = { clock, trace, gate, stepsOf, onMoved, pace }
    const desk = new PollingDesk({ ...observed, store, lastSeen, shelf, links, answers })
    const onSent = (sent: Sent) => desk.sent(sent)
    const transfers = new Transfers({ store, clock, onMoved, onDefect, onSent })
    this.#store = store
    this.#links = links
    this.#lastSeen = lastSeen
    this.#gate = gate
    this.#desk = desk
    this.#transfers = transfers
    this.#downloads = new Downloads({ desk, shelf, transfers })
  }

  /** Adds the paths of polling devices. */
  readonly mount: CarrierMount = site => {
    const desk = this.#desk
    this.#get(site, '', async (device, context) => pollResponse(device, desk, context))
    this.#get(site, '/deploymentBase/:id', async (device, context) =>
      Response.json(await desk.deployment(device, actionIn(context), originOf(context))),
    )
    this.#get(site, '/cancelAction/:id', async (device, context) =>
      Response.json(await desk.cancelling(device, actionIn(context))),
    )
    this.#get(site, '/installedBase/:id', async (device, context) =>
      Response.json(await desk.installed(device, actionIn(context))),
    )
    this.#mountReports(site)
    this.#mountConfirmation(site)
    site.get(`${DEVICE}/softwaremodules/:id/artifacts/:fileName`, context => this.#file(context))
  }

  /** With it every device of a gateway may poll; null takes that right away. */
  async setGatewayToken(token: string | null): Promise<void> {
    const digest = token === null ? null : tokenDigestOf(token)
    await this.#store.keepSetting(GATEWAY_TOKEN, digest)
  }

  /** Ends what goes out for tasks of a rollout that were cancelled or stopped. */
  recheck(rolloutId: number): Promise<void> {
    return this.#transfers.recheck(rolloutId)
  }

  /** Resolves when everything that devices said is on the disk. */
  async close(): Promise<void> {
    await this.#transfers.close()
    await this.#lastSeen.close()
  }

  #mountReports(site: Hono<SiteEnv>): void {
    const desk = this.#desk
    const report = (path: string, take: (...taken: Reported) => Promise<void>) =>
      site.post(
        `${DEVICE}/${path}/:id/feedback`,
        this.#served(async (device, context) => {
          const said = await messageIn(context.req.raw, feedback, DDI_MESSAGE_BYTES_MAX)
          await take(device, actionIn(context), said)
          return new Response(null, { status: 200 })
        }),
      )
    report('deploymentBase', (...taken) => desk.feedback(...taken))
    report('cancelAction', (...taken) => desk.cancelFeedback(...taken))
    this.#put(site, '/configData', async (device, context) => {
      const said = await messageIn(context.req.raw, configData, DDI_MESSAGE_BYTES_MAX)
      await desk.configData(device, said)
    })
    this.#put(site, '/installedBase', async (device, context) => {
      const said = await messageIn(context.req.raw, installedVersion, DDI_MESSAGE_BYTES_MAX)
      const data = { software_name: said.name, software_version: said.version }
      await desk.configData(device, { mode: 'merge', data })
    })
  }

  #mountConfirmation(site: Hono<SiteEnv>): void {
    const desk = this.#desk
    this.#get(site, '/confirmationBase', async () =>
      Response.json({ autoConfirm: { active: false } }),
    )
    this.#get(site, '/confirmationBase/:id', async (device, context) =>
      Response.json(await desk.question(device, actionIn(context))),
    )
    const taken = this.#served(async (device, context) => {
      const said = await messageIn(context.req.raw, confirmationFeedback, DDI_MESSAGE_BYTES_MAX)
      const answer = said.confirmation === 'confirmed' ? 'yes' : 'no'
      await desk.confirm(device, actionIn(context), answer)
      return new Response(null, { status: 200 })
    })
    site.post(`${DEVICE}/confirmationBase/:id/feedback`, taken)
    site.post(`${DEVICE}/confirmationBase/deactivateAutoConfirm`, this.#served(nothingToDo))
    const refused = this.#served(async () => {
      const message = 'Every release is asked for anew; nothing can be agreed to beforehand.'
      throw new CodedError('AUTO_CONFIRM_REFUSED', message)
    })
    site.post(`${DEVICE}/confirmationBase/activateAutoConfirm`, refused)
  }

  #get(site: Hono<SiteEnv>, path: string, handler: Handler): void {
    site.get(DEVICE + path, this.#served(handler))
  }

  #put(
    site: Hono<SiteEnv>,
    path: string,
    take: (device: PolledDevice, context: Asked) => Promise<void>,
  ): void {
    const handler = this.#served(async (device, context) => {
      await take(device, context)
      return new Response(null, { status: 200 })
    })
    site.put(DEVICE + path, handler)
  }

  /** Only for who may ask, and with refusals as agents know them. */
  #served(handler: Handler): (context: Asked) => Promise<Response> {
    return async context => {
      const { req } = context
      const deviceId = req.param('controllerId') ?? ''
      const passed = await this.#gate.pass(deviceId, req.header('authorization') ?? null)
      return this.#answered(passed, handler, context)
    }
  }

  async #answered(passed: Passed, handler: Handler, context: Asked): Promise<Response> {
    if (!passed.device) return refusedResponse(passed.refused)
    try {
      return await handler(passed.device, context)
    } catch (error) {
      const code = error instanceof CodedError ? error.code : undefined
      const status = code === undefined ? undefined : STATUS_OF_CODE[code]
      if (!(error instanceof CodedError) || status === undefined) throw error
      const refused = { status, code: error.code, message: error.message }
      return refusedResponse(this.#gate.refuse(passed.device.deviceId, refused))
    }
  }

  /** By its signature alone, where an agent fetches without its token. */
  async #file(context: Asked): Promise<Response> {
    const { req } = context
    const deviceId = req.param('controllerId') ?? ''
    const query = new URL(req.url).searchParams
    const taskId = actionIn(context)
    const isSigned = await this.#links.isSigned({ deviceId, taskId }, query)
    const device = isSigned ? await this.#store.device(deviceId) : undefined
    const passed =
      device?.reach === 'poll'
        ? this.#gate.limited(device)
        : await this.#gate.pass(deviceId, req.header('authorization') ?? null)
    const fileName = req.param('fileName') ?? ''
    const { cut } = context.env
    const asked = { deviceId, taskId, fileName, request: req.raw, cut }
    return this.#answered(passed, () => this.#downloads.answer(asked), context)
  }
}

type Reported = [device: PolledDevice, taskId: number, said: Feedback]

async function pollResponse(
  device: PolledDevice,
  desk: PollingDesk,
  context: Asked,
): Promise<Response> {
  const body = JSON.stringify(await desk.poll(device, originOf(context)))
  const etag = `"${hash('sha1', body, 'base64url')}"`
  if (context.req.header('if-none-match') === etag) {
    return new Response(null, { status: 304, headers: { etag } })
  }
  return new Response(body, { headers: { 'content-type': 'application/json', etag } })
}

async function nothingToDo(): Promise<Response> {
  return new Response(null, { status: 200 })
}

/** What is no number names no action. */
function actionIn({ req }: Asked): number {
  const text = req.param('id') ?? ''
  return /^\d{1,15}$/.test(text) ? Number(text) : 0
}

/** The Host header has been found to be ours. */
function originOf({ req }: Asked): string {
  return `http://${req.header('host') ?? ''}`
}
