import { NOT_CONNECTED, problemOf, type Problem } from './problem'

export type UploadOutcome<Stored> =
  | { readonly kind: 'stored'; readonly stored: Stored }
  | { readonly kind: 'failed'; readonly problem: Problem }

/** Where files go: firmware images into the library, any other file for a vendor's release. */
type UploadPath = '/upload' | '/upload/package'

/**
 * Sends a file. `fetch` tells nothing of the bytes sent, so this is an XMLHttpRequest. `onProgress`
 * gets a fraction from 0 to 1. `Stored` is what that path answers with.
 */
export function uploadFile<Stored>(
  path: UploadPath,
  file: File,
  onProgress: (fraction: number) => void,
): Promise<UploadOutcome<Stored>> {
  return new Promise(done => {
    const request = new XMLHttpRequest()
    request.open('POST', `${path}?name=${encodeURIComponent(file.name)}`)
    request.setRequestHeader('content-type', 'application/octet-stream')
    request.upload.addEventListener('progress', event => {
      if (event.lengthComputable && event.total > 0) onProgress(event.loaded / event.total)
    })
    request.addEventListener('load', () => done(readAnswer(request)))
    request.addEventListener('error', () => done({ kind: 'failed', problem: NOT_CONNECTED }))
    request.send(file)
  })
}

function readAnswer<Stored>(request: XMLHttpRequest): UploadOutcome<Stored> {
  const body = parse(request.responseText)
  if (request.status === 200 || request.status === 201) {
    return { kind: 'stored', stored: body as Stored }
  }
  const carried = isError(body) ? body.error : body
  const problem = problemOf(carried)
  if (problem.code !== 'UNEXPECTED') return { kind: 'failed', problem }
  const message = `The workbench answered ${request.status}.`
  return { kind: 'failed', problem: { code: 'UNEXPECTED', message, data: {} } }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isError(body: unknown): body is { error: unknown } {
  return typeof body === 'object' && body !== null && 'error' in body
}
