import type { RolloutSettings } from '../../contract/rollouts'
import type { DeliverySteps } from './ports'

/** Numbers of steps, which the embodiment decides (spec 2.1.3 to 2.1.6). */
export interface EmbodimentSteps extends DeliverySteps {
  /** Finding usable devices in the customer table. */
  readonly find: string
  /** The normal end. */
  readonly end: string
  /** The notice to the manager. */
  readonly notice: string
}

function steps(find: number, access: number): EmbodimentSteps {
  return {
    find: String(find),
    access: String(access),
    authenticate: String(access + 1),
    download: String(access + 2),
    end: String(access + 3),
    notice: String(access + 4),
  }
}

const UPLOAD = steps(2, 3)
const FETCH = steps(19, 20)
const TRIED = steps(38, 39)
const CONSENT: EmbodimentSteps = {
  find: '51',
  access: '55',
  authenticate: '55',
  download: '55',
  end: '55',
  notice: '58',
}

/** Consent is numbered by embodiment 4 also after a trial, which has its own numbers before. */
export function stepsOf({
  acquisition,
  trial,
  consent,
}: Pick<RolloutSettings, 'acquisition' | 'trial' | 'consent'>): EmbodimentSteps {
  if (consent) return CONSENT
  if (trial) return TRIED
  return acquisition === 'fetch' ? FETCH : UPLOAD
}

/** As the trace has it: `1:S20`. */
export function stepLabel(step: string): string {
  return `1:S${step}`
}
