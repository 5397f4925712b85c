import { CodedError } from '../base/coded-error'
import { IMAGE_FILE_BYTES_MAX, PACKAGE_BYTES_MAX } from '../contract/constants'
import { imageErrors, type StoredImage } from '../contract/images'
import { callErrors } from '../contract/procedure'
import { vendorErrors, type VendorPackage } from '../contract/vendor'
import { toCallError, type DefectLog } from '../rpc/call-errors'
import { errorResponse } from './error-answer'

const NAME_CHARACTERS_MAX = 255

/** Keeps a file while it arrives. */
type StoreFile<Stored> = (name: string, content: AsyncIterable<Uint8Array>) => Promise<Stored>
/** Puts it into the image library. */
export type StoreImage = StoreFile<StoredImage>
/** Keeps it for a vendor's release. */
export type StorePackage = StoreFile<VendorPackage>

/** What a path takes in. */
interface Intake {
  readonly store: StoreFile<object>
  readonly bytesMax: number
  readonly refusal: { readonly code: string; readonly what: string }
  /** Of the contract: their codes are told as defined. */
  readonly errors: object
}

/**
 * `POST /upload?name=NAME` with the file as body, the same for both hosts. Answers with the
 * StoredImage, or with an error as calls do.
 */
export function answerUpload(
  request: Request,
  store: StoreImage,
  logDefect: DefectLog,
): Promise<Response> {
  const refusal = { code: 'IMAGE_TOO_LARGE', what: 'An image file' }
  const intake = { store, bytesMax: IMAGE_FILE_BYTES_MAX, refusal, errors: imageErrors }
  return answerFile(request, intake, logDefect)
}

/** `POST /upload/package?name=NAME`: the same for a file that is no firmware image. */
export function answerPackageUpload(
  request: Request,
  store: StorePackage,
  logDefect: DefectLog,
): Promise<Response> {
  const refusal = { code: 'PACKAGE_TOO_LARGE', what: 'Software' }
  const intake = { store, bytesMax: PACKAGE_BYTES_MAX, refusal, errors: vendorErrors }
  return answerFile(request, intake, logDefect)
}

async function answerFile(
  request: Request,
  intake: Intake,
  logDefect: DefectLog,
): Promise<Response> {
  const { bytesMax, errors, store } = intake
  try {
    const name = readName(new URL(request.url))
    if (Number(request.headers.get('content-length') ?? 0) > bytesMax) throw tooLarge(intake)
    return Response.json(await store(name, limited(request.body, intake)))
  } catch (error) {
    const { status, code, message, data } = toCallError(error, 'upload', logDefect)
    const defined = Object.hasOwn(errors, code) || Object.hasOwn(callErrors, code)
    return errorResponse({ status, code, message, defined, ...(isPlain(data) ? { data } : {}) })
  }
}

function readName(url: URL): string {
  // Some browsers send the whole path of a file; only its last part is a name.
  const name = (url.searchParams.get('name') ?? '').split(/[/\\]/).at(-1) ?? ''
  if (name === '' || name.length > NAME_CHARACTERS_MAX || /\p{Cc}/u.test(name)) {
    const message = `The file needs a name of 1 to ${NAME_CHARACTERS_MAX} characters: ${url.pathname}?name=firmware.bin.`
    throw new CodedError('BAD_REQUEST', message, { field: 'name' })
  }
  return name
}

async function* limited(
  body: AsyncIterable<Uint8Array> | null,
  intake: Intake,
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  try {
    for await (const piece of body ?? []) {
      bytes += piece.length
      if (bytes > intake.bytesMax) throw tooLarge(intake)
      yield piece
    }
  } catch (error) {
    if (error instanceof CodedError) throw error
    throw new CodedError('BAD_REQUEST', 'The file broke off on its way here.', { bytes })
  }
}

function tooLarge({ refusal: { code, what }, bytesMax }: Intake): CodedError {
  return new CodedError(code, `${what} has at most ${bytesMax} bytes.`, { limit: bytesMax })
}

type PlainData = CodedError['data']

function isPlain(data: unknown): data is PlainData {
  return typeof data === 'object' && data !== null
}
