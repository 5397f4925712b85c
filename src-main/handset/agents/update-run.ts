import { CodedError } from '../../base/coded-error'
import type { HandsetUpdate, UpdateOutcome } from '../../contract/handsets'
import {
  reportedOutcome,
  type Inquiry,
  type Report,
  type UpdateInformation,
} from '../../wire/update/messages'
import { RadioLost } from '../radio/radio'
import type { RewriteProgress } from '../boot/rewriter'
import type { SecuredArea } from './agent-host'
import { ReceivedFile } from './received-file'
import { retrying, UpdateTransfer, type TransferParts } from './update-transfer'

export interface UpdateEnd {
  readonly outcome: UpdateOutcome
  /** Why, in words. */
  readonly message: string | null
  /** For the carrier, where the handset refused or gave up. */
  readonly reason?: NonNullable<Report['reason']>
}

export interface UpdateRunParts extends Omit<TransferParts, 'onReceived'> {
  /** Refuses what the handset's vendor does not vouch for; rejects with why. */
  readonly prove: (update: UpdateInformation, inquiry: Inquiry) => Promise<void>
  /** What the server announced; told once. */
  readonly onAnnounced: (
    announced: Pick<HandsetUpdate, 'kind' | 'target' | 'fileBytes' | 'ramBytes'>,
  ) => void
  readonly onProgress: (progress: RewriteProgress) => void
  /** From here on nothing can be taken back. */
  readonly onRewrite: () => void
  /** How it ended; the server is still to hear of it. */
  readonly onDecided: (end: UpdateEnd) => void
}

const RAM_CODES: ReadonlySet<string> = new Set(['RAM_INSUFFICIENT', 'RAM_SECURED'])

/**
 * One update over the radio, in the order that the specification demands: secure, request, receive
 * and store, rewrite (S0-25). Rejects with the reason of the signal where it is stopped, and with
 * defects of ours; everything else is an end.
 */
export class UpdateRun {
  readonly #parts: UpdateRunParts
  #holdsRam = false

  constructor(parts: UpdateRunParts) {
    this.#parts = parts
  }

  /** It has, or is about to have, an area of the RAM that must be given back. */
  get holdsRam(): boolean {
    return this.#holdsRam
  }

  async run(): Promise<UpdateEnd> {
    const { client, host, stop } = this.#parts
    const inquiry = host.inquiry()
    let update: UpdateInformation | undefined
    try {
      update = await retrying(this.#parts, () => client.inquire(inquiry, stop))
    } catch (error) {
      return { outcome: 'link-lost', message: this.#wordsOf(error) }
    }
    if (!update) return noUpdate(inquiry.neededFile !== null)
    const end = await this.#carryOut(update, inquiry)
    this.#parts.onDecided(end)
    await this.#report(update.id, end)
    return end
  }

  async #carryOut(update: UpdateInformation, inquiry: Inquiry): Promise<UpdateEnd> {
    const { host, prove } = this.#parts
    const { kind, target, file, workBytes } = update
    const ramBytes = file.bytes + workBytes
    this.#parts.onAnnounced({ kind, target: target.id, fileBytes: file.bytes, ramBytes })
    try {
      await retrying(this.#parts, () => prove(update, inquiry))
      const content = await this.#store(update, ramBytes)
      return await this.#rewrite(content, target.bytes)
    } catch (error) {
      if (this.#holdsRam) host.release()
      this.#holdsRam = false
      host.enter(undefined)
      const message = this.#wordsOf(error)
      const code = error instanceof CodedError ? error.code : 'LINK_LOST'
      return { outcome: outcomeOf(error), message, reason: { code, message } }
    }
  }

  /** U4 to U7: everything up to a file in RAM that is proved to make the announced software. */
  async #store(update: UpdateInformation, ramBytes: number): Promise<Uint8Array> {
    const { host, stop, onProgress } = this.#parts
    const { bytes } = update.file
    host.enter('limiting')
    const area = await stop.unlessStopped(this.#secure(ramBytes))
    host.enter('secured')
    const file = new ReceivedFile(area, bytes)
    const onReceived = (doneBytes: number) => onProgress({ doneBytes, totalBytes: bytes })
    onReceived(0)
    await new UpdateTransfer({ ...this.#parts, onReceived }, update, file).run()
    host.enter('stored')
    host.prove(file.content, update)
    return file.content
  }

  async #secure(bytes: number): Promise<SecuredArea> {
    try {
      this.#holdsRam = true
      return await this.#parts.host.secure(bytes)
    } catch (error) {
      // Somebody else may hold an area.
      this.#holdsRam = false
      throw error
    }
  }

  /** U8 and U9. The start behind it gives all RAM away. */
  async #rewrite(content: Uint8Array, totalBytes: number): Promise<UpdateEnd> {
    const { host, stop, onProgress, onRewrite } = this.#parts
    onRewrite()
    onProgress({ doneBytes: 0, totalBytes })
    const end = await stop.unlessStopped(host.rewrite(content, onProgress))
    this.#holdsRam = false
    return end
  }

  /** U10. That the server does not hear of it changes nothing about what became of the handset. */
  async #report(id: string, { outcome, reason }: UpdateEnd): Promise<void> {
    const { client, host, stop } = this.#parts
    const reported = reportedOutcome.safeParse(outcome)
    if (!reported.success) return
    const { terminalId } = host
    const { software } = host.inquiry()
    const report = { terminalId, outcome: reported.data, software, ...(reason ? { reason } : {}) }
    try {
      await retrying(this.#parts, () => client.report(id, report, stop))
    } catch (error) {
      this.#wordsOf(error)
    }
  }

  /** Of what a handset must expect. Throws what it need not: a stop, and defects of ours. */
  #wordsOf(error: unknown): string {
    const { reason } = this.#parts.stop
    if (reason) throw reason
    if (error instanceof RadioLost || error instanceof CodedError) return error.message
    throw error
  }
}

function noUpdate(isNeeded: boolean): UpdateEnd {
  if (!isNeeded) return { outcome: 'no-update', message: null }
  const message =
    'The carrier does not have the file that finishes the rewrite. Restore the handset by wire.'
  return { outcome: 'no-update', message }
}

function outcomeOf(error: unknown): UpdateOutcome {
  if (error instanceof RadioLost) return 'link-lost'
  const code = error instanceof CodedError ? error.code : ''
  if (code.startsWith('METADATA_')) return 'metadata-refused'
  return RAM_CODES.has(code) ? 'ram-insufficient' : 'file-refused'
}
