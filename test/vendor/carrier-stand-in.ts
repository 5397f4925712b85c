import { realClock } from '../../src-main/observe/real-clock'
import { credentialsIn } from '../../src-main/site/credentials'
import { messageIn } from '../../src-main/site/message-in'
import { startSite } from '../../src-main/site/start-site'
import { vendorDocuments, type VendorDocuments } from '../../src-main/wire/metadata/messages'
import {
  type ReleaseNotice,
  releaseNotice,
  type ReleaseRecord,
  releaseRecord,
  type UploadState,
} from '../../src-main/wire/vendor/messages'

const BYTES_MAX = 1024 * 1024

/** What a vendor meets at the carrier's server: takes everything, and says what it was told to. */
export async function startCarrierStandIn() {
  const told = {
    notices: [] as ReleaseNotice[],
    records: [] as ReleaseRecord[],
    software: [] as Uint8Array[],
    documents: [] as VendorDocuments[],
    credentials: [] as (ReturnType<typeof credentialsIn> | undefined)[],
    /** In place of every answer to a vendor who says who it is. */
    refusal: undefined as { status: number; code: string; message: string } | undefined,
    upload: { state: 'expected', report: null } as UploadState,
    /** Called when the bytes of an upload begin to come. */
    onSoftware: () => {},
  }
  const site = await startSite({
    actor: 'carrier',
    audit: { refuse: () => {} },
    clock: realClock,
    logDefect: error => console.error(error),
    port: 0,
    statusOfCode: {},
    mount(paths) {
      paths.use('/v1/*', async (context, next) => {
        if (/notices|uploads/.test(context.req.path)) {
          told.credentials.push(credentialsIn(context.req.raw))
          if (told.refusal) {
            const { status, ...refusal } = told.refusal
            return Response.json(refusal, { status })
          }
        }
        await next()
        return undefined
      })
      paths.post('/v1/notices', async ({ req }) => {
        told.notices.push(await messageIn(req.raw, releaseNotice, BYTES_MAX))
        return new Response(null, { status: 202 })
      })
      paths.post('/v1/uploads', async ({ req }) => {
        told.records.push(await messageIn(req.raw, releaseRecord, BYTES_MAX))
        return Response.json({ uploadId: 7 }, { status: 201 })
      })
      paths.put('/v1/uploads/7/software', async ({ req }) => {
        told.onSoftware()
        told.software.push(new Uint8Array(await req.arrayBuffer()))
        told.upload = { state: 'taken', report: null }
        return new Response(null, { status: 204 })
      })
      paths.get('/v1/uploads/7', () => Response.json(told.upload))
      paths.get('/v1/metadata-keys', () =>
        Response.json({ snapshot: 'ab'.repeat(32), timestamp: 'cd'.repeat(32) }),
      )
      paths.put('/v1/metadata/:vendor', async ({ req }) => {
        told.documents.push(await messageIn(req.raw, vendorDocuments, BYTES_MAX))
        return new Response(null, { status: 204 })
      })
    },
  })
  return { ...site, told }
}
