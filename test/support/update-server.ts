import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { inquiry, report, type Inquiry, type Report } from '../../src-main/wire/update/messages'
import type { UpdateInformation } from '../../src-main/wire/update/messages'

/** A step of the update sequence, as the server meets it. */
export type Step = 'U1' | 'U5' | 'U6' | 'U10'

export interface Offer {
  readonly update: UpdateInformation
  readonly file: Uint8Array
}

export interface HeardMessage {
  readonly step: Step
  readonly body: string
  readonly range: string | undefined
}

/** Answers a message in the server's place; false leaves it to the server. */
export type Answerer = (step: Step, response: ServerResponse, message: HeardMessage) => boolean

const TOKEN = 'let-me-in'

/** The carrier's side of the messages, as small as tests need it, over real HTTP. */
export class UpdateServer {
  readonly heard: HeardMessage[] = []
  readonly inquiries: Inquiry[] = []
  readonly reports: Report[] = []
  /** What it has; an inquiry for a needed file gets the one of that digest. */
  offers: readonly Offer[] = []
  answer: Answerer = () => false
  readonly #server = createServer((request, response) => void this.#take(request, response))

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  get address(): string {
    const { port } = this.#server.address() as AddressInfo
    return `http://127.0.0.1:${port}`
  }

  get steps(): string[] {
    return this.heard.map(({ step }) => step)
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    const body = Buffer.concat(pieces).toString()
    const [, id = '', what = ''] =
      /^\/v1\/updates\/([^/]+)(?:\/(\w+))?$/.exec(request.url ?? '') ?? []
    const step = id === 'inquiry' ? 'U1' : STEPS[what]
    if (!step) return send(response, 404, { code: 'NOT_FOUND', message: 'No such place.' })
    const message: HeardMessage = { step, body, range: request.headers.range }
    this.heard.push(message)
    if (this.answer(step, response, message)) return
    if (step === 'U1') return this.#inform(inquiry.parse(JSON.parse(body)), response)
    const offer = this.offers.find(({ update }) => update.id === id)
    if (!offer) return send(response, 404, { code: 'UPDATE_UNKNOWN', message: 'No such update.' })
    if (step === 'U5') return send(response, 200, { token: TOKEN })
    if (step === 'U6') return this.#sendFile(offer, request, response)
    this.reports.push(report.parse(JSON.parse(body)))
    response.writeHead(204).end()
  }

  #inform(asked: Inquiry, response: ServerResponse): void {
    this.inquiries.push(asked)
    const { neededFile, software } = asked
    const offer = this.offers.find(({ update: { file, target } }) =>
      neededFile === null ? target.sha256 !== software?.sha256 : file.sha256 === neededFile,
    )
    send(response, 200, { update: offer?.update ?? null })
  }

  #sendFile({ update, file }: Offer, request: IncomingMessage, response: ServerResponse): void {
    if (request.headers.authorization !== `Bearer ${TOKEN}`) {
      return send(response, 401, { code: 'TOKEN_UNKNOWN', message: 'Ask for the transfer first.' })
    }
    const etag = `"${update.file.sha256}"`
    const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? []
    if (from === undefined || (request.headers['if-range'] ?? etag) !== etag) {
      response.writeHead(200, { etag, 'content-length': file.length }).end(file)
      return
    }
    const range = `bytes ${from}-${file.length - 1}/${file.length}`
    response.writeHead(206, { etag, 'content-range': range }).end(file.subarray(Number(from)))
  }
}

const STEPS: Readonly<Record<string, Step>> = { request: 'U5', file: 'U6', report: 'U10' }

/** Begins a server that ends with the test. */
export async function updateServer(offers: readonly Offer[] = []): Promise<UpdateServer> {
  const server = new UpdateServer()
  server.offers = offers
  await server.listen()
  onTestFinished(() => server.close())
  return server
}

export function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
