import { constants, type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import { CodedError } from '../base/coded-error'
import { IMAGE_FILE_BYTES_MAX } from '../contract/constants'

interface GivenFile {
  readonly name: string
  readonly content: Uint8Array
}

interface FileLimit {
  readonly bytesMax: number
  /** Of the error where a file has more. */
  readonly code: string
  /** `an image file` */
  readonly kind: string
}

/** Reads a file. Throws `FILE_NOT_FOUND`, `FILE_UNREADABLE` or `IMAGE_TOO_LARGE`. */
export function readImageFile(path: string): Promise<GivenFile> {
  const limit = { bytesMax: IMAGE_FILE_BYTES_MAX, code: 'IMAGE_TOO_LARGE', kind: 'an image file' }
  return readGivenFile(path, limit)
}

/** Reads a file. Throws `FILE_NOT_FOUND`, `FILE_UNREADABLE` or the limit's own code. */
export async function readGivenFile(path: string, limit: FileLimit): Promise<GivenFile> {
  const file = await openGivenFile(path, limit)
  try {
    return { name: basename(path), content: await file.readFile() }
  } catch (error) {
    throw explained(path, error)
  } finally {
    await file.close()
  }
}

/** The same for a file that is read in pieces. */
export async function openGivenFile(path: string, limit: FileLimit): Promise<FileHandle> {
  let file: FileHandle
  try {
    // A pipe would otherwise be waited for until somebody writes into it. Windows knows no such flag.
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  } catch (error) {
    throw explained(path, error)
  }
  try {
    const stats = await file.stat()
    if (stats.isDirectory()) throw unreadable(path, 'is a folder; name the file in it')
    if (!stats.isFile()) throw unreadable(path, 'is a device or a pipe; name a file')
    if (stats.size > limit.bytesMax) throw tooLarge(path, stats.size, limit)
    return file
  } catch (error) {
    await file.close()
    throw error instanceof CodedError ? error : explained(path, error)
  }
}

function explained(path: string, error: unknown): CodedError {
  const code = error instanceof Error && 'code' in error ? error.code : 'unknown error'
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    const message = `There is no file ${path}. Check the path.`
    return new CodedError('FILE_NOT_FOUND', message, { path }, { cause: error })
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return unreadable(path, 'may not be read by you; change its permissions')
  }
  return unreadable(path, `cannot be read (${String(code)})`)
}

function unreadable(path: string, fact: string): CodedError {
  return new CodedError('FILE_UNREADABLE', `${path} ${fact}.`, { path })
}

function tooLarge(path: string, bytes: number, { bytesMax, code, kind }: FileLimit): CodedError {
  const message = `${path} has ${bytes} bytes; ${kind} has at most ${bytesMax}.`
  return new CodedError(code, message, { path, bytes, limit: bytesMax })
}
