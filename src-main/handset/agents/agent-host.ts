import type { RewriteProgress } from '../boot/rewriter'
import type { Inquiry, UpdateInformation } from '../../wire/update/messages'

/** States of the handset that the agent brings about (spec 2.0.4). */
export type TransferState = 'limiting' | 'secured' | 'requesting' | 'receiving' | 'stored'

/** An area of the RAM that is locked against the software. */
export interface SecuredArea {
  /** Writes at an offset of the area. Throws a CodedError `OUTSIDE_AREA` beyond its end. */
  write(offset: number, bytes: Uint8Array): void
  /** Its first bytes as they lie in RAM. */
  first(length: number): Uint8Array
}

/** How a rewrite ended whose power did not fail. */
export interface RewriteEnd {
  readonly outcome: 'updated' | 'rewrite-failed' | 'judgement-failed'
  /** Why, in words. */
  readonly message: string | null
}

/** What the update agent sees of the handset that it lives in, and what it can do there. */
export interface AgentHost {
  readonly terminalId: string
  /** Who asks: what its flash holds, or which file it needs. */
  inquiry(): Inquiry
  /** Undefined: the transfer is over, the handset is in whatever state it is in by itself. */
  enter(state: TransferState | undefined): void
  /**
   * Limits tasks until an area of so many bytes is free, and locks it. Rejects with
   * `RAM_INSUFFICIENT` or `RAM_SECURED`; no task is limited then.
   */
  secure(bytes: number): Promise<SecuredArea>
  /** Gives the area back; limited tasks run again. */
  release(): void
  /**
   * Proves, writing nothing, that the file makes the announced software of what the flash holds, or
   * that it is the one which the flash needs. Throws a CodedError that says why not.
   */
  prove(file: Uint8Array, update: UpdateInformation): void
  /** Rewrites the flash and judges it. Rejects with a CodedError where nothing was touched. */
  rewrite(file: Uint8Array, onProgress: (progress: RewriteProgress) => void): Promise<RewriteEnd>
}
