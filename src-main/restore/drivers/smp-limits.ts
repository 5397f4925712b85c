import { CodedError } from '../../base/coded-error'
import type { Identity } from '../../contract/restore'
import { CONSOLE_FRAME_EXTRA_BYTES, MAX_PACKET_BYTES } from '../../wire/smp/constants'
import { requestOf, uploadImage, type UploadPiece } from '../../wire/smp/messages'
import { encodePacket } from '../../wire/smp/packet'
import { PIECE_UNIT_BYTES, type UploadLimits } from './smp-upload'

/** Longer pieces gain nothing more and cost more when one is lost. */
const PIECE_BYTES_MAX = 8192
/** Safe even with one buffer: offsets make it go-back-N, and measured on real bootloaders. */
const WINDOW_MIN = 2
const WINDOW_MAX = 4
/** CBOR's header of a byte string of 256 bytes or more, less that of an empty one. */
const LENGTH_GROWTH_BYTES = 2
const SHA256_BYTES = 32

/**
 * Pieces as long as the device's buffer takes. Throws `DEVICE_CONFUSED` where the buffer that it
 * names holds no piece at all.
 */
export function limitsFor(totalBytes: number, memory: Identity['memory']): UploadLimits {
  const packetBytes = Math.min(memory.bufferBytes - CONSOLE_FRAME_EXTRA_BYTES, MAX_PACKET_BYTES)
  const first = { totalBytes, sha256: new Uint8Array(SHA256_BYTES) }
  const firstPieceBytes = roomFor(packetBytes, { offset: 0, data: new Uint8Array(0), first })
  const pieceBytes = roomFor(packetBytes, { offset: totalBytes, data: new Uint8Array(0) })
  if (firstPieceBytes < PIECE_UNIT_BYTES) {
    throw new CodedError(
      'DEVICE_CONFUSED',
      `The device says that its buffer holds ${memory.bufferBytes} bytes, which is too little for ` +
        'any piece of an image. Switch it off and on, then try again.',
      { bufferBytes: memory.bufferBytes },
    )
  }
  const window = Math.min(Math.max(memory.bufferCount, WINDOW_MIN), WINDOW_MAX)
  return { totalBytes, firstPieceBytes, pieceBytes, window }
}

/** Bytes of data that fit into a packet beside everything else, in whole units. */
function roomFor(packetBytes: number, empty: UploadPiece): number {
  const overhead = encodePacket(requestOf(uploadImage(empty), 0)).length + LENGTH_GROWTH_BYTES
  const room = Math.min(packetBytes - overhead, PIECE_BYTES_MAX)
  return Math.floor(room / PIECE_UNIT_BYTES) * PIECE_UNIT_BYTES
}
