import { equalBytes } from '../../base/bytes'
import { FlashFailure, type FlashPort } from '../flash/flash-port'

/**
 * Programs bytes page by page and reads each page back. One page is all the RAM that this takes,
 * so there is one writer for everything that is written in turn.
 */
export class PageWriter {
  readonly #page: Uint8Array

  constructor(pageBytes: number) {
    this.#page = new Uint8Array(pageBytes)
  }

  /**
   * Writes pieces one behind the other from the start of a page on, and yields the bytes of each
   * page that is in flash. Throws PowerCut and FlashFailure.
   */
  *write(flash: FlashPort, address: number, pieces: Iterable<Uint8Array>): Generator<number, void> {
    const page = this.#page
    let at = address
    let used = 0
    for (const piece of pieces) {
      for (let from = 0; from < piece.length;) {
        const count = Math.min(page.length - used, piece.length - from)
        page.set(piece.subarray(from, from + count), used)
        from += count
        used += count
        if (used < page.length) break
        program(flash, at, page)
        at += used
        used = 0
        yield page.length
      }
    }
    if (used === 0) return
    program(flash, at, page.subarray(0, used))
    yield used
  }

  /** Copies a range of one window to the start of a page of another; yields as `write` does. */
  copy(from: FlashPort, range: ByteRange, to: FlashPort, address: number): Generator<number, void> {
    return this.write(to, address, pagesOf(from, range, this.#page.length))
  }
}

interface ByteRange {
  readonly start: number
  readonly end: number
}

export function* pagesOf(
  flash: FlashPort,
  { start, end }: ByteRange,
  pageBytes: number,
): Generator<Uint8Array> {
  for (let at = start; at < end; at += pageBytes) {
    yield flash.read(at, Math.min(pageBytes, end - at))
  }
}

function program(flash: FlashPort, address: number, bytes: Uint8Array): void {
  flash.program(address, bytes)
  if (!equalBytes(flash.read(address, bytes.length), bytes)) {
    throw new FlashFailure('program-failed', address)
  }
}
