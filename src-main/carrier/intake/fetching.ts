import type { Clock } from '../../base/clock'
import { CodedError } from '../../base/coded-error'
import type { Rollout } from '../../contract/rollouts'
import type { AuditSink } from '../../observe/message'
import type { DefectLog } from '../../site/refusal'
import type { RolloutBook, StoredSoftware } from '../rollout/ports'
import { proveRecord, takeIn, type TakeInParts } from './take-in'
import { VendorDatabase } from './vendor-database'
import type { VendorRegistry } from './vendor-registry'

export interface FetchingParts extends TakeInParts {
  readonly clock: Clock
  readonly audit: AuditSink
  readonly logDefect: DefectLog
  readonly registry: VendorRegistry
  readonly book: RolloutBook
}

/** A silent database is asked again after so long, then after twice as long, and so on. */
const FIRST_PAUSE_MS = 60_000
const ATTEMPTS_MAX = 8

interface Fetch {
  readonly stopping: AbortController
  readonly done: Promise<void>
}

/**
 * Fetches releases from their vendors' databases (S12 to S18), each by one transfer however many
 * devices are to get it (S1-70). What a stop of the server interrupts begins anew.
 */
export class Fetching {
  readonly #parts: FetchingParts
  readonly #running = new Map<number, Fetch>()
  /** Cancels of the next attempts. */
  readonly #waiting = new Map<number, () => void>()
  #isClosed = false

  constructor(parts: FetchingParts) {
    this.#parts = parts
  }

  /** Where it goes on already, nothing more is begun. */
  begin(rolloutId: number): void {
    this.#attempt(rolloutId, 1)
  }

  /** Resolves when nothing of it goes on any more. */
  async stop(rolloutId: number): Promise<void> {
    this.#endPause(rolloutId)
    const fetch = this.#running.get(rolloutId)
    fetch?.stopping.abort()
    await fetch?.done
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const ids = [...this.#running.keys(), ...this.#waiting.keys()]
    await Promise.all(ids.map(id => this.stop(id)))
  }

  #attempt(id: number, attempt: number): void {
    if (this.#isClosed || this.#running.has(id)) return
    this.#endPause(id)
    const stopping = new AbortController()
    const done = this.#run(id, attempt, stopping.signal)
    this.#running.set(id, { stopping, done })
  }

  async #run(id: number, attempt: number, signal: AbortSignal): Promise<void> {
    const { book, logDefect } = this.#parts
    let isSilent = false
    try {
      // The running attempt must be in the map before it can end.
      await Promise.resolve()
      await book.fetching(id)
      isSilent = await this.#written(await book.rollout(id), signal)
    } catch (error) {
      if (!isOver(error)) logDefect(error, 'carrier')
    } finally {
      this.#running.delete(id)
    }
    if (isSilent && attempt < ATTEMPTS_MAX && !signal.aborted) this.#pause(id, attempt)
  }

  /** Whether nobody answered, so that another attempt may end better. */
  async #written(rollout: Rollout, signal: AbortSignal): Promise<boolean> {
    const { audit, book, logDefect } = this.#parts
    const { id } = rollout
    const end = await this.#outcome(rollout, signal)
    // What a stop of the server cut off is taken up after its next start.
    if (signal.aborted) return false
    if (!(end instanceof Error)) {
      await book.stored(id, end)
      return false
    }
    const { code, message } = asCoded(end)
    const isSilent = code === 'SITE_SILENT'
    if (code === 'INTERNAL') logDefect(end, 'carrier')
    if (!isSilent) audit.refuse({ actor: 'carrier', code, message })
    await (code === 'ACCESS_REFUSED' ? book.refused(id, message) : book.interrupted(id, message))
    return isSilent
  }

  async #outcome(rollout: Rollout, signal: AbortSignal): Promise<StoredSoftware | Error> {
    const { clock, registry } = this.#parts
    const end = clock.busy()
    try {
      const { vendorName, vendorReleaseId } = rollout
      const database = new VendorDatabase(clock, await registry.access(vendorName), signal)
      const record = await database.record(vendorReleaseId)
      proveRecord(record, rollout)
      const content = database.software(vendorReleaseId, record.bytes)
      return await takeIn(this.#parts, record, content)
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error))
    } finally {
      end()
    }
  }

  #pause(id: number, attempt: number): void {
    if (this.#isClosed) return
    const pauseMs = FIRST_PAUSE_MS * 2 ** (attempt - 1)
    const again = () => this.#attempt(id, attempt + 1)
    this.#waiting.set(id, this.#parts.clock.after(pauseMs, again))
  }

  #endPause(id: number): void {
    this.#waiting.get(id)?.()
    this.#waiting.delete(id)
  }
}

/** Somebody ended the rollout, or it went on another way: nothing is left to fetch. */
function isOver(error: unknown): boolean {
  return error instanceof CodedError && OVER.has(error.code)
}

const OVER: ReadonlySet<string> = new Set(['ROLLOUT_STATE', 'ROLLOUT_UNKNOWN'])

/** What went wrong in the server itself is told in general words. */
function asCoded(error: Error): { readonly code: string; readonly message: string } {
  if (error instanceof CodedError) return error
  return { code: 'INTERNAL', message: 'The server failed; its log says more. Fetch it again.' }
}
