import { CodedError } from '../../src-main/base/coded-error'
import { nextRollout, type RolloutInput } from '../../src-main/carrier/rollout/rollout-machine'
import type {
  AnnouncedRelease,
  RolloutBook,
  StoredSoftware,
} from '../../src-main/carrier/rollout/ports'
import { type Rollout, rolloutSettings } from '../../src-main/contract/rollouts'
import { sampleRollout, writeDown, type PartsBench } from './parts-bench'

/** Rollouts in memory that follow the state machine, for parts that bring releases in. */
export class SampleRolloutBook implements RolloutBook {
  readonly rollouts: Rollout[] = []
  /** States that were gone through, each with its rollout. */
  readonly history: string[] = []
  readonly #bench: Pick<PartsBench, 'db' | 'clock'>

  constructor(bench: Pick<PartsBench, 'db' | 'clock'>) {
    this.#bench = bench
  }

  async announced(release: AnnouncedRelease): Promise<Rollout> {
    const known = this.rollouts.find(
      ({ vendorName, vendorReleaseId }) =>
        vendorName === release.vendorName && vendorReleaseId === release.vendorReleaseId,
    )
    if (known?.state === 'returned') throw new CodedError('RELEASE_RETURNED', 'It was returned.')
    if (known) return known
    const { settings, acquisition, ...named } = release
    const sample = sampleRollout()
    const rollout: Rollout = {
      ...sample,
      ...named,
      id: this.rollouts.length + 1,
      kind: null,
      digest: null,
      bytes: null,
      additional: null,
      settings: rolloutSettings.parse({ ...sample.settings, ...settings, acquisition }),
      state: 'notified',
      storedAt: null,
    }
    this.rollouts.push(rollout)
    await writeDown(this.#bench, rollout)
    return rollout
  }

  async fetching(id: number): Promise<void> {
    this.move(id, { kind: 'fetch' })
  }

  async refused(id: number, message: string): Promise<void> {
    this.move(id, { kind: 'refused' }, { reason: message })
  }

  async interrupted(id: number, message: string): Promise<void> {
    this.move(id, { kind: 'interrupted' }, { reason: message })
  }

  async stored(id: number, software: StoredSoftware): Promise<void> {
    this.move(id, { kind: 'stored' }, { ...software, reason: null })
  }

  async rollout(id: number): Promise<Rollout> {
    const rollout = this.rollouts.find(each => each.id === id)
    if (rollout) return rollout
    throw new CodedError('ROLLOUT_UNKNOWN', 'There is none.')
  }

  move(id: number, input: RolloutInput, changes: Partial<Rollout> = {}): void {
    const index = this.rollouts.findIndex(each => each.id === id)
    const rollout = this.rollouts[index]
    if (!rollout) throw new CodedError('ROLLOUT_UNKNOWN', 'There is none.')
    const step = nextRollout(rollout.state, input, rollout.settings)
    if (!step) throw new CodedError('ROLLOUT_STATE', `It is ${rollout.state}.`)
    this.rollouts[index] = { ...rollout, ...changes, state: step.state }
    this.history.push(`${id} ${step.state}`)
  }
}
