import { CodedError } from '../base/coded-error'
import { IMAGE_FILE_BYTES_MAX } from '../contract/constants'
import { imageErrors, type StoredImage } from '../contract/images'
import { callErrors } from '../contract/procedure'
import { toCallError, type DefectLog } from '../rpc/call-errors'
import { errorResponse } from './error-answer'

const NAME_CHARACTERS_MAX = 255

/** Puts a file into the image library while it arrives. */
export type StoreImage = (name: string, content: AsyncIterable<Uint8Array>) => Promise<StoredImage>

/**
 * `POST /upload?name=NAME` with the file as body, the same for both hosts. Answers with the
 * StoredImage, or with an error as calls do.
 */
export async function answerUpload(
  request: Request,
  store: StoreImage,
  logDefect: DefectLog,
): Promise<Response> {
  try {
    const name = readName(new URL(request.url))
    if (Number(request.headers.get('content-length') ?? 0) > IMAGE_FILE_BYTES_MAX) throw tooLarge()
    return Response.json(await store(name, limited(request.body)))
  } catch (error) {
    const { status, code, message, data } = toCallError(error, 'upload', logDefect)
    const defined = Object.hasOwn(imageErrors, code) || Object.hasOwn(callErrors, code)
    return errorResponse({ status, code, message, defined, ...(isPlain(data) ? { data } : {}) })
  }
}

function readName(url: URL): string {
  // Some browsers send the whole path of a file; only its last part is a name.
  const name = (url.searchParams.get('name') ?? '').split(/[/\\]/).at(-1) ?? ''
  if (name === '' || name.length > NAME_CHARACTERS_MAX || /\p{Cc}/u.test(name)) {
    const message = `The file needs a name of 1 to ${NAME_CHARACTERS_MAX} characters: /upload?name=firmware.bin.`
    throw new CodedError('BAD_REQUEST', message, { field: 'name' })
  }
  return name
}

async function* limited(body: AsyncIterable<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  let bytes = 0
  try {
    for await (const piece of body ?? []) {
      bytes += piece.length
      if (bytes > IMAGE_FILE_BYTES_MAX) throw tooLarge()
      yield piece
    }
  } catch (error) {
    if (error instanceof CodedError) throw error
    throw new CodedError('BAD_REQUEST', 'The file broke off on its way here.', { bytes })
  }
}

function tooLarge(): CodedError {
  const message = `An image file has at most ${IMAGE_FILE_BYTES_MAX} bytes.`
  return new CodedError('IMAGE_TOO_LARGE', message, { limit: IMAGE_FILE_BYTES_MAX })
}

type PlainData = CodedError['data']

function isPlain(data: unknown): data is PlainData {
  return typeof data === 'object' && data !== null
}
