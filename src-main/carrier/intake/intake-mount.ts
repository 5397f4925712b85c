import type { Context } from 'hono'
import { CodedError } from '../../base/coded-error'
import { messageIn } from '../../site/message-in'
import type { SiteEnv } from '../../site/start-site'
import {
  CARRIER_VENDOR_PATHS,
  type ReleaseNotice,
  releaseNotice,
  releaseRecord,
  VENDOR_MESSAGE_BYTES_MAX,
} from '../../wire/vendor/messages'
import type { CarrierMount } from '../server'
import type { UploadChannel } from './upload-channel'
import type { VendorRegistry } from './vendor-registry'

const NOTICE_BYTES_MAX = 16 * 1024

export const INTAKE_STATUS_OF_CODE = {
  RELEASE_FOREIGN: 403,
  UPLOAD_UNKNOWN: 404,
  NOTICE_STALE: 409,
  NOTICE_REPLAYED: 409,
  UPLOAD_STATE: 409,
  ROLLOUT_STATE: 409,
  RELEASE_RETURNED: 409,
  SOFTWARE_WRONG: 422,
  RELEASE_UNFIT: 422,
  IMAGE_FOREIGN: 422,
  IMAGE_DAMAGED: 422,
}

export interface IntakeDoor {
  readonly registry: VendorRegistry
  readonly uploads: UploadChannel
  /** Rejects where the notice is refused. */
  readonly onNotice: (vendorName: string, notice: ReleaseNotice) => Promise<void>
}

/** What vendors ask of the carrier's server: notices (S11) and uploads (S1). */
export function mountIntake({ registry, uploads, onNotice }: IntakeDoor): CarrierMount {
  return site => {
    site.post(CARRIER_VENDOR_PATHS.notices, async ({ req: { raw } }) => {
      const vendorName = await registry.vendorOf(raw)
      await onNotice(vendorName, await messageIn(raw, releaseNotice, NOTICE_BYTES_MAX))
      return new Response(null, { status: 202 })
    })
    site.post(CARRIER_VENDOR_PATHS.uploads, async ({ req: { raw } }) => {
      const vendorName = await registry.vendorOf(raw)
      const record = await messageIn(raw, releaseRecord, VENDOR_MESSAGE_BYTES_MAX)
      return Response.json(await uploads.announce(vendorName, record), { status: 201 })
    })
    site.put(CARRIER_VENDOR_PATHS.uploadSoftware(':id'), async context => {
      const vendorName = await registry.vendorOf(context.req.raw)
      await uploads.receive(vendorName, idIn(context), arriving(context.req.raw))
      return new Response(null, { status: 204 })
    })
    site.get(CARRIER_VENDOR_PATHS.upload(':id'), async context => {
      const vendorName = await registry.vendorOf(context.req.raw)
      return Response.json(await uploads.state(vendorName, idIn(context)))
    })
  }
}

function idIn({ req }: Context<SiteEnv>): number {
  const id = req.param('id') ?? ''
  if (/^[1-9]\d{0,14}$/.test(id)) return Number(id)
  throw new CodedError('UPLOAD_UNKNOWN', 'The path names no upload. Announce it first.')
}

/** A line that breaks is the sender's affair, not a failure of the server. */
async function* arriving({ body }: Request): AsyncGenerator<Uint8Array> {
  const pieces = body?.[Symbol.asyncIterator]()
  for (;;) {
    const next = await pieces?.next().catch(brokenOff)
    if (!next || next.done === true) return
    yield next.value
  }
}

function brokenOff(cause: unknown): never {
  const message = 'The line ended before the software did. Send it again.'
  throw new CodedError('MESSAGE_LOST', message, {}, { cause })
}
