import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'

/** One open database file, below Kysely: for pragmas and for what must be one transaction. */
export type Connection = Database.Database

/** The way below Kysely for what must be quick: one writer, and a look at what was committed. */
export interface SqliteAccess {
  /**
   * Sees only what was committed, but in memory, where there is one connection in all. To be asked
   * for anew for each look: it is the writer where nothing is open on that, whose pages are at hand,
   * while those of another connection are let go at every commit.
   */
  readonly reader: Connection
  /**
   * Runs `work` in one transaction while nobody else, Kysely included, writes. Resolves once that
   * is on the disk; where `work` throws, nothing of it is kept.
   */
  write<Result>(work: (connection: Connection) => Result): Promise<Result>
}

export const IN_MEMORY = ':memory:'

/** Written into the header of every database of ours: "KNTS". */
export const APPLICATION_ID = 0x4b4e_5453

const BUSY_TIMEOUT_MS = 5000

/**
 * Opens a database so that what a commit has answered survives a power cut: SQLite as it is built
 * here would use synchronous=NORMAL with WAL, which may lose the last commits. Throws SQLite's
 * own error where the file is no database.
 */
export function openConnection(path: string): Connection {
  return opened(path, BUSY_TIMEOUT_MS, connection => {
    connection.pragma('journal_mode = WAL')
    connection.pragma('synchronous = FULL')
    connection.pragma('foreign_keys = ON')
    connection.exec('BEGIN IMMEDIATE')
    proveWritable(connection)
    connection.exec('ROLLBACK')
  })
}

/** Opens a database only to look at it: neither its file nor its log is changed, then or later. */
export function openToInspect(path: string): Connection {
  return new Database(path, { timeout: BUSY_TIMEOUT_MS, readonly: true, fileMustExist: true })
}

/**
 * Holds a file alone until the connection is closed or the process ends, however it ends: the
 * kernel gives the lock back. Throws `SQLITE_BUSY` after `waitMs` where another holds it.
 */
export function openExclusively(path: string, waitMs: number): Connection {
  return opened(path, waitMs, connection => {
    // Nothing is ever written, so a journal on the disk would only be litter.
    connection.pragma('journal_mode = MEMORY')
    connection.exec('BEGIN EXCLUSIVE')
    proveWritable(connection)
  })
}

/** Whether somebody, this process included, holds a file by {@link openExclusively}. */
export function isHeldExclusively(path: string): boolean {
  const connection = new Database(path, { timeout: 0, readonly: true, fileMustExist: true })
  try {
    connection.prepare('SELECT count(*) FROM sqlite_schema').get()
    return false
  } catch (error) {
    if (sqliteCode(error)?.startsWith('SQLITE_BUSY')) return true
    throw error
  } finally {
    connection.close()
  }
}

export function kyselyOn<Tables>(connection: Connection): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database: connection }) })
}

/** Kysely's own lock on the connection is taken, so that nobody gets between two statements. */
export function sqliteAccess<Tables>(
  { writer, reader }: { readonly writer: Connection; readonly reader: Connection },
  db: Kysely<Tables>,
): SqliteAccess {
  return {
    get reader() {
      return writer.inTransaction ? reader : writer
    },
    write: work =>
      db.connection().execute(async () => writer.transaction(() => work(writer)).immediate()),
  }
}

/** `SQLITE_CORRUPT` and the like; undefined for every other kind of error. */
export function sqliteCode(error: unknown): string | undefined {
  return error instanceof Database.SqliteError ? error.code : undefined
}

/**
 * Throws `SQLITE_READONLY` for a file that may only be read. Transactions alone do not: SQLite lets
 * them begin there, and then even an exclusive one excludes nobody.
 */
function proveWritable(connection: Connection): void {
  connection.pragma('user_version = 0')
}

function opened(
  path: string,
  timeout: number,
  prepare: (connection: Connection) => void,
): Connection {
  const connection = new Database(path, { timeout })
  try {
    prepare(connection)
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}
