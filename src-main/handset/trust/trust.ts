import type { Clock } from '../../base/clock'
import { CodedError } from '../../base/coded-error'
import type { HandsetView } from '../../contract/handsets'
import { readableExpiry, readableRoot, targetPath } from '../../wire/metadata/messages'
import type { Inquiry, UpdateInformation } from '../../wire/update/messages'
import type { Radio } from '../radio/radio'
import type { StopSignal } from '../radio/stop-signal'
import { judgeTarget } from './judge-target'
import type { KeptMetadata, MetadataClient } from './metadata-client'
import { documentOver } from './metadata-source'
import type { Nv } from './nv'
import { decodeTrust, encodeTrust, type TrustRecord } from './trust-record'

export interface TrustParts {
  readonly nv: Nv
  readonly client: MetadataClient
  readonly radio: Radio
  readonly clock: Pick<Clock, 'now'>
  readonly onChange: () => void
}

/**
 * Whom a handset believes. Provisioned with a vendor's root it asks for nothing that this vendor did
 * not sign; without one it proves updates by what the carrier announces alone (decision 0010).
 */
export class Trust {
  readonly #parts: TrustParts
  #record: TrustRecord | undefined

  constructor(parts: TrustParts) {
    this.#parts = parts
    const kept = parts.nv.read()
    this.#record = kept && decodeTrust(kept)
  }

  /** Null: nothing is verified. */
  get view(): HandsetView['trust'] {
    if (!this.#record) return null
    const { kept, checkedAt } = this.#record
    const { vendor, version } = rootOf(kept)
    return {
      vendorName: vendor,
      rootVersion: version,
      metadataExpiresAt: vendorExpiry(kept),
      checkedAt,
    }
  }

  /** Leaves the factory with this root; what was trusted before is forgotten. Throws `ROOT_UNFIT`. */
  provision(root: string): void {
    this.#parts.client.checkRoot(root)
    this.#keep({ kept: { root }, checkedAt: null })
  }

  /**
   * Between U3 and U4: gets the newest metadata, and refuses what it does not vouch for. Rejects
   * with `RadioLost`, with a CodedError `METADATA_…`, and with the reason of the signal.
   */
  async prove(update: UpdateInformation, inquiry: Inquiry, stop: StopSignal): Promise<void> {
    // What a rewrite was begun with was proved then, and nothing else finishes it (decision 0003).
    if (inquiry.neededFile !== null) return
    if (!this.#record) {
      if (this.#parts.nv.isWritten) throw forgotten()
      return
    }
    const { client, radio, clock } = this.#parts
    const { kept, checkedAt } = this.#record
    const vendorName = rootOf(kept).vendor
    // A clock that was set back must not bring back what had ended already.
    const now = Math.max(clock.now(), checkedAt ?? 0)
    const refreshed = await client.refresh({
      kept,
      now,
      path: targetPath(inquiry.model, update.target.id),
      fetch: (file, bytesMax) => documentOver(radio, { vendorName, file, bytesMax }, stop),
    })
    if (stop.reason) throw stop.reason
    const { failure, target } = refreshed
    mustStayReadable(refreshed.kept, vendorName)
    this.#keep({ kept: refreshed.kept, checkedAt: failure ? checkedAt : now })
    if (failure) throw failure
    judgeTarget(target, update, inquiry)
  }

  #keep(record: TrustRecord): void {
    this.#parts.nv.write(encodeTrust(record))
    this.#record = record
    this.#parts.onChange()
  }
}

/** Who trusted somebody once does not go over to trusting everybody. */
function forgotten(): CodedError {
  const message = 'The handset cannot read any more whom it trusts. Provision it anew.'
  return new CodedError('METADATA_WRONG', message)
}

/**
 * Throws `METADATA_WRONG` for what is signed as it must be, but says no more whose it is or when it
 * ends: kept, it could never be shown or asked for again.
 */
function mustStayReadable({ root, targets }: KeptMetadata, vendorName: string): void {
  const named = readableRoot.safeParse(jsonOf(root))
  const isReadable =
    named.data?.signed.vendor === vendorName &&
    (targets === undefined || readableExpiry.safeParse(jsonOf(targets)).success)
  if (isReadable) return
  const message = `What ${vendorName} signed cannot be read. The update is refused; tell the carrier.`
  throw new CodedError('METADATA_WRONG', message)
}

function rootOf({ root }: KeptMetadata) {
  const read = readableRoot.safeParse(jsonOf(root))
  if (read.success) return read.data.signed
  throw new CodedError(
    'ROOT_UNFIT',
    'The root does not say whose it is. Provision the handset anew.',
  )
}

/** When the first of the documents ends that only the vendor can renew. */
function vendorExpiry({ root, targets }: KeptMetadata): number {
  const documents = targets === undefined ? [root] : [root, targets]
  const ends = documents.map(each => readableExpiry.parse(jsonOf(each)).signed.expires)
  return Math.min(...ends.map(end => Date.parse(end)))
}

function jsonOf(text: string): unknown {
  return JSON.parse(text)
}
