import type { CodedError } from '../base/coded-error'

/**
 * A line to a device: bytes both ways, no frames. Serial ports, TCP connections and the in-memory
 * pair all look like this, and a driver cannot tell them apart.
 */
export interface ByteLink {
  /** For people and logs: `serial:/dev/ttyUSB0@115200`. */
  readonly name: string
  /** Bits a second of the line; null where the carrier has no rate of its own (TCP, memory). */
  readonly baud: number | null
  /** Resolves when the carrier took all bytes. Rejects with a CodedError `LINK_LOST` once gone. */
  write(bytes: Uint8Array): Promise<void>
  /** Calls back with every piece that arrives; pieces are of any size. Returns the unsubscribe. */
  onData(listener: (bytes: Uint8Array) => void): () => void
  /** Calls back once when the line ends; null when it was closed from here. */
  onClose(listener: (cause: CodedError | null) => void): () => void
  close(): Promise<void>
}

/** Opens a link by its address. Rejects with one of the LINK_… codes of the restore contract. */
export type LinkOpener = (link: string) => Promise<ByteLink>
