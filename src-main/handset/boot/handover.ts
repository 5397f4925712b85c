import { asciiBytes, viewOf } from '../../base/bytes'
import {
  HANDOVER,
  HANDOVER_MAGIC,
  HANDOVER_VERSION,
  TERMINAL_ID_BYTES,
  type BOOT_CAUSE,
} from '../cpu/firmware-interface'

export interface Handover {
  readonly cause: (typeof BOOT_CAUSE)[keyof typeof BOOT_CAUSE]
  readonly watchdogResets: number
  readonly terminalId: string
  /** Bytes of the image that the journal vouches for; 0 where it vouches for none. */
  readonly imageBytes: number
  /** Milliseconds since 1970, UTC. */
  readonly startedAt: number
}

/** Writes what the software is told into its page of the RAM; no task is limited yet. */
export function writeHandover(page: Uint8Array, handover: Handover): void {
  page.fill(0, 0, HANDOVER.bytes)
  const view = viewOf(page)
  view.setUint32(HANDOVER.magic, HANDOVER_MAGIC, true)
  view.setUint32(HANDOVER.version, HANDOVER_VERSION, true)
  view.setUint32(HANDOVER.cause, handover.cause, true)
  view.setUint32(HANDOVER.watchdogResets, handover.watchdogResets, true)
  page.set(asciiBytes(handover.terminalId).subarray(0, TERMINAL_ID_BYTES), HANDOVER.terminalId)
  view.setUint32(HANDOVER.imageBytes, handover.imageBytes, true)
  view.setUint32(HANDOVER.startedAt, Math.floor(handover.startedAt / 1000), true)
}
