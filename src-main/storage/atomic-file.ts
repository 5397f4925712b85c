import { randomUUID } from 'node:crypto'
import { open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Begins the name of every file that is still being written. */
const INCOMING = '.incoming-'

/**
 * Writes a file so that its name always leads to the old or the new content, whole, and the new
 * one is on the disk when this resolves. Readable by its owner only, unless `mode` says otherwise.
 */
export async function writeFileAtomically(
  path: string,
  content: string | Uint8Array,
  mode = 0o600,
): Promise<void> {
  const temporary = temporaryIn(dirname(path))
  try {
    const file = await open(temporary, 'wx', mode)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await settleUnder(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/**
 * Resolves where {@link writeFileAtomically} could write a file now; leaves nothing behind. Rejects
 * with the file system's own error.
 */
export async function proveWritable(path: string): Promise<void> {
  const there = await stat(path).catch(() => undefined)
  if (there && !there.isFile()) throw new Error('something that is no file has that name')
  const temporary = temporaryIn(dirname(path))
  try {
    const file = await open(temporary, 'wx', 0o600)
    await file.close()
  } finally {
    await rm(temporary, { force: true })
  }
}

/** A name for a file that is to be renamed when it is whole. */
export function temporaryIn(folder: string): string {
  return join(folder, `${INCOMING}${randomUUID()}`)
}

/** Gives a whole, synced file its final name, durably. */
export async function settleUnder(temporary: string, path: string): Promise<void> {
  await rename(temporary, path)
  await syncFolder(dirname(path))
}

/** Makes renames and removals in a folder durable. Windows does so itself and has no such call. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Removes what a killed process left unfinished. Only for whoever holds the data lock. */
export async function removeUnfinished(folder: string): Promise<void> {
  const names = await readdir(folder)
  const unfinished = names.filter(name => name.startsWith(INCOMING))
  await Promise.all(unfinished.map(name => rm(join(folder, name), { force: true })))
}
