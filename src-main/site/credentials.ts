import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

export interface Credentials {
  readonly id: string
  readonly password: string
}

const SALT_BYTES = 16
const KEY_BYTES = 32
/** So long that guessing costs, so short that a server answers at once. */
const COST = 2 ** 12

/** Of `Authorization: Basic …`; undefined where there is none that can be read. */
export function credentialsIn({ headers }: Pick<Request, 'headers'>): Credentials | undefined {
  const value = headers.get('authorization') ?? ''
  const encoded = /^Basic ([A-Za-z0-9+/]{1,1024}={0,2})$/i.exec(value)?.[1]
  if (encoded === undefined) return undefined
  const [, id, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? []
  return id === undefined || password === undefined ? undefined : { id, password }
}

/** The header that says who asks. */
export function basicCredentials({ id, password }: Credentials): string {
  return `Basic ${Buffer.from(`${id}:${password}`).toString('base64')}`
}

/** What a server keeps of a password: `SALT:KEY` in hex. */
export async function passwordHash(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  return `${salt.toString('hex')}:${(await keyOf(password, salt)).toString('hex')}`
}

/** Takes the same time wherever the two differ. */
export async function isPassword(password: string, kept: string): Promise<boolean> {
  const [salt = '', key = ''] = kept.split(':')
  const given = await keyOf(password, Buffer.from(salt, 'hex'))
  const expected = Buffer.from(key, 'hex')
  return given.length === expected.length && timingSafeEqual(given, expected)
}

function keyOf(password: string, salt: Buffer): Promise<Buffer> {
  return new Promise((done, fail) => {
    scrypt(password, salt, KEY_BYTES, { N: COST }, (error, key) => {
      if (error) fail(error)
      else done(key)
    })
  })
}
