import { randomBytes } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Clock } from '../../base/clock'
import { CodedError } from '../../base/coded-error'
import type { Customer, Rollout } from '../../contract/rollouts'
import type { TrialProfile, TrialReport } from '../../contract/vendor'
import type { AuditSink, TraceSink } from '../../observe/message'
import type { Schema } from '../../storage/schema'
import type { GivenAnswer } from '../../wire/device/messages'
import { pause } from '../pause'
import type { Delivery, DeliveryEnd, Trial } from '../rollout/ports'
import { inWords, judge, pauseAfter, type Question, questionOf, USUAL_PROFILE } from './judgement'
import { testDeviceFor } from './test-device'

export interface TestDeviceTrialParts {
  readonly db: Kysely<Schema>
  readonly clock: Clock
  readonly trace: TraceSink
  readonly audit: AuditSink
  readonly delivery: Delivery
}

const STEP = '32'
const DELIVERIES_MAX = 3
const DELIVERY_PAUSE_MS = 60_000
const NONCE_BYTES = 8

interface Tried {
  readonly rollout: Rollout
  readonly device: Customer
  readonly signal: AbortSignal
}

/** Tries a release on a test device of its vendor before any other device gets it (S31 to S35). */
export class TestDeviceTrial implements Trial {
  readonly #parts: TestDeviceTrialParts

  constructor(parts: TestDeviceTrialParts) {
    this.#parts = parts
  }

  /**
   * Keeps nothing: a trial that was interrupted runs again from its beginning. Rejects with
   * `TRIAL_IMPOSSIBLE` where the test device could not be given the software at all, for which the
   * vendor is not to blame, and with the reason of the signal.
   */
  async run(rollout: Rollout, signal: AbortSignal): Promise<TrialReport | undefined> {
    signal.throwIfAborted()
    const device = await testDeviceFor(this.#parts.db, rollout)
    this.#traceLookup(rollout, device)
    if (!device) return undefined
    const startedAt = this.#parts.clock.now()
    const tried = { rollout, device, signal }
    const failure = await this.#delivered(tried)
    const result = failure === undefined ? await this.#questioned(tried) : notInstalled(failure)
    const endedAt = this.#parts.clock.now()
    const report = { deviceId: device.deviceId, ...result, startedAt, endedAt }
    if (report.outcome !== 'passed') this.#audit(rollout, report)
    return report
  }

  /** S32. Gives why the software did not get onto the device; undefined where it did. */
  async #delivered(tried: Tried): Promise<string | undefined> {
    const { clock } = this.#parts
    for (let attempt = 1; ; attempt++) {
      const { end, sentBytes } = await this.#deliver(tried)
      tried.signal.throwIfAborted()
      if (end.outcome === 'downloaded') return undefined
      if (attempt < DELIVERIES_MAX) {
        await pause(clock, DELIVERY_PAUSE_MS, tried.signal)
        continue
      }
      if (end.outcome === 'failed' && sentBytes > 0) return end.reason
      const { deviceId } = tried.device
      const message = `The test device ${deviceId} could not be given the software: ${end.reason} Put that right, then resume the rollout.`
      throw new CodedError('TRIAL_IMPOSSIBLE', message, { deviceId })
    }
  }

  async #deliver({ rollout, device, signal }: Tried): Promise<{
    end: DeliveryEnd
    sentBytes: number
  }> {
    let sentBytes = 0
    const end = await this.#parts.delivery.deliver({
      customer: device,
      // A trial is of software that runs, also where other devices are only to record it (S1-41).
      rollout: { ...rollout, settings: { ...rollout.settings, delivery: 'install' } },
      steps: { access: STEP, authenticate: STEP, download: STEP },
      onProgress: sent => (sentBytes = Math.max(sentBytes, sent)),
      signal,
    })
    return { end, sentBytes }
  }

  /** S33 to S35: until it answers as prescribed, or the waiting time is over. */
  async #questioned(tried: Tried): Promise<Pick<TrialReport, 'outcome' | 'answer' | 'message'>> {
    const { clock } = this.#parts
    const { rollout, signal } = tried
    const profile = rollout.additional?.trial ?? USUAL_PROFILE
    const software = { name: rollout.softwareName, version: rollout.version }
    const begun = clock.now()
    const until = begun + profile.waitSeconds * 1000
    let [outcome, answer]: [TrialReport['outcome'], string | null] = ['no-answer', null]
    for (;;) {
      const { given, question } = await this.#ask(tried, profile)
      signal.throwIfAborted()
      const judged = judge(given, question, software)
      const now = clock.now()
      // Silence at the end, or an answer after it, takes nothing back of what was answered before.
      const isHeard = judged !== 'no-answer' && now <= until
      if (isHeard) [outcome, answer] = [judged, given?.answer ?? null]
      if (outcome === 'passed' || now >= until) {
        return { outcome, answer, message: inWords(outcome, software, profile.waitSeconds) }
      }
      await pause(clock, Math.min(pauseAfter(now - begun), until - now), signal)
    }
  }

  async #ask(
    { device, signal }: Tried,
    profile: TrialProfile,
  ): Promise<{ given: GivenAnswer | undefined; question: Question }> {
    const question = questionOf(profile, randomBytes(NONCE_BYTES).toString('hex'))
    const given = await this.#parts.delivery.testSignal(device, question.signal, signal)
    return { question, given }
  }

  #traceLookup({ id, vendorName }: Rollout, device: Customer | undefined): void {
    this.#parts.trace.record({
      from: 'carrier',
      to: 'carrier',
      label: '1:S31',
      type: 'test-device-lookup',
      fields: {
        rolloutId: id,
        vendorName,
        deviceId: device?.deviceId ?? null,
        ipAddress: device?.ipAddress ?? null,
      },
      outcome: 'answered',
    })
  }

  #audit({ softwareName, version, vendorName }: Rollout, { deviceId, message }: TrialReport): void {
    const what = `${softwareName} ${version} of ${vendorName} failed its trial on ${deviceId}`
    this.#parts.audit.refuse({
      actor: 'carrier',
      code: 'TRIAL_FAILED',
      message: `${what}: ${message}`,
    })
  }
}

function notInstalled(reason: string): Pick<TrialReport, 'outcome' | 'answer' | 'message'> {
  const message = `The test device did not take the software: ${reason}`
  return { outcome: 'not-installed', answer: null, message }
}
