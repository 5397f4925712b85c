import { concatBytes, equalBytes } from '../../base/bytes'
import { damaged } from './delta-errors'
import {
  type DeltaHeader,
  DIGEST_BYTES,
  readHeader,
  STREAMS,
  type StreamName,
  writeHeader,
} from './header'
import { LzmaDecoder } from './lzma-decoder'

/** SHA-256 over pieces in order; pure code is given one. */
export type Sha256 = (pieces: Iterable<Uint8Array>) => Uint8Array

/** A differential file that is whole: header, three streams, SHA-256 of all before it. */
export interface DeltaFile {
  readonly header: DeltaHeader
  readonly packed: Readonly<Record<StreamName, Uint8Array>>
}

export function writeDeltaFile({ header, packed }: DeltaFile, sha256: Sha256): Uint8Array {
  const parts = [writeHeader(header), ...STREAMS.map(name => packed[name])]
  return concatBytes([...parts, sha256(parts)])
}

/**
 * Reads a file after its digest has proved it whole. Throws `DELTA_DAMAGED` or
 * `DELTA_UNSUPPORTED`; nothing is allocated by what the file claims.
 */
export function readDeltaFile(file: Uint8Array, sha256: Sha256): DeltaFile {
  const { header, end } = readHeader(file)
  const packedBytes = STREAMS.reduce((sum, name) => sum + header.streams[name].packedBytes, 0)
  const whole = end + packedBytes + DIGEST_BYTES
  if (file.length !== whole) {
    throw damaged(`has ${file.length} bytes and should have ${whole}.`, {
      bytes: file.length,
      expected: whole,
    })
  }
  const covered = file.subarray(0, whole - DIGEST_BYTES)
  if (!equalBytes(sha256([covered]), file.subarray(whole - DIGEST_BYTES))) {
    throw damaged('does not match its own SHA-256.')
  }
  let at = end
  const take = (name: StreamName) => {
    at += header.streams[name].packedBytes
    return file.subarray(at - header.streams[name].packedBytes, at)
  }
  const packed = {
    covers: take('covers'),
    residuals: take('residuals'),
    literals: take('literals'),
  }
  return { header, packed }
}

/** The unpacked bytes of one stream, from its start. */
export function decoderOf({ header, packed }: DeltaFile, name: StreamName): LzmaDecoder {
  const { bytes, settings } = header.streams[name]
  return new LzmaDecoder(name, packed[name], bytes, settings)
}
