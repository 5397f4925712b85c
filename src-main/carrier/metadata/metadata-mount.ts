import type { Context } from 'hono'
import { CodedError } from '../../base/coded-error'
import { vendorName } from '../../contract/vendor'
import type { TraceSink } from '../../observe/message'
import { messageIn } from '../../site/message-in'
import { refusalResponse } from '../../site/refusal'
import {
  METADATA_PATHS,
  type MetadataRole,
  VENDOR_DOCUMENTS_BYTES_MAX,
  vendorDocuments,
} from '../../wire/metadata/messages'
import type { CarrierMount } from '../server'
import type { CarrierMetadata } from './carrier-metadata'

/** HTTP statuses of what {@link CarrierMetadata} refuses. */
export const METADATA_STATUS_OF_CODE = {
  METADATA_UNKNOWN: 404,
  METADATA_OLDER: 409,
  METADATA_CONFLICT: 409,
  METADATA_KEYS_OTHER: 409,
  METADATA_WRONG: 422,
  METADATA_UNSIGNED: 422,
  METADATA_EXPIRED: 422,
}

/** Vendors' metadata on the carrier's server, for everybody: it proves itself. */
export function metadataMount(metadata: CarrierMetadata, trace: TraceSink): CarrierMount {
  return site => {
    site.get(METADATA_PATHS.keys, async context => {
      const keys = await metadata.onlineKeys(vendorIn(context.req.query('vendor')))
      return Response.json(keys)
    })
    site.get(METADATA_PATHS.document, async context => answer(metadata, trace, context))
    site.put(METADATA_PATHS.vendor, async context => {
      const vendor = vendorIn(context.req.param('vendor'))
      const given = await messageIn(context.req.raw, vendorDocuments, VENDOR_DOCUMENTS_BYTES_MAX)
      await metadata.renew(vendor, given)
      record(trace, { from: 'vendor', to: 'carrier', vendor, file: 'root and targets' })
      return new Response(null, { status: 204 })
    })
  }
}

async function answer(
  metadata: CarrierMetadata,
  trace: TraceSink,
  context: Context,
): Promise<Response> {
  const vendor = vendorIn(context.req.param('vendor'))
  const file = (context.req.param('file') ?? '').slice(0, 64)
  const named = namedBy(file)
  const document = named && (await metadata.document(vendor, named))
  if (document === undefined) {
    // How a handset finds out that it has the newest root: not a refusal.
    const message = 'There is no such metadata.'
    return refusalResponse({ status: 404, code: 'METADATA_UNKNOWN', message })
  }
  record(trace, { from: 'carrier', to: 'handset', vendor, file, document })
  return new Response(document, { headers: { 'content-type': 'application/json' } })
}

/** `timestamp.json`, or a version and the name of one of the others (TUF specification, 7.2). */
function namedBy(file: string) {
  if (file === 'timestamp.json') return { role: 'timestamp' as const, version: undefined }
  const [, version, role] = /^([1-9]\d{0,9})\.(root|snapshot|targets)\.json$/.exec(file) ?? []
  if (version === undefined) return undefined
  return { role: role as MetadataRole, version: Number(version) }
}

function vendorIn(text: string | undefined): string {
  const read = vendorName.safeParse(text)
  if (read.success) return read.data
  throw new CodedError('METADATA_UNKNOWN', 'Name a vendor, percent-encoded.')
}

function record(
  trace: TraceSink,
  passage: {
    readonly from: string
    readonly to: string
    readonly vendor: string
    readonly file: string
    readonly document?: string
  },
): void {
  const { from, to, vendor, file, document } = passage
  trace.record({
    from,
    to,
    label: '',
    type: 'metadata',
    fields: { vendor, file },
    outcome: from === 'carrier' ? 'answered' : 'sent',
    ...(document === undefined ? {} : { payload: new TextEncoder().encode(document) }),
  })
}
