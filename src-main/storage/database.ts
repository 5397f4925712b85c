import { chmod, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Kysely } from 'kysely'
import type { Clock } from '../base/clock'
import { CodedError } from '../base/coded-error'
import { settleUnder, temporaryIn } from './atomic-file'
import { placeReason } from './data-folder'
import { migrate, missingTable } from './migrate'
import type { RaiseNotice } from './notices'
import type { Schema } from './schema'
import { exists, setAside } from './set-aside'
import {
  APPLICATION_ID,
  type Connection,
  IN_MEMORY,
  kyselyOn,
  openConnection,
  openToInspect,
  sqliteAccess,
  type SqliteAccess,
} from './sqlite'

export interface OpenDatabase {
  readonly db: Kysely<Schema>
  readonly sqlite: SqliteAccess
  readonly close: () => void
}

export interface DatabaseOptions {
  readonly path: string
  readonly clock: Clock
  readonly raise: RaiseNotice
}

/**
 * Opens the database at its newest version. A damaged one is set aside, a fresh one takes its
 * place and `DATABASE_DAMAGED` is raised; one of a newer version or of another program is refused
 * with a CodedError `DATA_DIR_UNUSABLE` and stays untouched. Only for whoever holds the data lock.
 */
export async function openDatabase({ path, clock, raise }: DatabaseOptions): Promise<OpenDatabase> {
  const damage = await damageOf(path)
  if (damage !== undefined) {
    const aside = await setDatabaseAside(path, clock)
    const message =
      `The database was damaged (${damage}). It lies untouched at ${aside}; ` +
      'a fresh one was begun.'
    raise({ severity: 'error', code: 'DATABASE_DAMAGED', message })
  }
  if (!(await exists(path))) await createDatabase(path)
  const connection = openConnection(path)
  return migrated(connection)
}

/** A database that lives as long as the process and shares nothing. */
export function openDatabaseInMemory(): Promise<OpenDatabase> {
  return migrated(openConnection(IN_MEMORY))
}

/**
 * A database comes into being whole and by rename. So an empty or a short file under its name
 * always means that something was lost.
 */
async function createDatabase(path: string): Promise<void> {
  const temporary = temporaryIn(dirname(path))
  const connection = openConnection(temporary)
  connection.pragma(`application_id = ${APPLICATION_ID}`)
  const { close } = await migrated(connection)
  close()
  // SQLite gives its log the same mode.
  await chmod(temporary, 0o600)
  await settleUnder(temporary, path)
}

async function migrated(connection: Connection): Promise<OpenDatabase> {
  try {
    const db = kyselyOn<Schema>(connection)
    await migrate(connection, db)
    const reader = connection.memory ? connection : openToInspect(connection.name)
    const close = () => {
      // The writer last: who closes last takes the log back into the database.
      reader.close()
      connection.close()
    }
    return { db, sqlite: sqliteAccess({ writer: connection, reader }, db), close }
  } catch (error) {
    connection.close()
    throw error
  }
}

/** What is wrong with the file; undefined for a sound one and where there is none at all. */
async function damageOf(path: string): Promise<string | undefined> {
  if (!(await exists(path))) {
    // SQLite would replay a left-over log into the fresh database.
    return (await exists(`${path}-wal`)) ? 'only its log was there' : undefined
  }
  if (!(await beginsLikeSqlite(path))) return 'it does not begin as an SQLite database does'
  let connection: Connection | undefined
  try {
    connection = openToInspect(path)
    const [finding] = connection.prepare('PRAGMA quick_check(1)').pluck().all()
    if (finding !== 'ok') return oneLine(String(finding))
    refuseForeign(connection)
    const missing = missingTable(connection)
    return missing === undefined ? undefined : `its table ${missing} is missing`
  } catch (error) {
    if (error instanceof CodedError || placeReason(error) !== undefined) throw error
    return oneLine(error instanceof Error ? error.message : String(error))
  } finally {
    connection?.close()
  }
}

/**
 * SQLite itself takes an empty file, and one of a single byte, for an empty database. Opened for
 * writing too: SQLite would leave a log of its own beside a file that it may only read.
 */
async function beginsLikeSqlite(path: string): Promise<boolean> {
  const file = await open(path, 'r+')
  try {
    const header = Buffer.alloc(100)
    const { bytesRead } = await file.read(header, 0, header.length, 0)
    return bytesRead === header.length && header.toString('latin1', 0, 16) === 'SQLite format 3\0'
  } finally {
    await file.close()
  }
}

function refuseForeign(connection: Connection): void {
  if (connection.pragma('application_id', { simple: true }) === APPLICATION_ID) return
  const message = `${connection.name} is a database of another program. Choose another data folder.`
  throw new CodedError('DATA_DIR_UNUSABLE', message, { path: connection.name })
}

/**
 * The main file goes first: its log without it can never be taken for a whole database. The log
 * keeps the name under which SQLite finds it beside the main file. Answers where they lie.
 */
async function setDatabaseAside(path: string, clock: Clock): Promise<string> {
  const log = `${path}-wal`
  await rm(`${path}-shm`, { force: true })
  if (!(await exists(path))) return setAside(log, clock)
  const aside = await setAside(path, clock)
  if (await exists(log)) await rename(log, `${aside}-wal`)
  return aside
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, 200)
}
