import type { StopSignal } from './stop-signal'

export interface RadioRequest {
  readonly method: 'GET' | 'POST'
  /** From the root of the carrier's server. */
  readonly path: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** JSON; undefined: the request has no body. */
  readonly body: string | undefined
}

export interface RadioAnswer {
  readonly status: number
  /** Null where the answer has none of that name, in lower case. */
  header(name: string): string | null
  /** The body as it comes. Asked for once. */
  pieces(): AsyncIterable<Uint8Array>
}

/**
 * HTTP to the carrier's server, as the handset's protected code has it. Rejects with
 * {@link RadioLost} where the server cannot be reached or the line breaks, and with the reason of
 * the signal as soon as that says stop.
 */
export interface Radio {
  send(request: RadioRequest, stop: StopSignal): Promise<RadioAnswer>
}

/** The connection was lost, or never came about; trying again may help. */
export class RadioLost extends Error {
  override readonly name = 'RadioLost'
}
