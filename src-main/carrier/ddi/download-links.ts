import { createHmac, randomBytes } from 'node:crypto'
import type { Clock } from '../../base/clock'
import { isSame } from './gate'
import { DDI_BASE } from './messages'
import type { PollingStore } from './polling-store'

const KEY_SETTING = 'ddi-link-key'
const KEY_BYTES = 32
const VALID_MS = 6 * 3_600_000
/** Links of the same hour are the same, so that an answer stays as it is. */
const STEP_MS = 3_600_000

export interface SignedDownload {
  readonly deviceId: string
  readonly taskId: number
}

/**
 * Links to software that hold without a token, for agents that fetch without theirs: for one device
 * and task, and for some hours. The key outlives a restart.
 */
export class DownloadLinks {
  readonly #store: Pick<PollingStore, 'setting' | 'keepSetting'>
  readonly #clock: Clock
  #key: Promise<string> | undefined

  constructor(store: Pick<PollingStore, 'setting' | 'keepSetting'>, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** The path with its signature. */
  async pathFor(download: SignedDownload, fileName: string): Promise<string> {
    const until = Math.ceil((this.#clock.now() + VALID_MS) / STEP_MS) * STEP_MS
    const signature = await this.#signature(download, until)
    const path = `/softwaremodules/${download.taskId}/artifacts/${encodeURIComponent(fileName)}`
    return `${DDI_BASE}/${encodeURIComponent(download.deviceId)}${path}?until=${until}&signature=${signature}`
  }

  async isSigned(download: SignedDownload, query: URLSearchParams): Promise<boolean> {
    const until = Number(query.get('until') ?? Number.NaN)
    const given = query.get('signature')
    if (given === null || !Number.isInteger(until) || until < this.#clock.now()) return false
    return isSame(given, await this.#signature(download, until))
  }

  async #signature({ deviceId, taskId }: SignedDownload, until: number): Promise<string> {
    const key = await (this.#key ??= this.#keptKey().catch(error => this.#retryKey(error)))
    return createHmac('sha256', key).update(`${deviceId}/${taskId}/${until}`).digest('base64url')
  }

  /** The store may answer the next time. */
  #retryKey(error: unknown): never {
    this.#key = undefined
    throw error
  }

  async #keptKey(): Promise<string> {
    const kept = await this.#store.setting(KEY_SETTING)
    if (kept !== undefined) return kept
    const key = randomBytes(KEY_BYTES).toString('base64url')
    await this.#store.keepSetting(KEY_SETTING, key)
    return key
  }
}
