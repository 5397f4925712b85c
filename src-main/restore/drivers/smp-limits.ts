import { CodedError } from '../../base/coded-error'
import type { Identity } from '../../contract/restore'
import { MAX_PACKET_BYTES } from '../../wire/smp/constants'
import type { SmpEncoding } from '../../wire/smp/encoding'
import { requestOf, uploadImage, type UploadPiece } from '../../wire/smp/messages'
import { encodePacket } from '../../wire/smp/packet'
import { PIECE_UNIT_BYTES, type UploadLimits } from './smp-upload'

/** Longer pieces gain nothing more and cost more when one is lost. */
const PIECE_BYTES_MAX = 8192
/**
 * Over console lines two pieces are safe even with one buffer: offsets make it go-back-N, and a
 * piece that a busy device loses is told from the next one. Raw pieces that it loses a part of are
 * not, so never more of them are under way than the device has buffers for.
 */
const CONSOLE_WINDOW_MIN = 2
/** So many cover 16 ms each way at a megabaud with the usual buffers of a kilobyte. */
const WINDOW_MAX = 8
/** A device drops a broken raw packet only after its time of silence. */
const SILENCE_MARGIN_MS = 200
/** CBOR's header of a byte string of 256 bytes or more, less that of an empty one. */
const LENGTH_GROWTH_BYTES = 2
const SHA256_BYTES = 32

/** Buffers as a device states them. */
type Buffers = Pick<Identity['memory'], 'bufferBytes' | 'bufferCount'>

/**
 * Pieces as long as the device's buffer takes. Throws `DEVICE_CONFUSED` where the buffer that it
 * names holds no piece at all.
 */
export function limitsFor(
  totalBytes: number,
  memory: Buffers,
  encoding: SmpEncoding,
): UploadLimits {
  const bufferBytes = memory.bufferBytes - encoding.bufferExtraBytes
  const packetBytes = Math.min(bufferBytes, MAX_PACKET_BYTES)
  const first = { totalBytes, sha256: new Uint8Array(SHA256_BYTES) }
  const firstPieceBytes = roomFor(packetBytes, { offset: 0, data: new Uint8Array(0), first })
  const pieceBytes = roomFor(packetBytes, { offset: totalBytes, data: new Uint8Array(0) })
  if (firstPieceBytes < PIECE_UNIT_BYTES) {
    throw new CodedError(
      'DEVICE_CONFUSED',
      `While identifying, the device says that its buffer holds ${memory.bufferBytes} bytes, which ` +
        'is too little for any piece of an image. Switch it off and on, then try again.',
      { bufferBytes: memory.bufferBytes },
    )
  }
  const { silenceMs } = encoding
  const windowMin = silenceMs === null ? CONSOLE_WINDOW_MIN : 1
  const window = Math.min(Math.max(memory.bufferCount, windowMin), WINDOW_MAX)
  const quietMs = silenceMs === null ? 0 : silenceMs + SILENCE_MARGIN_MS
  return { totalBytes, firstPieceBytes, pieceBytes, window, quietMs }
}

/** Bytes of data that fit into a packet beside everything else, in whole units. */
function roomFor(packetBytes: number, empty: UploadPiece): number {
  const overhead = encodePacket(requestOf(uploadImage(empty), 0)).length + LENGTH_GROWTH_BYTES
  const room = Math.min(packetBytes - overhead, PIECE_BYTES_MAX)
  return Math.floor(room / PIECE_UNIT_BYTES) * PIECE_UNIT_BYTES
}
