import type { Identity, RestorePlan } from '../contract/restore'
import { descriptorFlaw, describedSoftware, modelMadeFor } from '../wire/image/descriptor'
import { sourceOf } from '../wire/image/mcuboot'

/** Why an image must not be written. */
export interface Misfit {
  readonly reason: string
  readonly nextStep: string
  /** Whoever insists may write it all the same: nothing is proved, much speaks against it. */
  readonly canForce: boolean
}

type Warning = RestorePlan['warnings'][number]

/**
 * What speaks against an image for a device before anything is sent (decision 0004): it does not
 * fit, or names another model, or is no longer what its own descriptor describes.
 */
export function misfitOf(image: Uint8Array, { device, memory }: Identity): Misfit | undefined {
  const { slotBytes } = memory
  if (slotBytes !== null && image.length > slotBytes) {
    const reason = `the image has ${image.length} bytes, and slot 0 of the device takes ${slotBytes}`
    return { reason, nextStep: ANOTHER_IMAGE, canForce: false }
  }
  const madeFor = device.model === null ? undefined : modelMadeFor(image, device.model)
  if (madeFor !== undefined) {
    const reason = `the image was made for ${madeFor}, and the device is a ${device.model}`
    return { reason, nextStep: ANOTHER_IMAGE, canForce: false }
  }
  const flaw = descriptorFlaw(image)
  return flaw === undefined ? undefined : { reason: `${DAMAGED}${flaw}`, ...FETCH_AGAIN }
}

/** What a person should know, and what does not stand in the way. */
export function warningsFor(image: Uint8Array, device: Identity): Warning[] {
  return [unknownFit(device), olderSoftware(image, device), uncheckedLine(device)].filter(
    warning => warning !== undefined,
  )
}

const ANOTHER_IMAGE = 'Choose the image that is made for this device.'
const DAMAGED = 'the image is damaged: '
const FETCH_AGAIN = {
  nextStep: 'Fetch or build the image again; --force writes it as it is.',
  canForce: true,
} as const

function unknownFit({ device, memory }: Identity): Warning | undefined {
  if (device.model !== null || memory.slotBytes !== null) return undefined
  const message =
    'The device says neither its model nor how much it takes, so nobody can tell whether the ' +
    'image fits. Make sure that it is the image for this device.'
  return { code: 'FIT_UNKNOWN', message }
}

function olderSoftware(image: Uint8Array, { software }: Identity): Warning | undefined {
  const version = describedSoftware(sourceOf(image))?.version
  if (version === undefined || !software || !isOlder(version, software.version)) return undefined
  const message = `The device holds version ${software.version}, the image is ${version}: older.`
  return { code: 'SOFTWARE_OLDER', message }
}

function uncheckedLine({ encoding }: Identity): Warning | undefined {
  if (encoding !== 'raw') return undefined
  const message =
    'Nothing checks bytes on the line in raw encoding: only the digest at the end tells a spoilt one.'
  return { code: 'LINE_UNCHECKED', message }
}

/** Versions of numbers and dots; anything else is neither older nor newer. */
function isOlder(version: string, than: string): boolean {
  if (![version, than].every(text => /^\d+(\.\d+)*$/.test(text))) return false
  const [ours, theirs] = [version, than].map(text => text.split('.').map(Number))
  const difference = (theirs ?? []).findIndex((part, index) => part !== (ours?.[index] ?? 0))
  return difference >= 0 && (ours?.[difference] ?? 0) < (theirs?.[difference] ?? 0)
}
