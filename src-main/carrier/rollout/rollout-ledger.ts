import type { Kysely } from 'kysely'
import type { Clock } from '../../base/clock'
import { CodedError } from '../../base/coded-error'
import type { Rollout } from '../../contract/rollouts'
import type { EventSink } from '../../observe/events'
import type { Schema } from '../../storage/schema'
import { enterOutbox } from './outbox-store'
import { nextRollout, type RolloutEffect, type RolloutInput } from './rollout-machine'
import {
  type KeptRollout,
  moveRollout,
  type RolloutChange,
  type RolloutStore,
  shownRollout,
} from './rollout-store'

export interface RolloutLedgerParts {
  readonly db: Kysely<Schema>
  readonly clock: Clock
  readonly events: EventSink
  readonly rollouts: RolloutStore
}

export interface RolloutMoved {
  readonly rollout: KeptRollout
  readonly effects: readonly RolloutEffect[]
}

type Change = Omit<RolloutChange, 'at'>

/** Changes rollouts by the machine alone, and tells of every change. */
export class RolloutLedger {
  readonly #parts: RolloutLedgerParts

  constructor(parts: RolloutLedgerParts) {
    this.#parts = parts
  }

  /** Rejects with `ROLLOUT_UNKNOWN`. */
  async kept(id: number): Promise<KeptRollout> {
    const rollout = await this.#parts.rollouts.rollout(id)
    if (rollout) return rollout
    const message = `There is no rollout ${id}. The list of rollouts names them.`
    throw new CodedError('ROLLOUT_UNKNOWN', message, { id })
  }

  async shown(id: number): Promise<Rollout> {
    return shownRollout(await this.kept(id), await this.#parts.rollouts.counts(id))
  }

  /** Rejects with `ROLLOUT_UNKNOWN`, and with `ROLLOUT_STATE` where the input has no place. */
  async step(id: number, input: RolloutInput, change: Change = {}): Promise<RolloutMoved> {
    const { clock, db } = this.#parts
    const before = await this.kept(id)
    const settings = change.settings ?? before.settings
    const next = nextRollout(before.state, input, settings)
    if (!next) throw misplaced(before, input)
    const at = clock.now()
    const isMoved = await db.transaction().execute(async changes => {
      const states = { from: before.state, to: next.state }
      if (!(await moveRollout(changes, id, states, { ...change, at }))) return false
      if (next.effects.includes('return')) {
        const payload = { rolloutId: id }
        await enterOutbox(changes, { key: `return:R${id}`, kind: 'return', payload }, at)
      }
      return true
    })
    // Somebody else was quicker: what there is now decides.
    if (!isMoved) return this.step(id, input, change)
    await this.tell(id)
    return { rollout: await this.kept(id), effects: next.effects }
  }

  /** Changes what is no state. */
  async change(id: number, change: Change): Promise<void> {
    await this.#parts.rollouts.change(id, { ...change, at: this.#parts.clock.now() })
    await this.tell(id)
  }

  async tell(id: number): Promise<void> {
    this.#parts.events.publish({ kind: 'rollout-changed', rollout: await this.shown(id) })
  }
}

function misplaced({ id, state, softwareName, version }: KeptRollout, { kind }: RolloutInput) {
  const message = `Rollout ${id} (${softwareName} ${version}) is ${state}; ${WORDS[kind]} has no place there.`
  return new CodedError('ROLLOUT_STATE', message, { id, state })
}

const WORDS: Readonly<Record<RolloutInput['kind'], string>> = {
  fetch: 'fetching its software',
  refused: 'a refusal',
  interrupted: 'an interruption',
  stored: 'storing its software',
  'trial-begun': 'a trial',
  'trial-waits': 'waiting for a test device',
  'trial-broken': 'another trial',
  'trial-ended': 'the end of a trial',
  selected: 'choosing devices',
  collected: 'the end of the collection of answers',
  ended: 'the end',
  reopened: 'another round',
  cancel: 'cancelling it',
}
