import type { Kysely } from 'kysely'
import type { Clock } from '../../base/clock'
import { CodedError } from '../../base/coded-error'
import type { Rollout } from '../../contract/rollouts'
import type { AuditSink, TraceSink } from '../../observe/message'
import { newToken, tokenDigestOf } from '../../site/tokens'
import type { Schema } from '../../storage/schema'
import type { Answers, Consent } from '../rollout/ports'
import { CARRIER_PAGES, type CarrierMount } from '../server'
import { mountConsent } from './consent-mount'
import { consentPage, unknownPage } from './consent-page'
import { type Asked, type AskedQuestion, ConsentStore, type Unasked } from './consent-store'
import { languageOf } from './page-texts'
import { priceIn, standingOf } from './question'
import { questionMail } from './question-mail'

export interface ConsentDeskParts {
  readonly db: Kysely<Schema>
  readonly clock: Clock
  readonly trace: TraceSink
  readonly audit: AuditSink
  readonly answers: Answers
  /** Of the carrier's server, for links: `http://127.0.0.1:PORT`. */
  readonly carrierAddress: () => Promise<string>
}

const PAGE_PATH = `${CARRIER_PAGES}consent/`
/** So many questions are written down at once. */
const SLICE = 500

/**
 * Asks the manager of each usable device whether the update is wanted (S51, S52, AMB-1.10), and
 * takes the answers on a page of its own (S53).
 */
export class ConsentDesk implements Consent {
  readonly mount: CarrierMount
  readonly #parts: ConsentDeskParts
  readonly #store: ConsentStore

  constructor(parts: ConsentDeskParts) {
    this.#parts = parts
    this.#store = new ConsentStore(parts.db)
    this.mount = mountConsent(PAGE_PATH, {
      show: (token, request) => this.#show(token, request),
      answer: (token, answer, request) => this.#answer(token, answer, request),
    })
  }

  async ask(rollout: Rollout): Promise<void> {
    const { carrierAddress, clock } = this.#parts
    const links = `${await carrierAddress()}${PAGE_PATH}`
    const price = priceIn(rollout.additional)
    const end = clock.busy()
    try {
      for (let after = ''; ;) {
        const slice = await this.#store.unasked(rollout.id, after, SLICE)
        const last = slice.at(-1)
        if (!last) return
        after = last.deviceId
        const asked = slice.map(task => questionTo(task, { rollout, price, links }))
        await this.#store.asked(asked, clock.now())
        // Others have their turn between the slices of a large rollout.
        await new Promise<void>(turned => void setImmediate(turned))
      }
    } finally {
      end()
    }
  }

  async #show(token: string, request: Request): Promise<Response> {
    const question = await this.#store.withDigest(tokenDigestOf(token))
    return question ? this.#page(question, request) : this.#unknown(request)
  }

  /** A page that was answered is read again, so that reading it once more answers nothing. */
  async #answer(token: string, answer: 'yes' | 'no', request: Request): Promise<Response> {
    const digest = tokenDigestOf(token)
    const question = await this.#store.withDigest(digest)
    if (!question) return this.#unknown(request)
    const task = { rolloutId: question.rollout.id, deviceId: question.device.deviceId }
    this.#trace('answer', 'sent', { ...task, answer })
    try {
      await this.#parts.answers.answered(task, answer)
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
      this.#trace('answer-refused', 'refused', { ...task, code: error.code })
      const now = (await this.#store.withDigest(digest)) ?? question
      return this.#page(now, request, true)
    }
    this.#trace('answer-taken', 'answered', task)
    const location = new URL(request.url).pathname
    return new Response(null, { status: 303, headers: { location, 'cache-control': 'no-store' } })
  }

  #page(question: AskedQuestion, request: Request, isIneffective = false): Response {
    const { rollout, task } = question
    const standing = standingOf(task, rollout, this.#parts.clock.now())
    const page = { question, answer: task.answer, standing, isIneffective }
    return consentPage(page, languageIn(request), isIneffective ? 409 : 200)
  }

  #unknown(request: Request): Response {
    const message = 'A page was asked for with a token that belongs to no question.'
    this.#parts.audit.refuse({ actor: 'carrier', code: 'QUESTION_UNKNOWN', message })
    return unknownPage(languageIn(request))
  }

  #trace(
    type: string,
    outcome: 'sent' | 'answered' | 'refused',
    fields: Readonly<Record<string, string | number>>,
  ): void {
    const [from, to] = outcome === 'sent' ? ['manager', 'carrier'] : ['carrier', 'manager']
    this.#parts.trace.record({ from, to, label: '1:S53', type, fields, outcome })
  }
}

function languageIn({ headers }: Request) {
  return languageOf(headers.get('accept-language'))
}

interface Round {
  readonly rollout: Rollout
  readonly price: string | null
  /** What a token is put behind. */
  readonly links: string
}

function questionTo(task: Unasked, { rollout, price, links }: Round): Asked {
  const { taskId, deviceId, managerEmail: to } = task
  const { token, tokenDigest: digest } = newToken()
  const question = { release: rollout, price, device: task, deadline: rollout.deadline }
  const payload = { to, label: '1:S52', ...questionMail(question, `${links}${token}`) }
  const key = `question:R${rollout.id}-${deviceId}`
  return { taskId, digest, entry: { key, payload: JSON.stringify(payload) } }
}
