import { type OldImage, proveDelta } from '../../wire/delta/apply'
import { openRewriteSource } from '../../wire/delta/open-rewrite-source'
import type { RewriteSource } from '../../wire/delta/rewrite-source'
import type { Sha256 } from '../digest'

/** How a handset decodes update files. */
export interface UpdateDecoder {
  /** Proves that a file gives the image it names, writing nothing. Throws as `proveDelta` does. */
  prove(old: OldImage, file: Uint8Array): void
  /** The steps of a rewrite. Throws as `openRewriteSource` does. */
  open(file: Uint8Array): RewriteSource
}

/** Decodes as it goes, in the memory that a handset has. */
export function streamingDecoder(sha256: Sha256): UpdateDecoder {
  return {
    prove: (old, file) => void proveDelta(old, file, sha256),
    open: file => openRewriteSource(file, sha256),
  }
}
