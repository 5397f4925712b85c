import { createHash } from 'node:crypto'
import type { Sha256 } from '../wire/delta/delta-file'

export const nodeSha256: Sha256 = pieces => {
  const hash = createHash('sha256')
  for (const piece of pieces) hash.update(piece)
  return new Uint8Array(hash.digest())
}
