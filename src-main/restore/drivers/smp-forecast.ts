import { SmpResult } from '../../wire/smp/constants'
import type { SmpEncoding } from '../../wire/smp/encoding'
import { answerTo, requestOf, uploadImage } from '../../wire/smp/messages'
import { encodePacket, type SmpPacket } from '../../wire/smp/packet'
import type { Forecast, RestoreImage } from './driver'
import { uploadPieceOf } from './smp-transfer'
import { next, uploadOf, type Piece, type UploadLimits } from './smp-upload'

export interface ForecastParts {
  readonly image: RestoreImage
  readonly limits: UploadLimits
  /** The first byte that the device does not hold yet. */
  readonly from: number
  readonly encoding: SmpEncoding
  /** Of the line; null where it has no rate. */
  readonly baud: number | null
}

const BITS_PER_BYTE = 10

/**
 * Plays the upload to its end against a device that takes every piece, with the machine and the
 * encoder that send it for real. Time is what the line needs: requests follow one another, and an
 * answer is only waited for where nothing else may be sent meanwhile.
 */
export function forecastUpload(parts: ForecastParts): Forecast {
  const { limits, encoding } = parts
  const wireBytes = (packet: SmpPacket) => encoding.wireBytes(encodePacket(packet).length)
  const total = { requests: 0, sentBytes: 0, receivedBytes: 0 }
  let waitedForBytes = 0
  const underWay: Piece[] = []
  let { state, effects } = next(uploadOf(limits, parts.from), { kind: 'started' })
  for (;;) {
    for (const effect of effects) if (effect.kind === 'send') underWay.push(effect.piece)
    const piece = underWay.shift()
    if (!piece) break
    const offset = piece.offset + piece.bytes
    const isLast = offset === limits.totalBytes
    const request = requestOf(uploadImage(uploadPieceOf(parts.image, piece)), 0)
    const proof = isLast ? { match: true } : {}
    const answerBytes = wireBytes(answerTo(request, { rc: SmpResult.ok, off: offset, ...proof }))
    total.requests += 1
    total.sentBytes += wireBytes(request)
    total.receivedBytes += answerBytes
    if (isLast || piece.offset === 0 || limits.window === 1) waitedForBytes += answerBytes
    const match = isLast || undefined
    ;({ state, effects } = next(state, { kind: 'answered', id: piece.id, offset, match }))
  }
  const lineBytes = total.sentBytes + waitedForBytes
  const { pieceBytes, window } = limits
  const seconds = parts.baud === null ? null : (lineBytes * BITS_PER_BYTE) / parts.baud
  return { ...total, pieceBytes, window, seconds }
}
