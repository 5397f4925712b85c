import { connect, createServer, type Server, type Socket } from 'node:net'
import { CodedError } from '../base/coded-error'
import { formatLink } from '../contract/link-address'
import type { ByteLink } from './byte-link'
import { LinkSignals, linkLost } from './link-signals'

export interface TcpEnd {
  readonly host: string
  readonly port: number
}

const CONNECT_TIMEOUT_MS = 5000
/** A line has one other side; a few more may wait for it to hang up. */
const WAITING_CONNECTIONS_MAX = 8
const WAITING_BYTES_MAX = 65_536

/** Connects. Rejects with `LINK_REFUSED`, `LINK_NOT_FOUND` or `NO_ANSWER`. */
export function openTcp(end: TcpEnd, timeoutMs: number = CONNECT_TIMEOUT_MS): Promise<ByteLink> {
  const name = formatLink({ kind: 'tcp', ...end })
  const socket = connect({ host: end.host, port: end.port, noDelay: true })
  return new Promise((resolve, reject) => {
    // A guard against a hang of the network: real time, whatever the workbench's clock.
    const timer = setTimeout(() => {
      socket.destroy()
      const message = `${name} did not answer within ${timeoutMs / 1000} s. Check the address.`
      reject(new CodedError('NO_ANSWER', message, { link: name }))
    }, timeoutMs)
    const fail = (error: Error) => {
      clearTimeout(timer)
      reject(connectError(name, error))
    }
    socket.once('error', fail)
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.off('error', fail)
      resolve(new TcpLink(name, socket))
    })
  })
}

export interface TcpListener extends AsyncIterable<ByteLink> {
  readonly host: string
  /** The port that was really taken, also where 0 was asked for. */
  readonly port: number
  /** Ends the iteration and refuses who waits; links that were handed out stay open. */
  close(): void
}

/**
 * Listens and yields every connection as a link. Rejects with `LINK_BUSY`, `LINK_DENIED` or
 * `LINK_NOT_FOUND`.
 */
export async function listenTcp(end: TcpEnd): Promise<TcpListener> {
  const server = createServer({ noDelay: true })
  server.maxConnections = WAITING_CONNECTIONS_MAX
  const callers = new Callers()
  // A link from the start: who hangs up while it waits is heard, and is not handed out.
  server.on('connection', socket => {
    const { remoteAddress: host = 'unknown', remotePort = 0 } = socket
    callers.add(new TcpLink(formatLink({ kind: 'tcp', host, port: remotePort }), socket))
  })
  await listening(server, end)
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : end.port
  server.on('error', error =>
    callers.end(listenError(formatLink({ kind: 'tcp-listen', ...end }), error)),
  )
  return {
    host: end.host,
    port,
    close() {
      callers.end(null)
      server.close()
    },
    [Symbol.asyncIterator]: () => callers.links(),
  }
}

/** Who has connected and waits for the line, oldest first. */
class Callers {
  readonly #waiting = new Set<ByteLink>()
  #end: { readonly error: Error | null } | undefined
  #stirred = () => {}

  add(link: ByteLink): void {
    if (this.#end) return void link.close()
    this.#waiting.add(link)
    link.onClose(() => void this.#waiting.delete(link))
    this.#stirred()
  }

  end(error: Error | null): void {
    this.#end ??= { error }
    for (const link of this.#waiting) void link.close()
    this.#stirred()
  }

  async *links(): AsyncGenerator<ByteLink> {
    while (!this.#end) {
      const [link] = this.#waiting
      if (link) {
        this.#waiting.delete(link)
        yield link
      } else {
        await new Promise<void>(done => (this.#stirred = done))
      }
    }
    if (this.#end.error) throw this.#end.error
  }
}

function listening(server: Server, end: TcpEnd): Promise<void> {
  const name = formatLink({ kind: 'tcp-listen', ...end })
  return new Promise((resolve, reject) => {
    server.once('error', error => reject(listenError(name, error)))
    server.listen({ host: end.host, port: end.port }, () => {
      server.removeAllListeners('error')
      resolve()
    })
  })
}

class TcpLink implements ByteLink {
  readonly name: string
  readonly baud = null
  readonly #socket: Socket
  readonly #signals = new LinkSignals()

  constructor(name: string, socket: Socket) {
    this.name = name
    this.#socket = socket
    socket.on('data', bytes => this.#take(bytes))
    socket.on('error', error => this.#signals.end(linkLost(name, error.message, error)))
    socket.on('close', () => this.#signals.end(linkLost(name, 'the other side closed it')))
    // Half a line is no line: when the other side has hung up, so do we.
    socket.on('end', () => socket.destroy())
  }

  write(bytes: Uint8Array): Promise<void> {
    const refusal = this.#signals.refusal(this.name)
    if (refusal) return Promise.reject(refusal)
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, error => {
        if (error) reject(this.#signals.refusal(this.name) ?? linkLost(this.name, error.message))
        else resolve()
      })
    })
  }

  onData(listener: (bytes: Uint8Array) => void): () => void {
    const stop = this.#signals.onData(listener)
    this.#socket.resume()
    return stop
  }

  onClose: ByteLink['onClose'] = listener => this.#signals.onClose(listener)

  async close(): Promise<void> {
    if (this.#signals.ended) return
    this.#signals.end(null)
    const gone = new Promise<void>(done => void this.#socket.once('close', () => done()))
    this.#socket.end(() => this.#socket.destroy())
    await gone
  }

  /** Who is not heard yet may not fill the memory. */
  #take(bytes: Uint8Array): void {
    this.#signals.deliver(bytes)
    if (this.#signals.waitingBytes > WAITING_BYTES_MAX) this.#socket.pause()
  }
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}

function connectError(name: string, error: Error): CodedError {
  const fail = (code: string, message: string) =>
    new CodedError(code, message, { link: name }, { cause: error })
  switch (codeOf(error)) {
    case 'ECONNREFUSED':
      return fail('LINK_REFUSED', `Nobody listens at ${name}. Start the device's side first.`)
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return fail('LINK_NOT_FOUND', `The host of ${name} is not known. Check its name.`)
    case 'ETIMEDOUT':
      return fail('NO_ANSWER', `${name} did not answer. Check the address.`)
    default:
      return fail('LINK_NOT_FOUND', `${name} cannot be reached: ${error.message}.`)
  }
}

function listenError(name: string, error: Error): CodedError {
  const fail = (code: string, message: string) =>
    new CodedError(code, message, { link: name }, { cause: error })
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return fail('LINK_BUSY', `${name} is in use by another program. Take another port.`)
    case 'EACCES':
      return fail('LINK_DENIED', `${name} may not be opened. Take a port of 1024 or more.`)
    default:
      return fail('LINK_NOT_FOUND', `${name} cannot be opened: ${error.message}.`)
  }
}
