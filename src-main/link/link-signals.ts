import { CodedError } from '../base/coded-error'

type DataListener = (bytes: Uint8Array) => void
type CloseListener = (cause: CodedError | null) => void

/**
 * What every link does with its listeners: bytes that arrive before anybody listens wait, and the
 * end is told once to each, late listeners included.
 */
export class LinkSignals {
  readonly #dataListeners = new Set<DataListener>()
  readonly #closeListeners = new Set<CloseListener>()
  #waiting: Uint8Array[] = []
  #end: { readonly cause: CodedError | null } | undefined

  get ended(): boolean {
    return this.#end !== undefined
  }

  /** What has arrived before anybody listened. */
  get waitingBytes(): number {
    return this.#waiting.reduce((total, bytes) => total + bytes.length, 0)
  }

  deliver(bytes: Uint8Array): void {
    if (this.ended || bytes.length === 0) return
    if (this.#dataListeners.size === 0) this.#waiting.push(bytes)
    for (const listener of this.#dataListeners) listener(bytes)
  }

  end(cause: CodedError | null): void {
    if (this.ended) return
    this.#end = { cause }
    for (const listener of this.#closeListeners) listener(cause)
    this.#closeListeners.clear()
  }

  onData(listener: DataListener): () => void {
    this.#dataListeners.add(listener)
    const waiting = this.#waiting
    this.#waiting = []
    for (const bytes of waiting) listener(bytes)
    return () => void this.#dataListeners.delete(listener)
  }

  onClose(listener: CloseListener): () => void {
    if (this.#end) listener(this.#end.cause)
    else this.#closeListeners.add(listener)
    return () => void this.#closeListeners.delete(listener)
  }

  /** Why nothing can be written any more; undefined while the link is open. */
  refusal(name: string): CodedError | undefined {
    if (!this.#end) return undefined
    return this.#end.cause ?? linkLost(name, 'it was closed')
  }
}

export function linkLost(name: string, why: string, cause?: unknown): CodedError {
  const message = `The link ${name} is gone: ${why}. Check the cable and start again.`
  return new CodedError('LINK_LOST', message, { link: name }, { cause })
}
