import { CodedError } from '../../base/coded-error'
import { UPDATE_FILE_BYTES_MAX } from '../update/messages'
import { descriptorFlaw, describedSoftware } from './descriptor'
import { flatten, type FirmwareImage } from './firmware-image'

/** An image with what its own descriptor says of it. */
interface ReleaseImage {
  readonly model: string
  readonly software: { readonly name: string; readonly version: string }
  /** What lands in the flash. */
  readonly data: Uint8Array
}

/**
 * What can be handed out as a release: an image whose descriptor is proved to describe all of it.
 * Throws `RELEASE_UNFIT`: handsets compare what they hold with it byte for byte, so nothing may
 * follow. `name` is what people call the file.
 */
export function releaseImageOf(name: string, image: FirmwareImage): ReleaseImage {
  const { data } = flatten(image)
  const unfit = (problem: string) => {
    const message = `${name} cannot be a release: ${problem}. Build it with a software descriptor that describes it.`
    return new CodedError('RELEASE_UNFIT', message, { name, bytes: data.length })
  }
  const source = { length: data.length, read: at(data) }
  const software = describedSoftware(source)
  const flaw = descriptorFlaw(data)
  if (flaw !== undefined) throw unfit(flaw)
  if (!software) throw unfit('nothing in it says for which model it is')
  if (software.bytes !== data.length) {
    throw unfit(`it has ${data.length} bytes where its descriptor announces ${software.bytes}`)
  }
  if (data.length > UPDATE_FILE_BYTES_MAX) {
    throw unfit(`it has ${data.length} bytes; at most ${UPDATE_FILE_BYTES_MAX} can be sent`)
  }
  const { model, version } = software
  return { model, software: { name: software.name, version }, data }
}

function at(data: Uint8Array): (start: number, length: number) => Uint8Array {
  return (start, length) => data.subarray(start, start + length)
}
