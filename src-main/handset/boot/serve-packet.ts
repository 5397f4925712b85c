import { SmpResult, SmpOp } from '../../wire/smp/constants'
import { answerTo } from '../../wire/smp/messages'
import { decodeHeader, decodePacket, SmpFormatError, type SmpPacket } from '../../wire/smp/packet'
import type { Reply, RestoreMode } from './restore-mode'

/**
 * Serves the bytes of one packet. A request whose payload makes no sense is answered as such;
 * bytes without a usable header cannot be answered at all.
 */
export function servePacket(restoreMode: RestoreMode, bytes: Uint8Array): Reply {
  const request = readOr(() => decodePacket(bytes))
  if (request) return restoreMode.handle(request)
  const header = readOr(() => decodeHeader(bytes))
  const isRequest = header?.op === SmpOp.read || header?.op === SmpOp.write
  if (!header || !isRequest) return { answer: undefined, afterwards: 'stay' }
  const malformed: SmpPacket = { ...header, payload: {} }
  return { answer: answerTo(malformed, { rc: SmpResult.badValue }), afterwards: 'stay' }
}

function readOr<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof SmpFormatError) return undefined
    throw error
  }
}
