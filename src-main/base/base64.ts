const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const PAD = 0x3d
const NOT_A_DIGIT = 0xff

const DIGIT_CODES = Uint8Array.from(ALPHABET, digit => digit.charCodeAt(0))
const VALUES = new Uint8Array(256).fill(NOT_A_DIGIT)
DIGIT_CODES.forEach((code, value) => (VALUES[code] = value))

/** Standard base64 (RFC 4648, section 4) with padding, as ASCII bytes. */
export function encodeBase64(bytes: Uint8Array): Uint8Array {
  const encoded = new Uint8Array(Math.ceil(bytes.length / 3) * 4)
  let out = 0
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = [bytes[at], bytes[at + 1], bytes[at + 2]]
    const left = bytes.length - at
    encoded[out++] = DIGIT_CODES[a >> 2] ?? 0
    encoded[out++] = DIGIT_CODES[((a & 3) << 4) | (b >> 4)] ?? 0
    encoded[out++] = left > 1 ? (DIGIT_CODES[((b & 15) << 2) | (c >> 6)] ?? 0) : PAD
    encoded[out++] = left > 2 ? (DIGIT_CODES[c & 63] ?? 0) : PAD
  }
  return encoded
}

/** Reads padded base64; undefined for any other text, wrong padding included. */
export function decodeBase64(text: Uint8Array): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined
  const padding = text.at(-1) !== PAD ? 0 : text.at(-2) === PAD ? 2 : 1
  const decoded = new Uint8Array((text.length / 4) * 3)
  let out = 0
  for (let at = 0; at < text.length; at += 4) {
    const isLast = at + 4 === text.length
    let group = 0
    for (let index = 0; index < 4; index++) {
      const isPadding = isLast && index >= 4 - padding
      const value = isPadding ? 0 : (VALUES[text[at + index] ?? 0] ?? NOT_A_DIGIT)
      if (value === NOT_A_DIGIT) return undefined
      group = (group << 6) | value
    }
    decoded[out++] = (group >> 16) & 0xff
    decoded[out++] = (group >> 8) & 0xff
    decoded[out++] = group & 0xff
  }
  return decoded.subarray(0, decoded.length - padding)
}
