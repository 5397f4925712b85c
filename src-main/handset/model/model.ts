import type { FlashGeometry } from '../flash/flash-port'

/** The parts of a handset's flash, in no particular order of addresses. */
export const REGION_NAMES = [
  'protected',
  'executable',
  'journal',
  'stash',
  'backup',
  'identity',
  'application-storage',
] as const
export type RegionName = (typeof REGION_NAMES)[number]

export interface Region {
  readonly name: RegionName
  /** From the start of the flash. */
  readonly address: number
  readonly bytes: number
}

/** How long the operations of a flash take, and how often its sectors can be erased. */
export interface FlashTiming {
  /** The part whose data sheet gives the numbers. */
  readonly profile: string
  /** Of a new sector. Wear brings it to the maximum at the endurance. */
  readonly eraseMilliseconds: number
  readonly eraseMillisecondsMax: number
  /** What one program operation takes for each so many bytes or fewer. */
  readonly programBytes: number
  readonly programMilliseconds: number
  readonly programMillisecondsMax: number
  /** Erases of a sector until it is worn. */
  readonly endurance: number
}

/** Software that holds RAM while it runs (spec 2.0.1). */
export interface RamTask {
  readonly name: string
  /** As the CPU sees it. */
  readonly address: number
  readonly bytes: number
  /** Rank in which its operation is limited, from 1; null: exempt, it always runs. */
  readonly limitRank: number | null
}

export const RESTORE_PROTOCOLS = ['smp'] as const
export type RestoreProtocol = (typeof RESTORE_PROTOCOLS)[number]

/** What a kind of handset is made of: data of `resources/handsets`, checked by `readModel`. */
export interface HandsetModel {
  readonly name: string
  readonly flash: FlashGeometry & { readonly timing: FlashTiming }
  /** As the CPU sees it. */
  readonly ram: {
    readonly address: number
    readonly bytes: number
    /** In the order of their addresses; bit n of a set of tasks is the n-th of them. */
    readonly tasks: readonly RamTask[]
    /** Page in which boot code and software meet; null on models without a CPU. */
    readonly handoverAddress: number | null
  }
  /** Null: a model that no firmware exists for; its software is never executed. */
  readonly cpu: { readonly hertz: number } | null
  readonly display: { readonly width: number; readonly height: number } | null
  readonly execution: {
    /** Where the CPU sees the first byte of the flash. */
    readonly windowAddress: number
    /** Of the vector table, from the start of the executable region. */
    readonly vectorOffset: number
  }
  readonly regions: readonly Region[]
  readonly restore: {
    readonly protocols: readonly RestoreProtocol[]
    readonly smp: {
      /** Of a decoded frame: packet, two length bytes and two of CRC. */
      readonly bufferBytes: number
      readonly bufferCount: number
    }
  }
}

export function regionOf(model: HandsetModel, name: RegionName): Region {
  const region = model.regions.find(candidate => candidate.name === name)
  if (!region) throw new Error(`Handset model ${model.name} has no region ${name}`)
  return region
}
