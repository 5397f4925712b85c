import { CodedError } from '../base/coded-error'
import { type ByteRange, readRange } from '../site/byte-range'
import type { HandedFile, UpdateDesk } from './update-desk'

const PIECE_BYTES = 16 * 1024

/**
 * U6: the file, or the one range of it that is asked for, to whoever has the token of its request.
 * Rejects with `TOKEN_REQUIRED`, `RANGE_REFUSED` and with what {@link UpdateDesk.file} rejects.
 */
export async function answerFile(
  desk: UpdateDesk,
  id: string,
  { method, headers, signal }: Request,
): Promise<Response> {
  if (method !== 'GET') {
    throw new CodedError('METHOD_REFUSED', `${method} is not served here.`)
  }
  const token = /^Bearer (\S{1,256})$/.exec(headers.get('authorization') ?? '')?.[1]
  if (token === undefined) {
    const message = 'A file is given only to a transfer request, by the token in its answer.'
    throw new CodedError('TOKEN_REQUIRED', message)
  }
  const handed = await desk.file(id, token)
  const { bytes, update } = handed
  const etag = `"${update.fileSha256}"`
  const asked = headers.get('range')
  const ifRange = headers.get('if-range')
  // With another file in mind a range of this one would be of no use.
  const isPart = asked !== null && (ifRange === null || ifRange === etag)
  const range = isPart ? readRange(asked, bytes.length) : { from: 0, to: bytes.length }
  if (!range) return noSuchRange(asked ?? '', bytes.length)
  return new Response(pieces(desk, handed, { range, signal }), {
    status: isPart ? 206 : 200,
    headers: {
      'accept-ranges': 'bytes',
      'content-type': 'application/octet-stream',
      'content-length': String(range.to - range.from),
      etag,
      ...(isPart ? { 'content-range': `bytes ${range.from}-${range.to - 1}/${bytes.length}` } : {}),
    },
  })
}

/** The answer says how long the file is: who asks from its end on has all of it (RFC 9110, 15.5.17). */
function noSuchRange(asked: string, bytes: number): Response {
  const message = `"${asked.slice(0, 100)}" is no range of the ${bytes} bytes of the file.`
  return Response.json(
    { code: 'RANGE_REFUSED', message },
    { status: 416, headers: { 'content-range': `bytes */${bytes}` } },
  )
}

/** Gives as much as is taken, and notes what went out. */
function pieces(
  desk: UpdateDesk,
  handed: HandedFile,
  { range: { from, to }, signal }: { readonly range: ByteRange; readonly signal: AbortSignal },
): ReadableStream<Uint8Array> {
  let at = from
  let isNoted = false
  const note = async (outcome: 'sent' | 'lost', end: number) => {
    if (isNoted) return
    isNoted = true
    await desk.sent(handed, { from, to: end, outcome })
  }
  // Where the workbench ends meanwhile, it cannot be noted any more.
  const lose = () => note('lost', at).catch(() => undefined)
  signal.addEventListener('abort', () => void lose())
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const end = Math.min(to, at + PIECE_BYTES)
        // Before the last byte: the handset's next message may come at once.
        if (end === to) await note('sent', to)
        controller.enqueue(handed.bytes.slice(at, end))
        at = end
        if (at === to) controller.close()
      },
      cancel: lose,
    },
    { highWaterMark: 0 },
  )
}
