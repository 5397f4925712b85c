import { hash } from 'node:crypto'
import { onTestFinished } from 'vitest'
import type { Clock } from '../../../src-main/base/clock'
import { credentialsIn } from '../../../src-main/site/credentials'
import { startSite } from '../../../src-main/site/start-site'
import { type ReleaseRecord, VENDOR_PATHS } from '../../../src-main/wire/vendor/messages'

export const ACCESSOR = { id: 'carrier-1', password: 'open sesame' }

export const SOFTWARE = Buffer.alloc(300_000, 'software of Vendor A ')

export function recordOf(changes: Partial<ReleaseRecord> = {}): ReleaseRecord {
  return {
    id: 7,
    vendorName: 'Vendor A',
    softwareName: 'router-os',
    version: '2.0.0',
    revision: 1,
    kind: 'package',
    model: null,
    bytes: SOFTWARE.length,
    digest: hash('sha256', SOFTWARE, 'hex'),
    additional: {
      deviceTypes: ['R1'],
      fromVersions: [],
      price: 1500,
      currency: 'JPY',
      trial: { signal: 'hello', answer: 'hello', waitSeconds: 30 },
    },
    metadata: { roots: [], targets: '' },
    ...changes,
  }
}

/** What a vendor's database does wrong. */
export interface Behaviour {
  record?: unknown
  software?: Uint8Array
  /** Everybody is let in. */
  isOpen?: boolean
  /** Its line ends after so many bytes of the software. */
  cutAfter?: number
  /** Answered instead of the record: `500`. */
  status?: number
  /** What it waits for before it answers. */
  gate?: Promise<void>
}

/** The database's side of `wire/vendor`, with what it was asked in order. */
export async function vendorStandIn(clock: Clock, behaviour: Behaviour = {}) {
  const asked: string[] = []
  const returned: unknown[] = []
  const isAccessor = (request: Request) => {
    const given = credentialsIn(request)
    if (!given) return undefined
    return given.id === ACCESSOR.id && given.password === ACCESSOR.password
  }
  const site = await startSite({
    actor: 'vendor-database',
    statusOfCode: {},
    audit: { refuse: () => {} },
    clock,
    logDefect: () => {},
    port: 0,
    mount(hono) {
      hono.use(async ({ req, env }, next) => {
        const isKnown = isAccessor(req.raw)
        const who = isKnown === undefined ? 'nobody' : isKnown ? 'accessor' : 'stranger'
        asked.push(`${req.method} ${req.path} ${who}`)
        if (behaviour.isOpen === true || isKnown === true) return next()
        if (isKnown === false) env.end()
        const code = isKnown === false ? 'ACCESS_REFUSED' : 'AUTHENTICATION_REQUIRED'
        return Response.json({ code, message: 'No.' }, { status: isKnown === false ? 403 : 401 })
      })
      hono.get(VENDOR_PATHS.release(':id'), async () => {
        await behaviour.gate
        if (behaviour.status !== undefined) {
          const refusal = { code: 'BROKEN', message: 'It is closed today.' }
          return Response.json(refusal, { status: behaviour.status })
        }
        return Response.json(behaviour.record ?? recordOf())
      })
      hono.get(VENDOR_PATHS.software(':id'), ({ env }) => {
        const software = behaviour.software ?? SOFTWARE
        const { cutAfter } = behaviour
        if (cutAfter === undefined) return new Response(new Uint8Array(software))
        const pieces = async function* () {
          yield new Uint8Array(software.subarray(0, cutAfter))
          env.cut()
        }
        return new Response(ReadableStream.from(pieces()))
      })
      hono.post(VENDOR_PATHS.return(':id'), async ({ req }) => {
        returned.push(await req.json())
        return new Response(null, { status: 204 })
      })
    },
  })
  onTestFinished(() => site.close())
  return { ...site, asked, returned, behaviour }
}
