import { errorResponse } from './error-answer'

/** One call is small: bulk bytes go by upload. */
export const BODY_BYTES_MAX = 1024 * 1024

/** The same request with its body read into memory, or the answer to one that is too large. */
export async function boundedRequest(request: Request): Promise<Request | Response> {
  const { url, method, headers, signal } = request
  if (Number(headers.get('content-length') ?? 0) > BODY_BYTES_MAX) return tooLarge()
  const body = method === 'GET' || method === 'HEAD' ? null : await readBody(request.body)
  if (body === undefined) return tooLarge()
  return new Request(url, { method, headers, signal, body: body?.length ? body : null })
}

async function readBody(
  stream: AsyncIterable<Uint8Array> | null,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of stream ?? []) {
    bytes += piece.length
    if (bytes > BODY_BYTES_MAX) return undefined
    pieces.push(piece)
  }
  return Uint8Array.from(Buffer.concat(pieces))
}

function tooLarge(): Response {
  const message = `A call has at most ${BODY_BYTES_MAX} bytes; files go to /upload.`
  return errorResponse({
    status: 413,
    code: 'BODY_TOO_LARGE',
    message,
    data: { limit: BODY_BYTES_MAX },
  })
}
