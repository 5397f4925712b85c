import { readFile, stat } from 'node:fs/promises'
import { CodedError } from '../../base/coded-error'
import { adoptChip, brickChip, checkChipBytes, makeChip, type ChipOrder } from '../chip'
import type { HandsetModel } from '../model/model'
import { builtInSoftware, type BuiltInSoftware } from './built-in-software'

/** The chip of a handset that is about to start. */
export interface OpenedChip {
  readonly contents: Uint8Array
  /** The file that is named does not exist yet. */
  readonly isFileMissing: boolean
}

export interface NewChipOrder extends ChipOrder {
  readonly bricked: boolean
  /** An image, or a built-in version; null: none; undefined: the first one of the model. */
  readonly software?: Uint8Array | string | null | undefined
}

/** A chip as handsets leave the factory. Throws `SOFTWARE_UNKNOWN` or what `makeChip` throws. */
export function newChip(order: NewChipOrder, builtIn = builtInSoftware): Uint8Array {
  const { model, software } = order
  const isImage = software instanceof Uint8Array
  const image = isImage ? software : builtIn.chosen(model.name, software)
  return bricked(makeChip({ ...order, software: image }), order, builtIn)
}

/**
 * Reads the chip from a file where one is named and exists, else makes a new one. Rejects with a
 * CodedError `FLASH_FILE_UNFIT`, `FILE_UNREADABLE` or what {@link newChip} throws.
 */
export async function openChip(
  file: string | undefined,
  order: NewChipOrder,
  builtIn = builtInSoftware,
): Promise<OpenedChip> {
  const dump = file === undefined ? undefined : await readDump(file, order.model)
  const contents = dump ? bricked(adoptChip(dump, order), order, builtIn) : newChip(order, builtIn)
  return { contents, isFileMissing: file !== undefined && !dump }
}

/** The power failed while the model's next software was written over what the chip held. */
function bricked(chip: Uint8Array, order: NewChipOrder, builtIn: BuiltInSoftware): Uint8Array {
  if (order.bricked) brickChip(chip, { ...order, next: builtIn.next(order.model, chip) })
  return chip
}

/** Undefined where there is no such file. Reads nothing of a file that is no chip by its size. */
async function readDump(file: string, model: HandsetModel): Promise<Uint8Array | undefined> {
  try {
    const { size } = await stat(file)
    checkChipBytes(size, model)
    return await readFile(file)
  } catch (error) {
    if (error instanceof CodedError) throw error
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    const message = `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.`
    throw new CodedError('FILE_UNREADABLE', message, { file }, { cause: error })
  }
}
