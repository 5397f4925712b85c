import { equalBytes, toHex } from '../../base/bytes'
import type { Identity } from '../../contract/restore'
import { DEFAULT_BUFFER_BYTES } from '../../wire/smp/constants'
import type { SmpEncoding } from '../../wire/smp/encoding'
import type { DeviceParameters, ImageSlotState, SlotSize } from '../../wire/smp/messages'
import type { Holding, ListedSlot } from './driver'

/** What a device answered when it was asked who it is; undefined where it cannot tell. */
export interface SmpFacts {
  readonly encoding: SmpEncoding['name']
  readonly slots: readonly ImageSlotState[] | undefined
  readonly parameters: DeviceParameters | undefined
  readonly information: string | undefined
  readonly slotSizes: readonly SlotSize[] | undefined
}

/** Kintsugi's handsets: `Kintsugi MODEL restore-mode TERMINAL-ID`, or the version in its middle. */
const OWN_HANDSET = /^Kintsugi (?<model>\S+) (?<runs>\S+) (?<terminal>\S+)/
const RESTORE_MODE = 'restore-mode'

export function identityOf(facts: SmpFacts): Identity {
  const { slots, parameters, information, encoding } = facts
  const running = slots?.find(slot => slot.active) ?? slots?.[0]
  const own = OWN_HANDSET.exec(information ?? '')?.groups
  return {
    protocol: 'smp',
    encoding,
    device: {
      name: own?.['terminal'] ?? null,
      model: own?.['model'] ?? null,
      mode: modeOf(information),
      information: information ?? null,
    },
    software: running
      ? {
          version: running.version,
          hash: running.hash ? toHex(running.hash) : null,
          active: running.active,
        }
      : null,
    memory: {
      bufferBytes: parameters?.bufferBytes ?? DEFAULT_BUFFER_BYTES,
      bufferCount: parameters?.bufferCount ?? 1,
      slotBytes: sizeOf(facts, { image: 0, slot: 0 }),
    },
  }
}

/** Bootloaders do not know the information command, or say who they are. */
export function modeOf(information: string | undefined): Identity['device']['mode'] {
  if (information === undefined) return 'unknown'
  const runs = OWN_HANDSET.exec(information)?.groups?.['runs']
  return runs === RESTORE_MODE ? 'restore-mode' : 'software'
}

/** Every slot that the device listed. */
export function listedSlots(facts: SmpFacts): ListedSlot[] {
  return (facts.slots ?? []).map(({ image, slot, version }) => {
    return { image, slot, version, bytes: sizeOf(facts, { image, slot }) }
  })
}

function sizeOf({ slotSizes }: SmpFacts, place: { image: number; slot: number }): number | null {
  const found = slotSizes?.find(({ image, slot }) => image === place.image && slot === place.slot)
  return found?.bytes ?? null
}

/**
 * Whether slot 0 of image 0, the executable region, is listed with this hash (decision 0004).
 * What lies in other slots does not run.
 */
export function holdingOf(
  slots: readonly ImageSlotState[] | undefined,
  listedHash: Uint8Array,
): Holding {
  if (!slots) return { kind: 'unknown', reason: 'it does not list its images' }
  const hash = slots.find(({ image, slot }) => image === 0 && slot === 0)?.hash
  if (!hash) return { kind: 'unknown', reason: 'its list of images holds no hash for slot 0' }
  if (equalBytes(hash, listedHash)) return { kind: 'this-image' }
  return { kind: 'another', hash: toHex(hash) }
}
