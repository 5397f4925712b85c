import { createHash } from 'node:crypto'
import * as z from 'zod'
import { CodedError } from '../base/coded-error'
import { SOFTWARE_HEADERS } from '../wire/device/messages'
import type { ReceivedSoftware } from './software-device'

/** What a device has room for. */
const SOFTWARE_BYTES_MAX = 64 * 1024 * 1024

const word = z.string().min(1).max(64)
const headers = z.object({
  name: word,
  version: word,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  delivery: z.enum(['record', 'install']),
})

/**
 * Software as it is sent (S5), read to its end and proved to be what its headers say; none of it is
 * kept beyond its digest. Undefined where only half of it was to come. Throws `BAD_REQUEST` with the
 * header, `BODY_TOO_LARGE`, `MESSAGE_LOST`, or `SOFTWARE_DAMAGED`.
 */
export async function receiveSoftware(
  request: Request,
  share: 'whole' | 'half',
): Promise<ReceivedSoftware | undefined> {
  const announced = headersOf(request)
  const length = Number(request.headers.get('content-length') ?? 0)
  if (length > SOFTWARE_BYTES_MAX) throw tooLarge()
  const bytesMax = share === 'half' ? length / 2 : SOFTWARE_BYTES_MAX
  const digest = createHash('sha256')
  let bytes = 0
  try {
    for await (const piece of request.body ?? []) {
      bytes += piece.length
      if (bytes > bytesMax) break
      digest.update(piece)
    }
  } catch (cause) {
    const message = 'The line ended before the software did. Send it again.'
    throw new CodedError('MESSAGE_LOST', message, {}, { cause })
  }
  if (share === 'half') return undefined
  if (bytes > bytesMax) throw tooLarge()
  const sha256 = digest.digest('hex')
  if (sha256 === announced.sha256) return { ...announced, bytes }
  const message = `What came has SHA-256 ${sha256}, announced was ${announced.sha256}. Send it again.`
  throw new CodedError('SOFTWARE_DAMAGED', message)
}

function headersOf({ headers: given }: Request): z.infer<typeof headers> {
  const read = headers.safeParse({
    name: decoded(given.get(SOFTWARE_HEADERS.name)),
    version: decoded(given.get(SOFTWARE_HEADERS.version)),
    sha256: given.get(SOFTWARE_HEADERS.sha256),
    delivery: given.get(SOFTWARE_HEADERS.delivery),
  })
  if (read.success) return read.data
  const field = read.error.issues[0]?.path.join('.') ?? ''
  const message = `The header of the software's ${field} is missing or wrong.`
  throw new CodedError('BAD_REQUEST', message, { field })
}

/** Names are text of any script; headers carry ASCII. Undefined for what was not encoded so. */
function decoded(value: string | null): string | undefined {
  try {
    return value === null ? undefined : decodeURIComponent(value)
  } catch {
    return undefined
  }
}

function tooLarge(): CodedError {
  const message = `The device has room for ${SOFTWARE_BYTES_MAX} bytes of software.`
  return new CodedError('BODY_TOO_LARGE', message, { limit: SOFTWARE_BYTES_MAX })
}
