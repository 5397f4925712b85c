import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomically } from '../storage/atomic-file'
import { makeFolder, placeReason } from '../storage/data-folder'
import { readStored } from '../storage/stored-json'
import {
  recordName,
  restoreRecord,
  type RecordKey,
  type RestoreJournal,
  type RestoreRecord,
} from './journal'

/** Records as files, which several commands can write at once: a port is one command's alone. */
export class FolderJournal implements RestoreJournal {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  async find(key: RecordKey): Promise<RestoreRecord | undefined> {
    const text = await readFile(this.#path(key), 'utf8').catch(() => '')
    return readStored(restoreRecord, text)
  }

  async keep(record: RestoreRecord): Promise<void> {
    try {
      await makeFolder(this.#folder)
      await writeFileAtomically(this.#path(record), `${JSON.stringify(record)}\n`)
    } catch (error) {
      const reason = placeReason(error) ?? String(error)
      throw new Error(`${this.#folder} cannot be written (${reason})`, { cause: error })
    }
  }

  async forget(key: RecordKey): Promise<void> {
    await rm(this.#path(key), { force: true })
  }

  #path(key: RecordKey): string {
    return join(this.#folder, `${recordName(key)}.json`)
  }
}
