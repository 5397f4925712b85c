import { hash, randomBytes, timingSafeEqual } from 'node:crypto'

const TOKEN_BYTES = 32

/** A token for one update, and what the server keeps of it: nobody reads a token from its disk. */
export function newToken(): { readonly token: string; readonly tokenDigest: string } {
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  return { token, tokenDigest: digestOf(token) }
}

/** Takes the same time wherever the two differ. */
export function isToken(token: string, tokenDigest: string): boolean {
  return timingSafeEqual(Buffer.from(digestOf(token)), Buffer.from(tokenDigest))
}

function digestOf(token: string): string {
  return hash('sha256', token, 'hex')
}
