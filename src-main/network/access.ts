import { hash } from 'node:crypto'
import type { Clock } from '../base/clock'
import { CodedError } from '../base/coded-error'
import { isToken, newToken } from '../site/tokens'
import type { SessionRequest } from '../wire/device/messages'

const SESSION_MS = 3_600_000
const SESSIONS_MAX = 8

interface Session {
  readonly tokenDigest: string
  readonly until: number
}

/** Who may use the line to a device: whoever knows its number and its password (S4). */
export class DeviceAccess {
  readonly deviceId: string
  readonly #clock: Pick<Clock, 'now'>
  #passwordDigest: string
  /** Oldest first. */
  #sessions: readonly Session[] = []

  constructor(
    { deviceId, password }: SessionRequest,
    { clock }: { readonly clock: Pick<Clock, 'now'> },
  ) {
    this.deviceId = deviceId
    this.#clock = clock
    this.#passwordDigest = digestOf(password)
  }

  /** Ends every session that the old one opened. */
  changePassword(password: string): void {
    this.#passwordDigest = digestOf(password)
    this.#sessions = []
  }

  /** Connects the line and gives its token. Throws a CodedError `PASSWORD_WRONG`. */
  open({ deviceId, password }: SessionRequest): string {
    const isRight = isToken(password, this.#passwordDigest)
    if (!isRight || deviceId !== this.deviceId) {
      const message = `${this.deviceId} does not know this number and password. Compare the customer table.`
      throw new CodedError('PASSWORD_WRONG', message)
    }
    const { token, tokenDigest } = newToken()
    const until = this.#clock.now() + SESSION_MS
    this.#sessions = [...this.#sessions.slice(1 - SESSIONS_MAX), { tokenDigest, until }]
    return token
  }

  /** Throws a CodedError `TOKEN_REQUIRED` or `TOKEN_WRONG` unless a session's token is shown. */
  check({ headers }: Pick<Request, 'headers'>): void {
    const token = /^Bearer (\S{1,256})$/.exec(headers.get('authorization') ?? '')?.[1]
    if (token === undefined) {
      throw new CodedError('TOKEN_REQUIRED', 'The line is not connected. Ask for a session first.')
    }
    const now = this.#clock.now()
    const session = this.#sessions.find(({ tokenDigest }) => isToken(token, tokenDigest))
    if (session && session.until >= now) return
    throw new CodedError('TOKEN_WRONG', 'The session is over. Ask for another one.')
  }
}

function digestOf(password: string): string {
  return hash('sha256', password, 'hex')
}
