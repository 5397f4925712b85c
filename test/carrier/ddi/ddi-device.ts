import type { PollAnswer } from '../../../src-main/carrier/ddi/answers'
import { tokenOf } from './ddi-bench'

type Links = PollAnswer['_links']

export interface DeploymentAnswer {
  readonly id: string
  readonly deployment: {
    readonly download: string
    readonly update: string
    readonly chunks: readonly {
      readonly part: string
      readonly version: string
      readonly name: string
      readonly artifacts: readonly {
        readonly filename: string
        readonly size: number
        readonly hashes: { readonly sha1: string; readonly md5: string; readonly sha256: string }
        readonly _links?: { readonly download: { readonly href: string } }
      }[]
    }[]
  }
}

/** A device that polls, as a client of other people would. */
export class DdiDevice {
  readonly #base: string
  readonly #authorization: string

  constructor(address: string, deviceId: string, authorization?: string) {
    this.#base = `${address}/DEFAULT/controller/v1/${deviceId}`
    this.#authorization = authorization ?? `TargetToken ${tokenOf(deviceId)}`
  }

  get(path = '', headers: Record<string, string> = {}): Promise<Response> {
    const url = path.startsWith('http') ? path : this.#base + path
    return fetch(url, { headers: { authorization: this.#authorization, ...headers } })
  }

  send(method: 'POST' | 'PUT', path: string, body: unknown): Promise<Response> {
    return fetch(this.#base + path, {
      method,
      headers: { authorization: this.#authorization, 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  }

  async poll(): Promise<PollAnswer> {
    return (await (await this.get()).json()) as PollAnswer
  }

  /** Which links a poll has, in the order of their names. */
  async links(): Promise<(keyof Links)[]> {
    const { _links: links } = await this.poll()
    return (Object.keys(links) as (keyof Links)[]).toSorted()
  }

  async deployment(id: number): Promise<DeploymentAnswer> {
    return (await (await this.get(`/deploymentBase/${id}`)).json()) as DeploymentAnswer
  }

  /** Where the software of an action is downloaded. */
  async download(id: number): Promise<string> {
    const { deployment } = await this.deployment(id)
    const [file] = deployment.chunks[0]?.artifacts ?? []
    const { _links: links } = file ?? {}
    const href = links?.download.href
    if (href === undefined) throw new Error(`action ${id} has no download`)
    return href
  }

  /** The whole software. */
  async software(id: number): Promise<Buffer> {
    const answer = await this.get(await this.download(id))
    return Buffer.from(await answer.arrayBuffer())
  }

  report(
    id: number,
    execution: string,
    finished = 'none',
    details: readonly string[] = [],
  ): Promise<Response> {
    return this.send(
      'POST',
      `/deploymentBase/${id}/feedback`,
      feedbackOf(id, execution, finished, details),
    )
  }
}

/** As SWUpdate writes it: with more fields than are read, and the action as a number. */
export function feedbackOf(
  id: number | string,
  execution: string,
  finished: string,
  details: readonly string[] = [],
) {
  const result = { finished, progress: { cnt: 0, of: 1 } }
  return { id, time: '20260105T000000', status: { result, execution, details } }
}
