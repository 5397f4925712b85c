export const BYTES_A_LINE = 16

export interface HexLine {
  readonly offset: string
  readonly hex: string
  readonly ascii: string
}

/**
 * One line of a dump. `hex` holds two digits a byte; unprintable bytes show as a dot. `base` is the
 * address of the first byte of all.
 */
export function hexLine(hex: string, line: number, base = 0): HexLine {
  const start = line * BYTES_A_LINE
  const digits = hex.slice(start * 2, (start + BYTES_A_LINE) * 2)
  const bytes = digits.match(/../g) ?? []
  return {
    offset: (base + start).toString(16).padStart(4, '0'),
    hex: bytes.map((byte, index) => (index === 8 ? ` ${byte}` : byte)).join(' '),
    ascii: bytes.map(printable).join(''),
  }
}

export function hexLineCount(hex: string): number {
  return Math.ceil(hex.length / 2 / BYTES_A_LINE)
}

function printable(byte: string): string {
  const code = Number.parseInt(byte, 16)
  return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '.'
}
