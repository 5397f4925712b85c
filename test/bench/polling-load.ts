// Devices that poll, in a process of their own: ADDRESS constant|poll|distribute DEVICES SECONDS LINES.
// Prints a LoadRun as JSON.
import { connect } from 'node:net'

export interface LoadRun {
  /** Polls, or whole distributions. */
  readonly units: number
  readonly requests: number
  readonly seconds: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly errors: number
}

const [address = '', mode = '', devices = '1', seconds = '5', lines = '32'] = process.argv.slice(2)
const { hostname, port } = new URL(address)
const BASE = '/DEFAULT/controller/v1'
/** Prime, so that neighbours in the table do not ask one after the other. */
const STRIDE = 7919

const unitMs: number[] = []
let [requests, errors, next] = [0, 0, 0]
const startedAt = performance.now()
const until = startedAt + Number(seconds) * 1000

/** One line that is kept, and one request at a time on it. */
class Line {
  readonly #socket = connect(Number(port), hostname).setNoDelay(true)
  #answer = ''
  #done: (answer: string) => void = () => {}

  constructor() {
    this.#socket.setEncoding('latin1')
    this.#socket.on('data', (text: string) => {
      this.#answer += text
      if (isWhole(this.#answer)) this.#done(this.#answer)
    })
    this.#socket.on('error', () => this.#done(''))
  }

  async ask(method: string, path: string, device: string, body = ''): Promise<string> {
    this.#answer = ''
    const answered = new Promise<string>(done => (this.#done = done))
    const type = body === '' ? '' : 'content-type: application/json\r\n'
    this.#socket.write(
      `${method} ${path} HTTP/1.1\r\nhost: ${hostname}:${port}\r\n` +
        `authorization: TargetToken token-of-${device}\r\n${type}` +
        `content-length: ${body.length}\r\n\r\n${body}`,
    )
    const answer = await answered
    requests += 1
    if (!/^HTTP\/1.1 20[06]/.test(answer)) errors += 1
    return answer
  }

  end(): void {
    this.#socket.destroy()
  }
}

function isWhole(answer: string): boolean {
  const head = answer.indexOf('\r\n\r\n')
  if (head < 0) return false
  const length = /content-length: (\d+)/i.exec(answer.slice(0, head))?.[1]
  return length === undefined
    ? answer.endsWith('0\r\n\r\n')
    : answer.length >= head + 4 + Number(length)
}

async function unit(line: Line, device: string): Promise<void> {
  if (mode === 'constant') await line.ask('GET', '/constant', device)
  else if (mode === 'poll') await line.ask('GET', `${BASE}/${device}`, device)
  else await distribution(line, device)
}

/** Poll, action, file, and three reports; each is answered once it is on the disk. */
async function distribution(line: Line, device: string): Promise<void> {
  const poll = await line.ask('GET', `${BASE}/${device}`, device)
  const id = /deploymentBase\/(\d+)/.exec(poll)?.[1]
  if (id === undefined) {
    errors += 1
    return
  }
  await line.ask('GET', `${BASE}/${device}/deploymentBase/${id}`, device)
  const file = `${BASE}/${device}/softwaremodules/${id}/artifacts/bench-2.0.0.bin`
  await line.ask('GET', file, device)
  const reports = [
    ['proceeding', 'none'],
    ['proceeding', 'none'],
    ['closed', 'success'],
  ]
  for (const [execution, finished] of reports) {
    const status = { execution, result: { finished }, details: ['as the agent says'] }
    const body = JSON.stringify({ id, status })
    await line.ask('POST', `${BASE}/${device}/deploymentBase/${id}/feedback`, device, body)
  }
}

async function work(): Promise<void> {
  const line = new Line()
  const count = Number(devices)
  const isOnce = mode === 'distribute'
  const last = isOnce ? count : Number.POSITIVE_INFINITY
  while (performance.now() < until && next < last) {
    const device = `DEV-${isOnce ? next : (next * STRIDE) % count}`
    next += 1
    const before = performance.now()
    await unit(line, device)
    unitMs.push(performance.now() - before)
  }
  line.end()
}

await Promise.all(Array.from({ length: Number(lines) }, work))
const elapsed = (performance.now() - startedAt) / 1000
const sorted = unitMs.toSorted((a, b) => a - b)
const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
const run: LoadRun = {
  units: unitMs.length,
  requests,
  seconds: elapsed,
  p50Ms: at(0.5) ?? 0,
  p99Ms: at(0.99) ?? 0,
  errors,
}
process.stdout.write(JSON.stringify(run))
