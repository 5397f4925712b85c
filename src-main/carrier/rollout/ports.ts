import type { Customer, Rollout, RolloutSettings } from '../../contract/rollouts'
import type { TrialReport } from '../../contract/vendor'
import type { GivenAnswer } from '../../wire/device/messages'
import type { SettingsChange } from './rollout-settings'

// How the parts of the carrier's server meet. Each part knows only what it needs of the others.

/** What a notice says of a vendor's release. */
export interface AnnouncedRelease extends Pick<
  Rollout,
  'vendorName' | 'vendorReleaseId' | 'softwareName' | 'version' | 'revision'
> {
  readonly acquisition: RolloutSettings['acquisition']
  readonly settings?: SettingsChange | undefined
}

/** What a rollout knows once its software lies in the software storage. */
export type StoredSoftware = {
  [Field in 'kind' | 'model' | 'digest' | 'bytes' | 'additional']: Field extends 'model'
    ? string | null
    : NonNullable<Rollout[Field]>
} & Pick<Rollout, 'softwareName' | 'version' | 'revision'>

/** The rollouts, for what brings releases in. */
export interface RolloutBook {
  /**
   * Enters a release; gives the rollout that there is where it was announced before. Rejects with
   * `RELEASE_RETURNED` for a revision that failed its trial (S1-48).
   */
  announced(release: AnnouncedRelease): Promise<Rollout>
  /** S12 has begun. */
  fetching(id: number): Promise<void>
  /** S17: the vendor's database refused; a new attempt begins at `notified`. */
  refused(id: number, message: string): Promise<void>
  /** The line broke or the bytes were wrong: back to `notified`, with the reason. */
  interrupted(id: number, message: string): Promise<void>
  /** S18: the software lies in the storage, and the rollout goes on by itself (S1-09). */
  stored(id: number, software: StoredSoftware): Promise<void>
  /** Rejects with `ROLLOUT_UNKNOWN`. */
  rollout(id: number): Promise<Rollout>
}

/** Software storage 6: bytes of releases under their SHA-256. */
export interface SoftwareStorage {
  /** Keeps bytes that have this length and digest; rejects with `SOFTWARE_WRONG` otherwise. */
  put(
    content: AsyncIterable<Uint8Array>,
    expected: { readonly bytes: number; readonly digest: string },
  ): Promise<void>
  /** Rejects with `BLOB_DAMAGED`. */
  read(digest: string): Promise<Uint8Array>
}

/** Gives a release back that failed its trial (S37). Resolves when the vendor has it. */
export interface Returns {
  returnToVendor(rollout: Rollout, report: TrialReport): Promise<void>
}

export type DeliveryEnd =
  | { readonly outcome: 'downloaded' }
  | { readonly outcome: 'auth-failed' | 'failed'; readonly reason: string }

export interface DeliveryOrder {
  readonly customer: Customer
  readonly rollout: Rollout
  /** Labels of the trace: `20` to `22`, `39` to `41`, … as the embodiment numbers them. */
  readonly steps: DeliverySteps
  /** Asked before the first byte goes out; false ends the attempt. */
  readonly mayBegin?: (totalBytes: number) => Promise<boolean>
  readonly onProgress: (sentBytes: number, totalBytes: number) => void
  readonly signal: AbortSignal
}

/** Step labels of access, authentication and download, which differ by embodiment. */
export interface DeliverySteps {
  readonly access: string
  readonly authenticate: string
  readonly download: string
}

/** Brings software to a device that is reached by its IP address (S3 to S6). Never rejects. */
export interface Delivery {
  deliver(order: DeliveryOrder): Promise<DeliveryEnd>
  /** S33: one test signal; undefined where nobody answers, and soon after it is cut off. */
  testSignal(customer: Customer, signal: string, cut: AbortSignal): Promise<GivenAnswer | undefined>
}

/** What came of a trial. */
export interface Trial {
  /**
   * Brings the software to the vendor's test device and asks it, until it answers as prescribed or
   * the time is over (S31 to S35). Undefined where no test device fits: the rollout waits (AMB-1.7).
   */
  run(rollout: Rollout, signal: AbortSignal): Promise<TrialReport | undefined>
}

/** Asks managers whether they want an update (S51 to S57). */
export interface Consent {
  /**
   * Puts the question for each task that awaits an answer into the outbox. The same again asks
   * nobody twice.
   */
  ask(rollout: Rollout): Promise<void>
}

/** What answers come in to. */
export interface Answers {
  /** Rejects with `TASK_UNKNOWN`, with `ANSWER_LATE`, and once the download has begun. */
  answered(
    task: { readonly rolloutId: number; readonly deviceId: string },
    answer: 'yes' | 'no',
  ): Promise<void>
}
