import { toHex } from '../../base/bytes'
import type { Clock } from '../../base/clock'
import { CodedError } from '../../base/coded-error'
import type { UpdateInformation } from '../../wire/update/messages'
import type { Sha256 } from '../digest'
import { RadioLost } from '../radio/radio'
import { pass, type StopSignal } from '../radio/stop-signal'
import type { UpdateClient } from '../radio/update-client'
import type { AgentHost } from './agent-host'
import { ReceivedFile } from './received-file'

/** So often in a row nothing may come of a connection (S0-34). */
const ATTEMPTS_MAX = 5
/** Before the second attempt; each further one waits so much longer. */
const RETRY_MS = 2000
/** Less than this is no progress, or a server could keep a handset waiting for ever. */
const PROGRESS_BYTES_MIN = 1024
/** HTTP: no token that the server knows, or one that is not good for this file any more. */
const TOKEN_REFUSED: readonly unknown[] = [401, 403]

export interface TransferParts {
  readonly host: AgentHost
  readonly client: UpdateClient
  readonly clock: Clock
  readonly sha256: Sha256
  readonly stop: StopSignal
  readonly onReceived: (bytes: number) => void
}

/** Tries until it works, a bounded number of times. Rejects with what went wrong the last time. */
export async function retrying<T>(
  { clock, stop }: Pick<TransferParts, 'clock' | 'stop'>,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof RadioLost) || failures === ATTEMPTS_MAX) throw error
      await pass(clock, failures * RETRY_MS, stop)
    }
  }
}

/**
 * Gets the file into the secured area (U5 to U7): asks for it, takes it up where it stopped after
 * the link was lost, and checks its digest where it lies.
 */
export class UpdateTransfer {
  readonly #parts: TransferParts
  readonly #update: UpdateInformation
  readonly #file: ReceivedFile
  #token: string | undefined
  #etag: string | undefined

  constructor(parts: TransferParts, update: UpdateInformation, file: ReceivedFile) {
    this.#parts = parts
    this.#update = update
    this.#file = file
  }

  /**
   * Rejects with {@link RadioLost} where the link stays away, and with a CodedError where the
   * server refuses, or what it sent is not what it announced (S0-35).
   */
  async run(): Promise<void> {
    for (let isOver = false; !isOver;) {
      const before = this.#file.received
      isOver = await retrying(this.#parts, async () => {
        try {
          await this.#attempt()
          return true
        } catch (error) {
          // Whatever came counts: the next connection has all its attempts again.
          const hasProgress = this.#file.received - before >= PROGRESS_BYTES_MIN
          if (error instanceof RadioLost && hasProgress) return false
          throw error
        }
      })
    }
    this.#check()
  }

  async #attempt(): Promise<void> {
    const { host, client, stop } = this.#parts
    const { id } = this.#update
    const file = this.#file
    host.enter('requesting')
    this.#token ??= await client.request(id, host.terminalId, stop)
    const wanted = { id, token: this.#token, from: file.received, etag: this.#etag }
    const answer = await this.#withToken(() => client.file(wanted, stop))
    this.#etag = answer.etag
    if (answer.from === 0) file.restart()
    for await (const piece of answer.pieces) {
      host.enter('receiving')
      file.take(piece)
      this.#parts.onReceived(file.received)
    }
    if (!file.isWhole) {
      throw new RadioLost(`The connection ended after ${file.received} of ${file.bytes} bytes.`)
    }
  }

  /** A token that is not good any more is asked for again, as after a link that was lost. */
  async #withToken<T>(send: () => Promise<T>): Promise<T> {
    try {
      return await send()
    } catch (error) {
      const isStale = error instanceof CodedError && TOKEN_REFUSED.includes(error.data['status'])
      if (!isStale) throw error
      this.#token = undefined
      throw new RadioLost(error.message)
    }
  }

  #check(): void {
    const { sha256 } = this.#parts
    const announced = this.#update.file.sha256
    const found = toHex(sha256([this.#file.content]))
    if (found === announced) return
    const message = `The file that came has SHA-256 ${found}, announced was ${announced}. Ask for the update again.`
    throw new CodedError('UPDATE_FILE_DAMAGED', message, { found, announced })
  }
}
