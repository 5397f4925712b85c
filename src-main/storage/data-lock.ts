import { join } from 'node:path'
import { CodedError } from '../base/coded-error'
import { isHeldExclusively, openExclusively, sqliteCode } from './sqlite'
import { exists } from './set-aside'

/** Long enough for somebody who only looks whether the lock is held. */
const WAIT_MS = 250

/** Held for as long as a process works in a data folder. */
export interface DataLock {
  release(): void
}

/**
 * Takes the one lock of a data folder. It is a lock of the kernel on `lock.db`, so it never
 * outlives its process. Throws a CodedError `DATA_DIR_BUSY` while another holds it.
 *
 * Nothing but SQLite may open `lock.db`: closing it would free the lock of the whole process.
 */
export function lockDataFolder(dataDir: string): DataLock {
  try {
    const connection = openExclusively(lockPath(dataDir), WAIT_MS)
    return { release: () => void connection.close() }
  } catch (error) {
    throw refusal(error, dataDir)
  }
}

/** Whether a process works in the data folder now. */
export async function isDataFolderLocked(dataDir: string): Promise<boolean> {
  const path = lockPath(dataDir)
  return (await exists(path)) && isHeldExclusively(path)
}

function lockPath(dataDir: string): string {
  return join(dataDir, 'lock.db')
}

function refusal(error: unknown, dataDir: string): unknown {
  const code = sqliteCode(error)
  if (code?.startsWith('SQLITE_BUSY')) {
    const message =
      `Another Kintsugi works in the data folder ${dataDir}. ` +
      'Use that one, end it, or choose another data folder.'
    return new CodedError('DATA_DIR_BUSY', message, { path: dataDir }, { cause: error })
  }
  if (code === 'SQLITE_NOTADB' || code === 'SQLITE_CORRUPT') {
    const message = `${lockPath(dataDir)} is damaged. Delete it once no Kintsugi works there.`
    return new CodedError('DATA_DIR_UNUSABLE', message, { path: dataDir }, { cause: error })
  }
  return error
}
