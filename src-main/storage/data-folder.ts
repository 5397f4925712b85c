import { mkdir, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, isAbsolute, posix, win32 } from 'node:path'
import { CodedError } from '../base/coded-error'
import { sqliteCode } from './sqlite'

export interface Surroundings {
  readonly platform: NodeJS.Platform
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
}

/** Where `serve` and the desktop keep everything unless told otherwise: the system's own place. */
export function defaultDataFolder(
  { platform, env, home }: Surroundings = {
    platform: process.platform,
    env: process.env,
    home: homedir(),
  },
): string {
  if (platform === 'win32') {
    return win32.join(env['APPDATA'] ?? win32.join(home, 'AppData', 'Roaming'), 'Kintsugi')
  }
  if (platform === 'darwin') {
    return posix.join(home, 'Library', 'Application Support', 'Kintsugi')
  }
  // The XDG specification has relative paths ignored.
  const named = env['XDG_DATA_HOME'] ?? ''
  return posix.join(isAbsolute(named) ? named : posix.join(home, '.local', 'share'), 'kintsugi')
}

/** Where commands without a data folder keep what outlives them: the system's place for state. */
export function defaultStateFolder(
  surroundings: Surroundings = {
    platform: process.platform,
    env: process.env,
    home: homedir(),
  },
): string {
  const { platform, env, home } = surroundings
  if (platform === 'win32') {
    return win32.join(env['LOCALAPPDATA'] ?? win32.join(home, 'AppData', 'Local'), 'Kintsugi')
  }
  if (platform === 'darwin') return defaultDataFolder(surroundings)
  const named = env['XDG_STATE_HOME'] ?? ''
  return posix.join(isAbsolute(named) ? named : posix.join(home, '.local', 'state'), 'kintsugi')
}

/**
 * Makes the folder, and those above it, where they are not there; for their owner only. Node's own
 * recursive mkdir never ends where a file system takes no folders, as /proc.
 */
export async function makeFolder(path: string): Promise<void> {
  if (await isFolder(path)) return
  const parent = dirname(path)
  if (parent !== path) await makeFolder(parent)
  await mkdir(path, { mode: 0o700 })
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}

/** What the file system or SQLite says when the place, not the content, is at fault. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'it is read-only',
  EEXIST: 'a file of that name is in the way',
  ENOTDIR: 'a part of its path is not a folder',
  ENOENT: 'there is no such place',
  EISDIR: 'a folder lies where a file belongs',
  ERR_FS_EISDIR: 'a folder lies where a file belongs',
  ENAMETOOLONG: 'its path is too long',
  ENOSPC: 'the disk is full',
  EDQUOT: 'your share of the disk is used up',
  EIO: 'the disk reports an error',
  EMFILE: 'too many files are open',
  SQLITE_AUTH: 'permission denied',
  SQLITE_BUSY: 'another program uses the database',
  SQLITE_CANTOPEN: 'the database cannot be opened or created there',
  SQLITE_FULL: 'the disk is full',
  SQLITE_IOERR: 'the disk reports an error',
  SQLITE_LOCKED: 'another program uses the database',
  SQLITE_NOMEM: 'there is not enough memory',
  SQLITE_PERM: 'permission denied',
  SQLITE_READONLY: 'it is read-only',
}

/** Why the place cannot be used; undefined where the error says nothing about the place. */
export function placeReason(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') {
    return undefined
  }
  // Extended codes of SQLite add to the plain ones: SQLITE_IOERR_FSYNC.
  const code = sqliteCode(error)?.split('_').slice(0, 2).join('_') ?? error.code
  return Object.hasOwn(REASONS, code) ? REASONS[code] : undefined
}

/** Turns an error of the place into `DATA_DIR_UNUSABLE` and leaves every other as it is. */
export function explained(error: unknown, dataDir: string): unknown {
  const reason = placeReason(error)
  if (reason === undefined || error instanceof CodedError) return error
  const message =
    `The data folder ${dataDir} cannot be used: ${reason}. ` +
    'Make it writable and give it room, or choose another data folder.'
  return new CodedError('DATA_DIR_UNUSABLE', message, { path: dataDir }, { cause: error })
}
