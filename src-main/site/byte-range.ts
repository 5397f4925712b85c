/** Bytes from `from` up to, but not including, `to`. */
export interface ByteRange {
  readonly from: number
  readonly to: number
}

/**
 * The one range that a Range header asks for of so many bytes. Undefined for everything that is no
 * single range with a byte in it: who goes on with a broken transfer must not get it from the start.
 */
export function readRange(header: string, bytes: number): ByteRange | undefined {
  const match = /^bytes=(\d{1,15})?-(\d{1,15})?$/.exec(header.trim())
  if (!match) return undefined
  const [first, last] = [match[1], match[2]]
  if (first === undefined && last === undefined) return undefined
  const from = first === undefined ? Math.max(0, bytes - Number(last)) : Number(first)
  const to = first === undefined || last === undefined ? bytes : Math.min(bytes, Number(last) + 1)
  return from < to ? { from, to } : undefined
}
