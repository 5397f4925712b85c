import type { Clock } from '../../base/clock'
import { CodedError } from '../../base/coded-error'
import type { Rollout } from '../../contract/rollouts'
import type { TrialReport } from '../../contract/vendor'
import type { AuditSink, TraceSink } from '../../observe/message'
import type { Returns } from '../rollout/ports'
import { VendorDatabase } from './vendor-database'
import type { VendorRegistry } from './vendor-registry'

export interface VendorReturnsParts {
  readonly clock: Clock
  readonly trace: TraceSink
  readonly audit: AuditSink
  readonly registry: VendorRegistry
}

/**
 * Gives releases that failed their trial back to their vendors (S37, S1-45): to the vendor's
 * database, or by the channel through which they were uploaded (AMB-1.22, S1-49).
 */
export class VendorReturns implements Returns {
  readonly #parts: VendorReturnsParts

  constructor(parts: VendorReturnsParts) {
    this.#parts = parts
  }

  async returnToVendor(rollout: Rollout, report: TrialReport): Promise<void> {
    if (rollout.settings.acquisition === 'upload') return this.#keepForVendor(rollout, report)
    const { clock, registry } = this.#parts
    const database = new VendorDatabase(clock, await registry.access(rollout.vendorName))
    try {
      await database.giveBack(rollout.vendorReleaseId, report)
    } catch (error) {
      if (!isSettled(error)) throw error
      // The vendor will not say anything else tomorrow.
      this.#parts.audit.refuse({ actor: 'carrier', code: error.code, message: error.message })
    }
  }

  /** The vendor finds it where it looks for its upload; the rollout itself says `returned`. */
  #keepForVendor(rollout: Rollout, report: TrialReport): void {
    this.#parts.trace.record({
      from: 'carrier',
      to: 'vendor',
      label: '1:S37',
      type: 'return',
      fields: { uploadId: rollout.id, deviceId: report.deviceId, result: report.outcome },
      outcome: 'sent',
      payload: Buffer.from(JSON.stringify(report)),
    })
  }
}

/** The vendor has taken another report for it, or has never handed it out. */
function isSettled(error: unknown): error is CodedError {
  return error instanceof CodedError && error.data['status'] === 409
}
