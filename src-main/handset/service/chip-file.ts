import { readFile, stat } from 'node:fs/promises'
import { CodedError } from '../../base/coded-error'
import { adoptChip, brickChip, checkChipBytes, makeChip, type ChipOrder } from '../chip'
import type { HandsetModel } from '../model/model'

/** The chip of a handset that is about to start. */
export interface OpenedChip {
  readonly contents: Uint8Array
  /** The file that is named does not exist yet. */
  readonly isFileMissing: boolean
}

/**
 * Reads the chip from a file where one is named and exists, else makes a fresh one. Rejects with a
 * CodedError `FLASH_FILE_UNFIT` or `FILE_UNREADABLE`.
 */
export async function openChip(
  file: string | undefined,
  order: ChipOrder & { readonly bricked: boolean },
): Promise<OpenedChip> {
  const dump = file === undefined ? undefined : await readDump(file, order.model)
  const contents = dump ? adoptChip(dump, order) : makeChip(order)
  if (order.bricked) brickChip(contents, order)
  return { contents, isFileMissing: file !== undefined && !dump }
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
