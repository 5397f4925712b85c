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

/** Typical durations of the flash's operations, and the part whose data sheet gives them. */
export interface FlashTiming {
  readonly profile: string
  readonly eraseMilliseconds: number
  readonly programMilliseconds: number
}

export const RESTORE_PROTOCOLS = ['smp'] as const
export type RestoreProtocol = (typeof RESTORE_PROTOCOLS)[number]

/** What a kind of handset is made of: data of `resources/handsets`, checked by `readModel`. */
export interface HandsetModel {
  readonly name: string
  readonly flash: FlashGeometry & { readonly timing: FlashTiming }
  /** As the CPU sees it. */
  readonly ram: { readonly address: number; readonly bytes: number }
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
