/** Joins byte arrays into one new array. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((total, part) => total + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false
  return true
}

/** Lower-case hexadecimal, two digits a byte, no separators. */
export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0')
  return text
}

/** A view for multi-byte fields; every access names its byte order. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** The bytes as characters 0–255, for text that is known to be ASCII. */
export function asciiText(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}

/** ASCII characters as bytes. Throws on anything beyond 0x7F: callers pass literals and encodings. */
export function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, character => {
    const code = character.charCodeAt(0)
    if (code > 0x7f) throw new RangeError(`Not an ASCII character: ${character}`)
    return code
  })
}

/** An address as the field writes it: `0x` and at least eight digits. */
export function formatAddress(address: number): string {
  return `0x${address.toString(16).padStart(8, '0')}`
}
