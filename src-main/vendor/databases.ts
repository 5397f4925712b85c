import { CodedError } from '../base/coded-error'
import type { RunningSite, SiteOptions } from '../site/start-site'
import { startDatabaseServer } from './server'
import { SoftwareDatabase, type SoftwareDatabaseParts } from './software-database'

export interface OpenDatabase {
  readonly database: SoftwareDatabase
  readonly site: RunningSite
}

type DatabasesParts = SoftwareDatabaseParts & Pick<SiteOptions, 'audit' | 'logDefect'>

/** The software databases that are open: each vendor's has a server of its own. */
export class Databases {
  readonly #parts: DatabasesParts
  readonly #open = new Map<string, OpenDatabase>()
  #isClosed = false

  constructor(parts: DatabasesParts) {
    this.#parts = parts
  }

  of(vendorName: string): OpenDatabase | undefined {
    return this.#open.get(vendorName)
  }

  /**
   * Serves a vendor's database, on this port where it is free: those who know it shall find it
   * again. 0 takes any.
   */
  async open(vendorName: string, port: number): Promise<OpenDatabase> {
    const database = new SoftwareDatabase(vendorName, this.#parts)
    const site = await this.#started(database, port)
    const opened = { database, site }
    if (this.#isClosed) {
      await site.close()
      throw new CodedError('CLOSED', 'This workbench is closed.')
    }
    this.#open.set(vendorName, opened)
    return opened
  }

  /** Ends one that came to nothing. */
  async drop(vendorName: string): Promise<void> {
    const opened = this.#open.get(vendorName)
    this.#open.delete(vendorName)
    await opened?.site.close()
  }

  /** Ends every line. */
  async close(): Promise<void> {
    this.#isClosed = true
    const opened = [...this.#open.values()]
    this.#open.clear()
    await Promise.all(opened.map(({ site }) => site.close()))
    await Promise.all(opened.map(({ database }) => database.settle()))
  }

  async #started(database: SoftwareDatabase, port: number): Promise<RunningSite> {
    const { audit, clock, logDefect } = this.#parts
    const options = { audit, clock, logDefect }
    try {
      return await startDatabaseServer(database, { ...options, port })
    } catch (error) {
      const isTaken = error instanceof CodedError && error.code === 'PORT_UNUSABLE' && port !== 0
      if (!isTaken) throw error
      return startDatabaseServer(database, { ...options, port: 0 })
    }
  }
}
