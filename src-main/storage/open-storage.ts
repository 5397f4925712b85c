import { join, resolve } from 'node:path'
import type { Kysely } from 'kysely'
import type { Clock } from '../base/clock'
import { removeUnfinished } from './atomic-file'
import type { BlobStore } from './blob-store'
import { explained, makeFolder } from './data-folder'
import { lockDataFolder } from './data-lock'
import { openDatabase, openDatabaseInMemory } from './database'
import { FolderBlobStore } from './folder-blob-store'
import { MemoryBlobStore } from './memory-blob-store'
import { type RaiseNotice, type RaisedNotice, RaisedNotices } from './notices'
import type { Schema } from './schema'
import { removeServeFile } from './serve-file'
import { SettingsFile } from './settings-file'
import type { SqliteAccess } from './sqlite'

export interface StorageOptions {
  /** Where everything is kept; without it everything is kept in memory. */
  readonly dataDir?: string
  readonly clock: Clock
}

/** Everything that outlives a run. */
export interface Storage {
  readonly db: Kysely<Schema>
  /** The same database below Kysely. */
  readonly sqlite: SqliteAccess
  readonly blobs: BlobStore
  readonly settings: SettingsFile
  /** Absolute; null: in memory. */
  readonly dataDir: string | null
  /** Raised so far, first those from opening. */
  readonly notices: readonly RaisedNotice[]
  /** Tells a person of what was found out later. */
  readonly raise: RaiseNotice
  /** Hears of those raised from now on. Returns the unsubscribe. */
  onNotice(listener: RaiseNotice): () => void
  /** Also gives the data folder free for another process. */
  close(): Promise<void>
}

/**
 * Opens the storage and holds its data folder until it is closed. What was damaged is set aside,
 * never thrown away, and told in `notices`. Throws CodedErrors: `DATA_DIR_BUSY` while another
 * process holds the folder, `DATA_DIR_UNUSABLE` where the folder cannot be read and written or a
 * newer version or another program wrote there.
 */
export async function openStorage({ dataDir, clock }: StorageOptions): Promise<Storage> {
  if (dataDir === undefined) return openInMemory()
  const folder = resolve(dataDir)
  try {
    return await openFolder(folder, clock)
  } catch (error) {
    throw explained(error, folder)
  }
}

async function openInMemory(): Promise<Storage> {
  const { db, sqlite, close } = await openDatabaseInMemory()
  const notices = new RaisedNotices()
  return {
    db,
    sqlite,
    blobs: new MemoryBlobStore(),
    settings: SettingsFile.inMemory(),
    dataDir: null,
    get notices() {
      return notices.list()
    },
    raise: notices.raise,
    onNotice: listener => notices.subscribe(listener),
    close: async () => close(),
  }
}

async function openFolder(dataDir: string, clock: Clock): Promise<Storage> {
  await makeFolder(dataDir)
  const lock = lockDataFolder(dataDir)
  try {
    // Left by one that was killed: whoever reads it now would take its token to a port that
    // anybody may have by now.
    await removeServeFile(dataDir)
    await removeUnfinished(dataDir)
    const notices = new RaisedNotices()
    const { raise } = notices
    const settings = await SettingsFile.open({ dataDir, clock, raise })
    const blobs = await FolderBlobStore.open({ folder: join(dataDir, 'blobs'), clock, raise })
    const database = await openDatabase({ path: join(dataDir, 'kintsugi.db'), clock, raise })
    return {
      db: database.db,
      sqlite: database.sqlite,
      blobs,
      settings,
      dataDir,
      get notices() {
        return notices.list()
      },
      raise: notices.raise,
      onNotice: listener => notices.subscribe(listener),
      async close() {
        database.close()
        lock.release()
      },
    }
  } catch (error) {
    lock.release()
    throw error
  }
}
