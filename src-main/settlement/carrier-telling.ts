import type { Clock } from '../base/clock'
import { CodedError } from '../base/coded-error'
import type { Invoice } from '../contract/settlement'
import type { Message, TraceSink } from '../observe/message'
import { askSite } from '../site/ask-site'
import { CARRIER_SETTLEMENT_PATH, type SettlementNotice } from '../wire/settlement/messages'
import type { Telling } from './news'
import { traceSettlement } from './settlement-trace'

export interface CarrierTellingParts {
  readonly clock: Clock
  readonly trace: TraceSink
  readonly carrierAddress: () => Promise<string>
  readonly secret: string
  /** Aborted when the apparatus ends. */
  readonly signal: AbortSignal
}

const ANSWER_BYTES_MAX = 16 * 1024

/** Tells the carrier over HTTP what became of an invoice. */
export class CarrierTelling {
  readonly #parts: CarrierTellingParts

  constructor(parts: CarrierTellingParts) {
    this.#parts = parts
  }

  async tell({ id, state, paidAt }: Invoice): Promise<Telling> {
    const notice: SettlementNotice = { id, state, paidAt }
    const status = await this.#post(notice)
    const isTaken = status !== undefined && status >= 200 && status < 300
    this.#trace(notice, isTaken ? 'sent' : status === undefined ? 'lost' : 'refused')
    if (isTaken) return 'told'
    return status === undefined ? 'nobody' : 'later'
  }

  /** The status of the answer; undefined where none came. */
  async #post(notice: SettlementNotice): Promise<number | undefined> {
    const { clock, carrierAddress, secret, signal } = this.#parts
    try {
      const answer = await askSite(clock, {
        base: await carrierAddress(),
        method: 'POST',
        path: CARRIER_SETTLEMENT_PATH,
        headers: { authorization: `Bearer ${secret}` },
        body: notice,
        signal,
      })
      // The line is free for the next one only when the answer was read.
      await answer.bytes(ANSWER_BYTES_MAX)
      return answer.status
    } catch (error) {
      if (error instanceof CodedError || signal.aborted) return undefined
      throw error
    }
  }

  #trace(notice: SettlementNotice, outcome: Message['outcome']): void {
    traceSettlement(this.#parts.trace, {
      from: 'settlement',
      to: 'carrier',
      type: 'settlement notice',
      fields: { invoice: notice.id, state: notice.state },
      payload: notice,
      outcome,
    })
  }
}
