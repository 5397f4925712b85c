import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CodedError } from '../../base/coded-error'
import { adoptChip, brickChip, checkChipBytes, makeChip, type ChipOrder } from '../chip'
import type { HandsetModel } from '../model/model'

/**
 * The chip of a handset that is about to start: from a file where one is named and exists, else
 * fresh, and then written to the file that is named. Rejects with a CodedError `FLASH_FILE_UNFIT`,
 * `FILE_UNREADABLE` or `FILE_UNWRITABLE`.
 */
export async function openChip(
  file: string | undefined,
  order: ChipOrder & { readonly bricked: boolean },
): Promise<Uint8Array> {
  const dump = file === undefined ? undefined : await readDump(file, order.model)
  const chip = dump ? adoptChip(dump, order) : makeChip(order)
  if (order.bricked) brickChip(chip, order)
  if (file !== undefined && !dump) await saveChip(file, chip)
  return chip
}

/** Writes a whole chip: the file holds all of it or is what it was before. */
export async function saveChip(file: string, chip: Uint8Array): Promise<void> {
  const temporary = `${file}.${process.pid}.part`
  try {
    const handle = await open(temporary, 'w')
    try {
      await handle.writeFile(chip)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
    await syncFolder(dirname(file))
  } catch (error) {
    await rm(temporary, { force: true })
    const message = `The flash cannot be written to ${file}: ${reasonOf(error)}.`
    throw new CodedError('FILE_UNWRITABLE', message, { file }, { cause: error })
  }
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
    const message = `${file} cannot be read: ${reasonOf(error)}.`
    throw new CodedError('FILE_UNREADABLE', message, { file }, { cause: error })
  }
}

/** A rename is on the disk once its folder is; not every system can sync a folder. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder).catch(() => undefined)
  await handle?.sync().catch(() => {})
  await handle?.close()
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
