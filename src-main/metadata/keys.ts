import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  hkdfSync,
  type KeyObject,
  sign,
} from 'node:crypto'
import { Key, Signature } from '@tufjs/models'

/** A key that signs metadata. */
export interface SigningKey {
  readonly keyId: string
  /** PKCS#8 PEM. */
  readonly privateKey: string
}

/** What stands before the 32 secret bytes of an Ed25519 key in PKCS#8 (RFC 8410). */
const PKCS8_BEFORE_SECRET = Buffer.from('302e020100300506032b657004220420', 'hex')
const SECRET_BYTES = 32
const SALT = 'kintsugi online keys'

export function newKey(): SigningKey {
  return signingKey(generateKeyPairSync('ed25519').privateKey)
}

/**
 * The key of a master key for one vendor: nothing has to be kept for a name that anybody may ask
 * for, and no document of one vendor is good for another one's handsets.
 */
export function derivedKey(master: string, purpose: string): SigningKey {
  const secret = createPrivateKey(master)
    .export({ format: 'der', type: 'pkcs8' })
    .subarray(-SECRET_BYTES)
  const derived = Buffer.from(hkdfSync('sha256', secret, SALT, purpose, SECRET_BYTES))
  const der = Buffer.concat([PKCS8_BEFORE_SECRET, derived])
  return signingKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }))
}

/** The 32 bytes of the public key in hex, as TUF writes it. */
export function publicHexOf({ privateKey }: SigningKey): string {
  return publicHex(createPrivateKey(privateKey))
}

/** A public key as root metadata lists it. */
export function listedKey(publicKey: string): Key {
  const keyVal = { public: publicKey }
  return new Key({ keyID: keyIdOf(publicKey), keyType: 'ed25519', scheme: 'ed25519', keyVal })
}

export function signatureOf({ keyId, privateKey }: SigningKey, bytes: Buffer): Signature {
  const sig = sign(null, bytes, createPrivateKey(privateKey)).toString('hex')
  return new Signature({ keyID: keyId, sig })
}

function signingKey(key: KeyObject): SigningKey {
  const privateKey = key.export({ format: 'pem', type: 'pkcs8' }).toString()
  return { keyId: keyIdOf(publicHex(key)), privateKey }
}

function publicHex(key: KeyObject): string {
  const der = createPublicKey(key).export({ format: 'der', type: 'spki' })
  return der.subarray(-SECRET_BYTES).toString('hex')
}

/** SHA-256 of the key's canonical JSON (TUF specification, 4.2). */
function keyIdOf(publicKey: string): string {
  const canonical = { keytype: 'ed25519', keyval: { public: publicKey }, scheme: 'ed25519' }
  return hash('sha256', JSON.stringify(canonical), 'hex')
}
