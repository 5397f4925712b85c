import { formatAddress } from '../base/bytes'
import { CodedError } from '../base/coded-error'
import { regionOf, type HandsetModel } from '../handset/model/model'
import { builtInSoftware } from '../handset/service/built-in-software'
import { flatten, type FirmwareImage } from '../wire/image/firmware-image'
import { readImage } from '../wire/image/read-image'
import { readImageFile } from './image-file'

const NONE = 'none'
const LIKE_A_VERSION = /^\d+(\.\d+)*$/

/**
 * What `--software` means: nothing was said (undefined), none (null), a built-in version, or the
 * image in a file. Rejects where the file cannot be read, is no image or lies elsewhere.
 */
export async function readSoftwareOption(
  text: string | undefined,
  model: HandsetModel,
  onWarning: (line: string) => void,
): Promise<Uint8Array | string | null | undefined> {
  if (text === undefined) return undefined
  if (text === NONE) return null
  const isBuiltIn = builtInSoftware.list().some(({ version }) => version === text)
  if (isBuiltIn || LIKE_A_VERSION.test(text)) return text
  const { content } = await readImageFile(text)
  const image = readImage(new Uint8Array(content))
  for (const { message } of image.warnings) onWarning(`warning: ${message}`)
  return placeInRegion(image, model)
}

/**
 * An image as it lies from the start of the executable region on, erased flash before it where its
 * addresses leave some. Throws a CodedError `OPTION_UNFIT` where they lead outside the region.
 */
export function placeInRegion(image: FirmwareImage, model: HandsetModel): Uint8Array {
  const { address, data } = flatten(image)
  if (image.format === 'bin') return data
  const region = regionOf(model, 'executable')
  const start = model.execution.windowAddress + region.address
  const end = start + region.bytes
  if (address < start || address + data.length > end) {
    const message =
      `The software lies from ${formatAddress(address)} to ${formatAddress(address + data.length)}, ` +
      `the executable region of a ${model.name} from ${formatAddress(start)} to ${formatAddress(end)}.`
    throw new CodedError('OPTION_UNFIT', message, { address, bytes: data.length, start, end })
  }
  const placed = new Uint8Array(address - start + data.length).fill(0xff)
  placed.set(data, address - start)
  return placed
}
