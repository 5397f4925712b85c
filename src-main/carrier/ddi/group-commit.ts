import type { Connection, SqliteAccess } from '../../storage/sqlite'

/** So many are written by one commit at most. */
const GROUP_MAX = 512

interface Waiting {
  readonly run: (connection: Connection) => void
  readonly written: () => void
  readonly fail: (error: unknown) => void
}

/**
 * Writes what is asked for at the same time by one commit: the disk is waited for once, and each is
 * answered after that. What throws takes back its own writes alone.
 */
export class GroupCommit {
  readonly #write: SqliteAccess['write']
  #waiting: Waiting[] = []
  #isWriting = false

  constructor({ write }: Pick<SqliteAccess, 'write'>) {
    this.#write = write
  }

  do<Result>(work: (connection: Connection) => Result): Promise<Result> {
    return new Promise((done, fail) => {
      let finish: () => void = () => {}
      this.#waiting.push({
        run: connection => {
          const result = work(connection)
          finish = () => done(result)
        },
        written: () => finish(),
        fail,
      })
      if (!this.#isWriting) void this.#writeAll()
    })
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true
    while (this.#waiting.length > 0) {
      // Requests that lie ready in this turn of the event loop come along.
      await new Promise(turned => setImmediate(turned))
      await this.#writeGroup(this.#waiting.splice(0, GROUP_MAX))
    }
    this.#isWriting = false
  }

  async #writeGroup(group: readonly Waiting[]): Promise<void> {
    const failed = new Map<Waiting, unknown>()
    try {
      await this.#write(connection => {
        const alone = connection.transaction((waiting: Waiting) => waiting.run(connection))
        for (const waiting of group) {
          try {
            alone(waiting)
          } catch (error) {
            failed.set(waiting, error)
          }
        }
      })
      for (const waiting of group) {
        if (failed.has(waiting)) waiting.fail(failed.get(waiting))
        else waiting.written()
      }
    } catch (error) {
      for (const waiting of group) waiting.fail(error)
    }
  }
}
