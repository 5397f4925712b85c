import { request } from 'node:http'
import { connect } from 'node:net'

export interface RawRequest {
  readonly port: number
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly body?: string | Buffer
}

export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** Sends headers as they are given, Host included, and never follows where it is sent. */
export function ask({ port, method = 'GET', path = '/', headers = {}, body }: RawRequest) {
  return new Promise<RawAnswer>((done, fail) => {
    const options = { host: '127.0.0.1', port, method, path, headers, setHost: false }
    const call = request(options, answer => {
      let text = ''
      answer.setEncoding('utf8')
      // One that is cut off has no end.
      answer.on('error', fail)
      answer.on('data', part => (text += part))
      answer.on('end', () =>
        done({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }),
      )
    })
    call.on('upgrade', (answer, socket) => {
      socket.destroy()
      done({ status: answer.statusCode ?? 0, headers: answer.headers, body: '' })
    })
    call.on('error', fail)
    call.end(body)
  })
}

/** What comes back on a line that gets these bytes, until the other side ends it. */
export function tell(port: number, text: string): Promise<string> {
  return new Promise(done => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    socket.setEncoding('utf8')
    socket.on('data', part => (answer += String(part)))
    // A line that is cut off has said what it had to say.
    socket.on('error', () => {})
    socket.on('close', () => done(answer))
  })
}

export const WEB_SOCKET_HEADERS = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
}
