import { CodedError } from '../../base/coded-error'
import type { Rollout } from '../../contract/rollouts'
import type { CatalogueRelease } from '../catalogue'
import type { Clock } from '../../base/clock'
import type { AnnouncedRelease, RolloutBook, StoredSoftware } from './ports'
import type { RolloutCourse } from './rollout-course'
import type { RolloutLedger } from './rollout-ledger'
import { changedSettings } from './rollout-settings'
import type { RolloutStore } from './rollout-store'

export interface RolloutEntryParts {
  readonly clock: Clock
  readonly rollouts: RolloutStore
  readonly ledger: RolloutLedger
  readonly course: RolloutCourse
  /** Firmware goes into the update catalogue, for this rollout alone. Rejects with `RELEASE_UNFIT`. */
  readonly assign: (rolloutId: number, software: StoredSoftware) => Promise<CatalogueRelease>
}

/** Where releases enter the carrier, whatever brings them in. */
export class RolloutEntry implements RolloutBook {
  readonly #parts: RolloutEntryParts

  constructor(parts: RolloutEntryParts) {
    this.#parts = parts
  }

  async announced(release: AnnouncedRelease): Promise<Rollout> {
    const { clock, ledger, rollouts } = this.#parts
    if (await rollouts.isReturned(release)) throw returned(release)
    const { acquisition, settings: wanted = {} } = release
    const settings = changedSettings(await rollouts.defaults(), { ...wanted, acquisition })
    const { rollout } = await rollouts.enter(release, settings, clock.now())
    if (rollout.state === 'returned') throw returned(release)
    await ledger.tell(rollout.id)
    return ledger.shown(rollout.id)
  }

  async fetching(id: number): Promise<void> {
    await this.#parts.ledger.step(id, { kind: 'fetch' })
  }

  async refused(id: number, message: string): Promise<void> {
    await this.#parts.ledger.step(id, { kind: 'refused' }, { reason: message })
  }

  async interrupted(id: number, message: string): Promise<void> {
    await this.#parts.ledger.step(id, { kind: 'interrupted' }, { reason: message })
  }

  async stored(id: number, software: StoredSoftware): Promise<void> {
    const { assign, clock, course, ledger } = this.#parts
    const isFirmware = software.kind === 'firmware'
    const assigned = isFirmware ? await assign(id, software) : undefined
    const change = { ...software, storedAt: clock.now(), catalogueId: assigned?.id ?? null }
    course.follow(await ledger.step(id, { kind: 'stored' }, change))
  }

  rollout(id: number): Promise<Rollout> {
    return this.#parts.ledger.shown(id)
  }
}

function returned({ vendorName, vendorReleaseId, revision }: AnnouncedRelease): CodedError {
  const message = `Revision ${revision} (release ${vendorReleaseId}) of ${vendorName} failed its trial and was returned. The vendor registers it anew.`
  return new CodedError('RELEASE_RETURNED', message, { vendorName, vendorReleaseId })
}
