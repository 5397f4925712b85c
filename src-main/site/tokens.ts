import { hash, randomBytes, timingSafeEqual } from 'node:crypto'

const TOKEN_BYTES = 32

/** A token for one update, and what the server keeps of it: nobody reads a token from its disk. */
export function newToken(): { readonly token: string; readonly tokenDigest: string } {
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  return { token, tokenDigest: tokenDigestOf(token) }
}

/** Takes the same time wherever the two differ. */
export function isToken(token: string, tokenDigest: string): boolean {
  return timingSafeEqual(Buffer.from(tokenDigestOf(token)), Buffer.from(tokenDigest))
}

/** What is kept of a token: 64 hex digits. */
export function tokenDigestOf(token: string): string {
  return hash('sha256', token, 'hex')
}
