import { createHash } from 'node:crypto'
import type { Random } from '../../src-main/base/random'

const IMAGE_BYTES_MAX = 32 * 1024

/** What was asked for and what was answered, each by a name that it bears alone. */
export class Ledger {
  readonly asked = new Set<string>()
  readonly acknowledged = new Set<string>()
}

/** Everything that clients were told, over all starts. */
export class Facts {
  /** Digests of uploaded files. */
  readonly images = new Ledger()
  /** Values of one number in the settings, rising. */
  readonly settings = new Ledger()
  /** Names of handsets that were made. */
  readonly handsets = new Ledger()
  /** Requests that a kill left without an answer. */
  unanswered = 0
  /** Answers other than yes. */
  readonly refusals: string[] = []
}

/** Makes facts, three kinds at once, until the workbench answers no more. */
export class KillClient {
  readonly #address: URL
  readonly #facts: Facts
  #count = 0
  #heard: (count: number) => void = () => {}

  constructor(address: URL, facts: Facts) {
    this.#address = address
    this.#facts = facts
  }

  /** Resolves once so many facts were acknowledged. */
  reached(count: number): Promise<void> {
    return new Promise(done => {
      this.#heard = reached => reached >= count && done()
      this.#heard(this.#count)
    })
  }

  async untilKilled(random: Random): Promise<void> {
    const { images, settings, handsets } = this.#facts
    await Promise.all([
      this.#make(images, () => this.#upload(random)),
      this.#make(settings, () => this.#changeSettings(settings.asked.size + 1)),
      this.#make(handsets, () => this.#makeHandset(handsets.asked.size + 1)),
    ])
  }

  async get(path: string): Promise<unknown> {
    const response = await fetch(this.#request('GET', path))
    return response.json()
  }

  #upload(random: Random): NamedRequest {
    const content = Uint8Array.from(random.bytes(1024 + random.below(IMAGE_BYTES_MAX)))
    const name = createHash('sha256').update(content).digest('hex')
    return { name, request: this.#request('POST', '/upload?name=random.bin', content) }
  }

  #changeSettings(value: number): NamedRequest {
    const change = { layout: { value } }
    return { name: String(value), request: this.#request('PATCH', '/api/settings', change) }
  }

  #makeHandset(count: number): NamedRequest {
    const name = `handset-${count}`
    return { name, request: this.#request('POST', '/api/handsets', { name }) }
  }

  async #make(ledger: Ledger, next: () => NamedRequest): Promise<void> {
    for (;;) {
      const { name, request } = next()
      ledger.asked.add(name)
      // oxlint-disable-next-line no-await-in-loop
      const status = await statusOf(request)
      if (status === undefined) {
        this.#facts.unanswered += 1
        return
      }
      if (status === 200) ledger.acknowledged.add(name)
      else this.#facts.refusals.push(`${request.method} ${request.url}: ${status}`)
      this.#count += 1
      this.#heard(this.#count)
    }
  }

  #request(method: string, path: string, body?: Uint8Array<ArrayBuffer> | object): Request {
    const isFile = body instanceof Uint8Array
    const headers = {
      authorization: `Bearer ${this.#address.searchParams.get('token')}`,
      'content-type': isFile ? 'application/octet-stream' : 'application/json',
    }
    const content = body === undefined || isFile ? (body ?? null) : JSON.stringify(body)
    return new Request(new URL(path, this.#address), { method, headers, body: content })
  }
}

interface NamedRequest {
  readonly name: string
  readonly request: Request
}

/** Undefined where the answer did not come, or not whole. */
async function statusOf(request: Request): Promise<number | undefined> {
  try {
    const response = await fetch(request)
    await response.json()
    return response.status
  } catch {
    return undefined
  }
}
