import { constants, open } from 'node:fs/promises'
import { basename } from 'node:path'
import { CodedError } from '../base/coded-error'
import { IMAGE_FILE_BYTES_MAX } from '../contract/constants'

export interface ImageFile {
  readonly name: string
  readonly content: Uint8Array
}

/** Reads a file. Throws `FILE_NOT_FOUND`, `FILE_UNREADABLE` or `IMAGE_TOO_LARGE`. */
export async function readImageFile(path: string): Promise<ImageFile> {
  try {
    // A pipe would otherwise be waited for until somebody writes into it. Windows knows no such flag.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      const stats = await file.stat()
      if (stats.isDirectory()) throw unreadable(path, 'is a folder; name the file in it')
      if (!stats.isFile()) throw unreadable(path, 'is a device or a pipe; name a file')
      if (stats.size > IMAGE_FILE_BYTES_MAX) throw tooLarge(path, stats.size)
      return { name: basename(path), content: await file.readFile() }
    } finally {
      await file.close()
    }
  } catch (error) {
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

function tooLarge(path: string, bytes: number): CodedError {
  const message = `${path} has ${bytes} bytes; an image file has at most ${IMAGE_FILE_BYTES_MAX}.`
  return new CodedError('IMAGE_TOO_LARGE', message, { path, bytes, limit: IMAGE_FILE_BYTES_MAX })
}
