import { toHex } from '../../../src-main/base/bytes'
import { StopSignal } from '../../../src-main/handset/radio/stop-signal'
import type { Radio, RadioRequest } from '../../../src-main/handset/radio/radio'
import { nodeSha256 } from '../../../src-main/handset/service/node-sha256'
import { TufClient } from '../../../src-main/handset/service/tuf-client'
import { Nv } from '../../../src-main/handset/trust/nv'
import { Trust } from '../../../src-main/handset/trust/trust'
import type { Inquiry, UpdateInformation } from '../../../src-main/wire/update/messages'
import { firmwareTarget, type Repositories, repositories } from '../../metadata/repository'

type Target = ReturnType<typeof firmwareTarget>

/** What stands between the carrier and a handset: it may answer in the carrier's place. */
export type Attacker = (file: string, request: RadioRequest) => Promise<Answered | undefined>
export interface Answered {
  readonly status?: number
  readonly pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
}

export const bytesOf = (text: string) => new TextEncoder().encode(text)
/** An answer that is this text. */
export const answered = (text: string): Answered => ({ pieces: [bytesOf(text)] })

/** The carrier's metadata over a radio that takes no time, and whoever sits in the middle. */
export class Air implements Radio {
  readonly asked: string[] = []
  attacker: Attacker = () => Promise.resolve(undefined)
  readonly #world: Repositories

  constructor(world: Repositories) {
    this.#world = world
  }

  async send(request: RadioRequest) {
    const [, vendor = '', file = ''] = /^\/v1\/metadata\/([^/]+)\/(.+)$/.exec(request.path) ?? []
    this.asked.push(file)
    const { status = 200, pieces } =
      (await this.attacker(file, request)) ?? (await this.#honest(file, decodeURIComponent(vendor)))
    async function* body() {
      yield* pieces
    }
    return { status, header: () => null, pieces: body }
  }

  async #honest(file: string, vendorName: string): Promise<Answered> {
    const document = await this.#world.given(file, vendorName)
    return document === undefined ? { status: 404, pieces: [] } : answered(document)
  }
}

/** What the carrier announces of a release. */
export function announced(target: Target): UpdateInformation {
  const { sha256, bytes, softwareName: name, version } = target
  return {
    id: 'u1',
    kind: 'differential',
    target: { id: { name, version }, bytes, sha256 },
    file: { bytes: 100, sha256: 'ab'.repeat(32) },
    workBytes: 1000,
  }
}

/** What a handset says that holds a release. */
export function holding(version: string, changes: Partial<Inquiry> = {}): Inquiry {
  const image = bytesOf(`image ${version}`)
  const id = { name: 'kintsugi-k1', version }
  return {
    terminalId: 'K1-1',
    model: 'k1',
    software: { id, bytes: image.length, sha256: toHex(nodeSha256([image])) },
    neededFile: null,
    flash: { sectorBytes: 4096, regionBytes: 0x18_0000, stashBytes: 0x8000 },
    ramBytes: 100_000,
    ...changes,
  }
}

/** A handset's trust in Vendor A, which has released 1.1.0, over an air that can be attacked. */
export async function trusting({ keys = 1, threshold = 1 }: Partial<TrustingOptions> = {}) {
  const world = await repositories()
  const root = await world.create('Vendor A', { keys, threshold })
  const release = firmwareTarget('1.1.0')
  await world.add(release)
  const air = new Air(world)
  const nv = new Nv()
  /** The handset's own clock, which may go wrong. */
  const handsetClock = {
    offset: 0,
    now: () => Math.max(0, world.clock.now() + handsetClock.offset),
  }
  const parts = { client: new TufClient(), clock: handsetClock, onChange: () => {} }
  const begin = () => new Trust({ ...parts, nv, radio: air })
  let trust = begin()
  trust.provision(root)
  const prove = (target: Target, inquiry = holding('1.0.0')) =>
    trust.prove(announced(target), inquiry, new StopSignal())
  return {
    ...world,
    air,
    nv,
    root,
    release,
    handsetClock,
    prove,
    view: () => trust.view,
    /** `proved`, or the code of the refusal. */
    verdict: (target: Target, inquiry = holding('1.0.0')) =>
      prove(target, inquiry).then(
        () => 'proved',
        (error: { code?: string; name: string }) => error.code ?? error.name,
      ),
    /** The power goes and comes. */
    powerCycle: () => void (trust = begin()),
    /** What the handset would keep hold of if it lost all that it learned. */
    provision: (document: string) => trust.provision(document),
  }
}

interface TrustingOptions {
  readonly keys: number
  readonly threshold: number
}
