import { equalBytes, toHex } from '../../base/bytes'
import type { Identity } from '../../contract/restore'
import { DEFAULT_BUFFER_BYTES } from '../../wire/smp/constants'
import type { DeviceParameters, ImageSlotState } from '../../wire/smp/messages'
import type { Holding } from './driver'

/** What a device answered when it was asked who it is; undefined where it cannot tell. */
export interface SmpFacts {
  readonly slots: readonly ImageSlotState[] | undefined
  readonly parameters: DeviceParameters | undefined
  readonly information: string | undefined
}

/** The restore mode of Kintsugi's handsets: `Kintsugi MODEL restore-mode TERMINAL-ID`. */
const RESTORE_MODE = /^Kintsugi (?<model>\S+) restore-mode (?<terminal>\S+)$/

export function identityOf({ slots, parameters, information }: SmpFacts): Identity {
  const running = slots?.find(slot => slot.active) ?? slots?.[0]
  return {
    protocol: 'smp',
    device: {
      name: RESTORE_MODE.exec(information ?? '')?.groups?.['terminal'] ?? null,
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
    },
  }
}

/** Bootloaders do not know the information command, or say who they are. */
export function modeOf(information: string | undefined): Identity['device']['mode'] {
  if (information === undefined) return 'unknown'
  return RESTORE_MODE.test(information) ? 'restore-mode' : 'software'
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
