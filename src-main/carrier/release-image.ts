import { hash } from 'node:crypto'
import { CodedError } from '../base/coded-error'
import { UPDATE_FILE_BYTES_MAX } from '../wire/update/messages'
import { descriptorFlaw, describedSoftware } from '../wire/image/descriptor'
import { flatten, type FirmwareImage } from '../wire/image/firmware-image'
import type { CatalogueRelease } from './catalogue'

export type ReleaseFacts = Pick<CatalogueRelease, 'model' | 'software' | 'bytes' | 'sha256'>

/**
 * What an image's own descriptor says of it, once it is proved to be the whole image. Throws
 * `RELEASE_UNFIT`: handsets compare what they hold with it byte for byte, so nothing may follow.
 */
export function releaseFactsOf(name: string, image: FirmwareImage): ReleaseFacts {
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
  return {
    model: software.model,
    software: { name: software.name, version: software.version },
    bytes: data.length,
    sha256: hash('sha256', data, 'hex'),
  }
}

function at(data: Uint8Array): (start: number, length: number) => Uint8Array {
  return (start, length) => data.subarray(start, start + length)
}
