import { randomBytes } from 'node:crypto'
import type { Clock } from '../base/clock'
import { CodedError } from '../base/coded-error'
import { printableText } from '../base/printable'
import type { EventSink } from '../observe/events'
import type { AuditSink, TraceSink } from '../observe/message'
import type {
  Inquiry,
  InquiryAnswer,
  Report,
  UpdateInformation,
  transferAnswer,
  transferRequest,
} from '../wire/update/messages'
import { type CatalogueRelease, releasesFor } from './catalogue'
import { type FileShelf, isLost, NO_BASE } from './file-shelf'
import { type CarrierStore, isOpen, type KeptUpdate, type MadeFile, shownUpdate } from './store'
import type { Assignments } from './rollout/assignments'
import { isToken, newToken } from '../site/tokens'
import { traceUpdate } from './update-trace'
import { within } from './within'
import type * as z from 'zod'

export interface UpdateDeskParts {
  readonly store: CarrierStore
  readonly shelf: FileShelf
  /** Which terminals get what a rollout brings, and nothing else. */
  readonly assignments: Assignments
  readonly clock: Clock
  readonly trace: TraceSink
  readonly audit: AuditSink
  readonly events: EventSink
}

/** The file of an update, for the handset that asked for it. */
export interface HandedFile {
  readonly update: KeptUpdate
  readonly bytes: Uint8Array
}

/** What of a file went out, and whether all that was asked for did. */
export interface Sending {
  readonly from: number
  readonly to: number
  readonly outcome: 'sent' | 'lost'
}

type TransferRequest = z.infer<typeof transferRequest>
type TransferAnswer = z.infer<typeof transferAnswer>

/** A handset waits for an answer no longer than this; it asks again then. */
const ANSWER_MS_MAX = 8000
const TOKEN_MS = 3_600_000
/** Of the words that a handset gives for a refusal. */
const REASON_CHARACTERS_MAX = 500
const ID_BYTES = 16
/** What was sent for an earlier request proves nothing for the next one. */
const NO_TOKEN = { tokenDigest: null, tokenUntil: null } as const
/** Handsets that the server knows at most. */
const DEVICES_MAX = 100_000

/** Decides what handsets are told and given, whatever carries it (spec 2.0.2, steps U1 to U10). */
export class UpdateDesk {
  readonly #parts: UpdateDeskParts
  /** Changes one after the other: what is asked at the same time must not become two updates. */
  #changes: Promise<unknown> = Promise.resolve()

  constructor(parts: UpdateDeskParts) {
    this.#parts = parts
  }

  /**
   * U1 to U3. Rejects with `DEVICES_FULL`, with `SERVER_BUSY`, and with `FILE_IN_THE_MAKING` where
   * the file takes longer than a handset waits.
   */
  async inquire(inquiry: Inquiry): Promise<InquiryAnswer> {
    const { terminalId, software } = inquiry
    const version = software?.id.version ?? null
    this.#trace('U1', { terminalId, payload: inquiry, fields: { version } }, 'inquiry')
    await this.#change(() => this.#see(inquiry))
    await this.#parts.assignments.seen(inquiry)
    const update = await this.#offer(inquiry)
    const fields = update
      ? { update: update.id, kind: update.kind, bytes: update.file.bytes }
      : { update: null }
    const answer: InquiryAnswer = { update: update ?? null }
    this.#trace('U3', { terminalId, payload: answer, fields }, 'update information')
    return answer
  }

  /** U5. Only from here on the file is given, and only for the token (S0-26). */
  async request(id: string, { terminalId }: TransferRequest): Promise<TransferAnswer> {
    return this.#change(async () => {
      const update = await this.#open(id, terminalId)
      if (!(await this.#parts.assignments.began(update))) throw notNow(update)
      const { token, tokenDigest } = newToken()
      const now = this.#parts.clock.now()
      const granted = { tokenDigest, tokenUntil: now + TOKEN_MS }
      await this.#changeUpdate(update, { state: 'requested', sentBytes: 0, ...granted })
      this.#trace('U5', { terminalId, fields: { update: id } }, 'transfer request')
      return { token }
    })
  }

  /** U6. Rejects with `TOKEN_WRONG`, `UPDATE_ENDED` or `FILE_GONE`. */
  async file(id: string, token: string): Promise<HandedFile> {
    const { store, shelf, clock } = this.#parts
    const update = await store.update(id)
    const { tokenDigest, tokenUntil } = update ?? {}
    if (!update || !tokenDigest || !isToken(token, tokenDigest)) {
      throw new CodedError('TOKEN_WRONG', 'The token is not one for this file. Request it first.')
    }
    mustBeOpen(update)
    if ((tokenUntil ?? 0) < clock.now()) {
      throw new CodedError('TOKEN_WRONG', 'The token is too old. Request the file again.')
    }
    const file = await store.fileWith(update.fileSha256)
    const release = await store.release(update.releaseId)
    if (!file || !release) throw gone(update)
    try {
      return { update, bytes: await shelf.bytesOf(file, release) }
    } catch (error) {
      throw isLost(error) ? gone(update) : error
    }
  }

  /** What went out of a file; its last byte makes it sent. */
  async sent({ update, bytes }: HandedFile, { from, to, outcome }: Sending): Promise<void> {
    const { id, terminalId, fileSha256 } = update
    traceUpdate(this.#parts.trace, {
      step: 'U6',
      type: 'update file',
      isFromHandset: false,
      terminalId,
      outcome,
      fields: { update: id, from, to, of: bytes.length, file: fileSha256 },
      payload: bytes.subarray(from, to),
    })
    await this.#change(async () => {
      const now = await this.#parts.store.update(id)
      if (now?.state !== 'requested') return
      const sentBytes = Math.max(now.sentBytes, to)
      const state = sentBytes === bytes.length ? 'sent' : 'requested'
      await this.#changeUpdate(now, { state, sentBytes })
      await this.#parts.assignments.sent(now, sentBytes)
    })
  }

  /**
   * U10. The same report again is taken as it was. Rejects with `UPDATE_UNKNOWN`, `UPDATE_ENDED`,
   * and with `REPORT_UNPROVED` for a success of what was never sent or is not what was announced.
   */
  async report(id: string, report: Report): Promise<void> {
    const { terminalId, outcome, software } = report
    await this.#change(async () => {
      const known = await this.#known(id, terminalId)
      if (known.state === outcome) return
      mustBeOpen(known)
      if (outcome === 'updated') await this.#mustBeProved(known, software?.sha256)
      const fields = { update: id, outcome, version: software?.id.version ?? null }
      this.#trace('U10', { terminalId, payload: report, fields }, 'report')
      this.#audit(report)
      const device = await this.#parts.store.device(terminalId)
      if (device) {
        const lastSeenAt = this.#parts.clock.now()
        const held = software?.id ?? device.software
        await this.#parts.store.keepDevice({ ...device, software: held, lastSeenAt })
      }
      // First the task: a report that comes again finds the update open, and what was done done.
      await this.#parts.assignments.ended(known, report)
      await this.#changeUpdate(known, { state: outcome, ...NO_TOKEN })
    })
  }

  /** Resolves when everything that was begun is written down. */
  async settle(): Promise<void> {
    await this.#changes
  }

  /** Keeps who asked, as it reports itself (S0-12, S0-14). */
  async #see({ terminalId, model, software }: Inquiry): Promise<void> {
    const { store, clock } = this.#parts
    const known = await store.device(terminalId)
    if (!known && (await store.deviceCount()) >= DEVICES_MAX) {
      const message = `The server knows ${DEVICES_MAX} handsets and takes no more. Use another data folder.`
      throw new CodedError('DEVICES_FULL', message, { limit: DEVICES_MAX })
    }
    // A handset whose region is half written cannot say what it holds, but it was something.
    const held = software?.id ?? known?.software ?? null
    const seen = { terminalId, model, software: held, lastSeenAt: clock.now() }
    await store.keepDevice(seen)
    const update = known?.update ?? null
    this.#parts.events.publish({ kind: 'device-changed', device: { ...seen, update } })
    if (update?.state === 'sent') await this.#settleSent(terminalId, software?.sha256)
  }

  /**
   * A handset whose power failed after the last step forgot which update it was; that it holds the
   * software of what it was sent proves as much as a report.
   */
  async #settleSent(terminalId: string, sha256: string | undefined): Promise<void> {
    const { store } = this.#parts
    const newest = await store.newestUpdate(terminalId)
    if (newest?.state !== 'sent' || sha256 === undefined) return
    const release = await store.release(newest.releaseId)
    if (release?.sha256 === sha256)
      await this.#changeUpdate(newest, { state: 'updated', ...NO_TOKEN })
  }

  async #offer(inquiry: Inquiry): Promise<UpdateInformation | undefined> {
    for (;;) {
      const chosen = await this.#inTime(this.#choose(inquiry))
      if (!chosen) return undefined
      const update = await this.#change(() => this.#announce(inquiry, chosen))
      if (update) return update
    }
  }

  /** U2. Undefined: there is nothing for this handset. */
  async #choose(inquiry: Inquiry): Promise<Chosen | undefined> {
    const { assignments, store, shelf } = this.#parts
    if (inquiry.neededFile !== null) return this.#needed(inquiry, inquiry.neededFile)
    const assigned = await assignments.offered(inquiry.terminalId)
    const among = assigned === undefined ? await store.releases() : assigned ? [assigned] : []
    const fitting = releasesFor(inquiry, among)
    if (assigned && fitting.length === 0) await assignments.unfit(inquiry)
    for (const release of fitting) {
      try {
        return { release, file: await shelf.fileFor(release, inquiry) }
      } catch (error) {
        if (!(error instanceof CodedError) || !isLost(error)) throw error
        const { name, version } = release.software
        const message = `${name} ${version} cannot be given to ${inquiry.terminalId}: ${error.message}`
        this.#parts.audit.refuse({ actor: 'carrier', code: error.code, message })
      }
    }
    return undefined
  }

  /**
   * The very file whose rewrite was cut off, also after its release was withdrawn: nothing else
   * that comes over the air can help this handset (decision 0003).
   */
  async #needed({ terminalId, model }: Inquiry, neededFile: string): Promise<Chosen | undefined> {
    const file = await this.#parts.store.fileWith(neededFile)
    const release = file && (await this.#parts.store.release(file.releaseId))
    if (file && release?.model === model) {
      this.#parts.assignments.rescued(terminalId)
      return { release, file }
    }
    const message = `${terminalId} needs the file ${neededFile}, which was never made here for its model ${model}. Restore it by wire.`
    this.#parts.audit.refuse({ actor: 'carrier', code: 'FILE_UNKNOWN', message })
    return undefined
  }

  /**
   * One update for each file that a handset is on the way to, however often it asks. Undefined
   * where the release was withdrawn while its file was made.
   */
  async #announce(
    inquiry: Inquiry,
    { release, file }: Chosen,
  ): Promise<UpdateInformation | undefined> {
    const { terminalId, software, neededFile } = inquiry
    const offered = await this.#parts.store.release(release.id)
    if (neededFile === null && offered?.withdrawnAt !== null) return undefined
    const open = await this.#parts.store.openUpdate(terminalId, file.sha256)
    const now = this.#parts.clock.now()
    const update = open ?? {
      id: randomBytes(ID_BYTES).toString('base64url'),
      terminalId,
      from: software?.id ?? null,
      to: release.software,
      kind: file.base === NO_BASE ? ('full' as const) : ('differential' as const),
      fileBytes: file.bytes,
      sentBytes: 0,
      state: 'announced' as const,
      announcedAt: now,
      changedAt: now,
      releaseId: release.id,
      fileSha256: file.sha256,
      ...NO_TOKEN,
    }
    if (!open) await this.#parts.store.insertUpdate(update)
    await this.#changeUpdate(update, { state: 'announced', sentBytes: 0, ...NO_TOKEN })
    return {
      id: update.id,
      kind: update.kind,
      target: { id: release.software, bytes: release.bytes, sha256: release.sha256 },
      file: { bytes: file.bytes, sha256: file.sha256 },
      workBytes: file.workBytes,
    }
  }

  async #mustBeProved(update: KeptUpdate, sha256: string | undefined): Promise<void> {
    const release = await this.#parts.store.release(update.releaseId)
    if (update.state === 'sent' && sha256 !== undefined && sha256 === release?.sha256) return
    const why = update.state === 'sent' ? 'it holds other software' : 'the file was never sent'
    const message = `${update.terminalId} cannot have finished the update ${update.id}: ${why}.`
    throw new CodedError('REPORT_UNPROVED', message, { id: update.id })
  }

  async #open(id: string, terminalId: string): Promise<KeptUpdate> {
    const update = await this.#known(id, terminalId)
    mustBeOpen(update)
    return update
  }

  /** What is another handset's is as unknown as what never was. */
  async #known(id: string, terminalId: string): Promise<KeptUpdate> {
    const update = await this.#parts.store.update(id)
    if (update?.terminalId === terminalId) return update
    const message = `There is no update ${id} for ${terminalId}. Inquire first.`
    throw new CodedError('UPDATE_UNKNOWN', message, { id })
  }

  async #changeUpdate(
    update: KeptUpdate,
    change: Omit<Parameters<CarrierStore['changeUpdate']>[1], 'changedAt'>,
  ): Promise<void> {
    const changed = { ...change, changedAt: this.#parts.clock.now() }
    await this.#parts.store.changeUpdate(update.id, changed)
    const shown = shownUpdate({ ...update, ...changed })
    this.#parts.events.publish({ kind: 'update-changed', update: shown })
    await this.#publishDevice(update.terminalId)
  }

  async #publishDevice(terminalId: string): Promise<void> {
    const device = await this.#parts.store.device(terminalId)
    if (device) this.#parts.events.publish({ kind: 'device-changed', device })
  }

  /** Why a handset refused what it was given is told to nobody but the carrier. */
  #audit({ terminalId, outcome, reason }: Report): void {
    if (outcome === 'updated' || !reason) return
    const message = `${terminalId}: ${printableText(reason.message, REASON_CHARACTERS_MAX)}`
    this.#parts.audit.refuse({ actor: 'handset', code: reason.code, message })
  }

  #inTime<Result>(work: Promise<Result>): Promise<Result> {
    return within(this.#parts.clock, ANSWER_MS_MAX, {
      work,
      late: () => new CodedError('FILE_IN_THE_MAKING', 'The file is being made. Ask again soon.'),
    })
  }

  #trace(
    step: 'U1' | 'U3' | 'U5' | 'U10',
    passage: Pick<Parameters<typeof traceUpdate>[1], 'terminalId' | 'payload' | 'fields'>,
    type: string,
  ): void {
    traceUpdate(this.#parts.trace, { step, type, isFromHandset: step !== 'U3', ...passage })
  }

  #change<Result>(change: () => Promise<Result>): Promise<Result> {
    const result = this.#changes.then(change)
    this.#changes = result.catch(() => undefined)
    return result
  }
}

interface Chosen {
  readonly release: CatalogueRelease
  readonly file: MadeFile
}

function mustBeOpen({ id, state }: KeptUpdate): void {
  if (isOpen(state)) return
  const message = `The update ${id} has ended as ${state}. Inquire again.`
  throw new CodedError('UPDATE_ENDED', message, { id, state })
}

function notNow({ id, terminalId }: KeptUpdate): CodedError {
  const message = `${terminalId} may not have the file of the update ${id} now. Inquire again later.`
  return new CodedError('UPDATE_ENDED', message, { id })
}

function gone({ id, fileSha256 }: KeptUpdate): CodedError {
  const message = `The file ${fileSha256} of the update ${id} is lost. Inquire again.`
  return new CodedError('FILE_GONE', message, { id, sha256: fileSha256 })
}
