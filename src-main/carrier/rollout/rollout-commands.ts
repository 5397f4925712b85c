import { CodedError } from '../../base/coded-error'
import type { Rollout, RolloutState } from '../../contract/rollouts'
import type { AuditSink } from '../../observe/message'
import { audited } from '../audited'
import { forgiven } from './groups'
import type { RolloutCourse } from './rollout-course'
import type { RolloutLedger } from './rollout-ledger'
import { ENDED_ROLLOUTS } from './rollout-machine'
import { changedSettings, type SettingsChange } from './rollout-settings'
import type { KeptRollout } from './rollout-store'
import type { TaskSlices } from './task-slices'

export interface RolloutCommandsParts {
  readonly audit: AuditSink
  readonly ledger: RolloutLedger
  readonly course: Pick<RolloutCourse, 'follow' | 'held' | 'inTurn' | 'isTrying' | 'touch'>
  readonly slices: TaskSlices
  /** S12, in the background. */
  readonly fetch: (rolloutId: number) => void
  /** Ends what goes out to polling devices whose task is no longer active. */
  readonly recheck: (rolloutId: number) => Promise<void>
}

interface ById {
  readonly id: number
}

const CONFIGURABLE: ReadonlySet<RolloutState> = new Set([
  'notified',
  'fetching',
  'auth-refused',
  'stored',
])
const FETCHABLE: ReadonlySet<RolloutState> = new Set(['notified', 'auth-refused'])
const WITH_TASKS: ReadonlySet<RolloutState> = new Set(['collecting-consent', 'distributing'])

/** What people do with rollouts. Refusals are in the audit. */
export class RolloutCommands {
  readonly #parts: RolloutCommandsParts

  constructor(parts: RolloutCommandsParts) {
    this.#parts = parts
  }

  /** Rejects with `ROLLOUT_STATE` once devices are chosen, or a trial goes on. */
  configure(id: number, change: SettingsChange): Promise<Rollout> {
    const { course, ledger } = this.#parts
    return this.#inTurn(id, async rollout => {
      if (!CONFIGURABLE.has(rollout.state) || rollout.groups.length > 0) {
        throw refused(rollout, 'its settings can no longer be changed')
      }
      const settings = changedSettings(rollout.settings, change)
      await ledger.change(id, { settings })
      if (rollout.state !== 'stored') return
      // It waited for a test device that is perhaps not wanted any more.
      course.follow({ rollout, effects: [settings.trial ? 'try' : 'select'] })
    })
  }

  fetchAgain({ id }: ById): Promise<Rollout> {
    return this.#inTurn(id, async rollout => {
      const isFetched = rollout.settings.acquisition === 'fetch'
      if (!isFetched || !FETCHABLE.has(rollout.state)) {
        const why = isFetched ? 'there is nothing to fetch' : 'its vendor uploads the software'
        throw refused(rollout, why)
      }
      this.#parts.fetch(id)
    })
  }

  pause({ id }: ById): Promise<Rollout> {
    const { course, ledger, recheck } = this.#parts
    return this.#inTurn(id, async rollout => {
      if (ENDED_ROLLOUTS.has(rollout.state)) throw refused(rollout, 'it has ended')
      await ledger.change(id, { isPaused: true, reason: 'Somebody paused it.' })
      await course.held(id)
      await recheck(id)
    })
  }

  /** Goes on, also with a trial that could not be made and with groups that a threshold stopped. */
  resume({ id }: ById): Promise<Rollout> {
    const { course, ledger } = this.#parts
    return this.#inTurn(id, async rollout => {
      const { state, settings, isPaused } = rollout
      const isWaiting = (state === 'stored' || state === 'testing') && !course.isTrying(id)
      if (!isPaused && !isWaiting) throw refused(rollout, 'nothing holds it up')
      const groups = forgiven(rollout.groups)
      await ledger.change(id, { isPaused: false, reason: null, groups })
      if (isWaiting && state === 'testing') {
        course.follow(await ledger.step(id, { kind: 'trial-broken' }))
      } else if (isWaiting) {
        course.follow({ rollout, effects: [settings.trial ? 'try' : 'select'] })
      }
      course.touch(id)
    })
  }

  /** Not in turn: what is under way need not come to its end first. */
  cancel({ id }: ById): Promise<Rollout> {
    const { audit, course, ledger } = this.#parts
    return audited(audit, async () => {
      course.follow(await ledger.step(id, { kind: 'cancel' }))
      await course.inTurn(async () => {})
      return ledger.shown(id)
    })
  }

  /** Gives how many devices get another round. */
  retry(given: ById & { readonly deviceIds?: readonly string[] | undefined }): Promise<number> {
    const { audit, course, ledger, slices } = this.#parts
    const { id, deviceIds } = given
    return audited(audit, () =>
      course.inTurn(async () => {
        const rollout = await ledger.kept(id)
        const isClosed = rollout.state === 'closed'
        if (!isClosed && !WITH_TASKS.has(rollout.state)) {
          throw refused(rollout, 'no device can be tried again')
        }
        if (!(await slices.hasRetryable(id, deviceIds))) return 0
        // First the rollout: one that a stop leaves without an open task closes again by itself.
        if (isClosed) await ledger.step(id, { kind: 'reopened' }, { closedAt: null })
        const retried = await slices.retried(rollout, deviceIds)
        course.touch(id)
        return retried
      }),
    )
  }

  #inTurn(id: number, work: (rollout: KeptRollout) => Promise<void>): Promise<Rollout> {
    const { audit, course, ledger } = this.#parts
    return audited(audit, async () => {
      await course.inTurn(async () => work(await ledger.kept(id)))
      return ledger.shown(id)
    })
  }
}

function refused({ id, state }: KeptRollout, why: string): CodedError {
  const message = `Rollout ${id} is ${state}: ${why}.`
  return new CodedError('ROLLOUT_STATE', message, { id, state })
}
