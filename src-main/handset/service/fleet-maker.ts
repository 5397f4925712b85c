import type { Clock } from '../../base/clock'
import { Fleet } from '../fleet/fleet'
import { builtInSoftware } from './built-in-software'
import { FetchRadio } from './fetch-radio'
import { modelNamed } from './models'
import { nodeSha256 } from './node-sha256'

export interface FleetOrder {
  readonly name: string
  readonly model: string
  readonly size: number
  /** Version of built-in software; undefined: the first one of the model. */
  readonly software?: string | undefined
  readonly seed: number
}

export interface FleetMakerParts {
  readonly clock: Clock
  /** Where the carrier's server is, as an origin. */
  readonly carrierAddress: () => Promise<string>
  readonly onDefect: (error: unknown) => void
}

/** Made at once; a workbench answers others between two of these. */
const MADE_AT_ONCE = 50

/**
 * Makes a fleet that runs at once. `onChange` hears of every poll. Rejects with `MODEL_UNKNOWN`,
 * `SOFTWARE_UNKNOWN`, or with what `makeChip` throws.
 */
export async function makeFleet(
  { name, model: modelName, size, software, seed }: FleetOrder,
  {
    clock,
    carrierAddress: address,
    onDefect,
    onChange,
  }: FleetMakerParts & { onChange: () => void },
): Promise<Fleet> {
  const model = modelNamed(modelName)
  const fleet = new Fleet({
    name,
    model,
    seed,
    clock,
    onChange,
    onDefect,
    software: builtInSoftware.chosen(modelName, software),
    radio: new FetchRadio({ address, clock }),
    sha256: nodeSha256,
  })
  const made = clock.busy()
  try {
    while (fleet.size < size) {
      fleet.grow(Math.min(MADE_AT_ONCE, size - fleet.size))
      await new Promise(turned => void setImmediate(turned))
    }
  } finally {
    made()
  }
  return fleet
}
