import { onTestFinished } from 'vitest'
import { equalBytes, toHex } from '../../../src-main/base/bytes'
import type { Radio, RadioRequest } from '../../../src-main/handset/radio/radio'
import { nodeSha256 } from '../../../src-main/handset/service/node-sha256'
import { TufClient } from '../../../src-main/handset/service/tuf-client'
import { Nv } from '../../../src-main/handset/trust/nv'
import { VirtualClock } from '../../../src-main/observe/virtual-clock'
import { type Report, report } from '../../../src-main/wire/update/messages'
import { firmwareTarget, type Repositories, repositories } from '../../metadata/repository'
import { k1Image } from '../../support/update-offer'
import type { Offer } from '../../support/update-server'
import { k1Handset, untilState } from '../running-handset'
import { regionBytes, statesOf } from '../updating-handset'
import { Air, type Answered, answered } from './trusting'

/** The whole carrier over a radio without a network behind it, so that it can be slow in virtual time. */
export class AirCarrier extends Air {
  readonly reports: Report[] = []
  readonly paths: string[] = []
  /** Answers a path in the carrier's place. */
  meddle: (path: string, request: RadioRequest) => Promise<Answered> | Answered | undefined = () =>
    undefined
  offer: Offer

  constructor(world: Repositories, offer: Offer) {
    super(world)
    this.offer = offer
  }

  override async send(request: RadioRequest) {
    const { path } = request
    this.paths.push(path)
    const meddled = await this.meddle(path, request)
    if (!meddled && path.startsWith('/v1/metadata/')) return super.send(request)
    const { status = 200, pieces } = meddled ?? this.#own(request)
    async function* body() {
      yield* pieces
    }
    return { status, header: () => null, pieces: body }
  }

  #own({ path, body = '' }: RadioRequest): Answered {
    if (path.endsWith('/inquiry')) return answered(JSON.stringify({ update: this.offer.update }))
    if (path.endsWith('/request')) return answered(JSON.stringify({ token: 'let-me-in' }))
    if (path.endsWith('/file')) return { pieces: [this.offer.file] }
    this.reports.push(report.parse(JSON.parse(body)))
    return { status: 204, pieces: [] }
  }
}

export interface TrustedOptions {
  /** A radio over the carrier, such as one that stalls. */
  readonly over?: (carrier: AirCarrier, clock: VirtualClock) => Radio
  /** Left out: it has the vendor's root. */
  readonly isProvisioned?: boolean
}

/** A k1 with 1.0.0 that was provisioned with the root of a vendor which signed 1.1.0, and its carrier. */
export async function trustedHandset(
  offer: Offer,
  { over, isProvisioned = true }: TrustedOptions = {},
) {
  const clock = new VirtualClock()
  const world = await repositories(clock)
  const root = await world.create()
  const image = k1Image('1.1.0')
  await world.add(firmwareTarget('1.1.0', { image }))
  const carrier = new AirCarrier(world, offer)
  const metadata = { client: new TufClient(), nv: new Nv() }
  const radio = over?.(carrier, clock) ?? carrier
  const running = k1Handset({ clock, radio, metadata })
  onTestFinished(() => running.handset.close())
  if (isProvisioned) running.handset.provision(root)
  running.handset.powerOn()
  await untilState(running, 'normal')
  return { ...running, carrier }
}

export type TrustedHandset = Awaited<ReturnType<typeof trustedHandset>>

/** How the update ended, what the carrier heard of it, and whether the handset is as it was. */
export function endOf({ handset, carrier, defects }: TrustedHandset) {
  const before = k1Image('1.0.0')
  const { state, ram } = handset.view()
  return {
    outcome: handset.update?.outcome,
    reported: carrier.reports.map(({ outcome, reason }) => [outcome, reason?.code]),
    isUntouched:
      equalBytes(regionBytes(handset, before.length), before) &&
      !statesOf(handset).includes('rewriting') &&
      state === 'normal' &&
      ram.secured === null,
    defects,
  }
}

/** The end of an update that was refused, or given up, before anything of the flash was touched. */
export function refused(outcome: string, code: string) {
  return { outcome, reported: [[outcome, code]], isUntouched: true, defects: [] }
}

/** The same file with some bytes that are others. */
export function swapped({ update, file }: Offer): Offer {
  const other = file.slice()
  other[other.length - 1]! ^= 1
  return { update: { ...update, file: { ...update.file, sha256: digest(other) } }, file: other }
}

function digest(bytes: Uint8Array): string {
  return toHex(nodeSha256([bytes]))
}
