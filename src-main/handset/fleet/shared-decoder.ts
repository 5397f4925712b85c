import { toHex } from '../../base/bytes'
import { type OldImage, proveDelta } from '../../wire/delta/apply'
import { decodeAhead } from '../../wire/delta/open-rewrite-source'
import type { RewriteSource } from '../../wire/delta/rewrite-source'
import type { UpdateDecoder } from '../agents/update-decoder'
import type { Sha256 } from '../digest'
import { SharedSource } from './shared-source'

/** A fleet is on the way from a few versions to a few others. */
const KEPT_MAX = 16

/**
 * Decodes a file once for all handsets that have the same bytes of it, and proves it once for all
 * that have the same old image: both follow from nothing else. What each handset has is looked at.
 */
export class SharedDecoder implements UpdateDecoder {
  readonly #sha256: Sha256
  readonly #proved = new Map<string, true>()
  readonly #sources = new Map<string, RewriteSource>()

  constructor(sha256: Sha256) {
    this.#sha256 = sha256
  }

  prove(old: OldImage, file: Uint8Array): void {
    const image = new Uint8Array(old.bytes)
    old.read(0, image)
    kept(this.#proved, `${this.#digestOf(image)} ${this.#digestOf(file)}`, () => {
      proveDelta(old, file, this.#sha256)
      return true
    })
  }

  open(file: Uint8Array): RewriteSource {
    return kept(this.#sources, this.#digestOf(file), () => {
      return new SharedSource(decodeAhead(file, this.#sha256))
    })
  }

  #digestOf(bytes: Uint8Array): string {
    return toHex(this.#sha256([bytes]))
  }
}

/** What is known of a key, else what is found out now; the oldest goes where there are too many. */
function kept<Value>(known: Map<string, Value>, key: string, findOut: () => Value): Value {
  const value = known.get(key)
  if (value !== undefined) return value
  const found = findOut()
  known.set(key, found)
  for (const oldest of known.keys()) {
    if (known.size <= KEPT_MAX) break
    known.delete(oldest)
  }
  return found
}
