import { decodeBase64, encodeBase64 } from '../../src-main/base/base64'
import { asciiBytes, asciiText } from '../../src-main/base/bytes'

/** Bytes that crossed the contract as base64. Throws where the text is none. */
export function bytesOf(base64: string): Uint8Array {
  const bytes = decodeBase64(asciiBytes(base64))
  if (!bytes) throw new Error('The workbench sent bytes that are no base64.')
  return bytes
}

export function base64Of(bytes: Uint8Array): string {
  return asciiText(encodeBase64(bytes))
}
