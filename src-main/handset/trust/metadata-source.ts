import { concatBytes } from '../../base/bytes'
import { CodedError } from '../../base/coded-error'
import { METADATA_PATHS } from '../../wire/metadata/messages'
import { RadioLost, type Radio } from '../radio/radio'
import type { StopSignal } from '../radio/stop-signal'

export interface DocumentRequest {
  readonly vendorName: string
  /** Such as `timestamp.json`. */
  readonly file: string
  readonly bytesMax: number
}

const FOUND = 200
const SERVER_FAILED = 500
/** TUF takes both for "there is none". */
const ABSENT: readonly number[] = [403, 404]

/**
 * Gets a document of a vendor's metadata over the radio; undefined: there is none. Rejects with
 * {@link RadioLost} where trying again may help, and with a CodedError `METADATA_TOO_LONG` as soon
 * as more comes than may.
 */
export async function documentOver(
  radio: Radio,
  { vendorName, file, bytesMax }: DocumentRequest,
  stop: StopSignal,
): Promise<Uint8Array | undefined> {
  const path = `${METADATA_PATHS.of(vendorName)}/${file}`
  const answer = await radio.send({ method: 'GET', path, headers: {}, body: undefined }, stop)
  const { status } = answer
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of answer.pieces()) {
    bytes += piece.length
    if (bytes > bytesMax) throw tooLong(file, bytesMax)
    pieces.push(piece)
  }
  if (status === FOUND) return concatBytes(pieces)
  if (ABSENT.includes(status)) return undefined
  if (status >= SERVER_FAILED) {
    throw new RadioLost(`The carrier's server failed with HTTP status ${status} over ${file}.`)
  }
  const message = `The carrier's server answered ${file} with HTTP status ${status}. Tell the carrier.`
  throw new CodedError('METADATA_WRONG', message, { file, status })
}

function tooLong(file: string, bytesMax: number): CodedError {
  const message = `${file} is longer than the ${bytesMax} bytes that it may have. Somebody between vendor and handset changed it; tell the carrier.`
  return new CodedError('METADATA_TOO_LONG', message, { file, limit: bytesMax })
}
