import { CodedError } from '../../base/coded-error'
import type { Artifact, ArtifactShelf } from './artifact-shelf'
import { rangedBody, readRanges } from './byte-ranges'
import { fileNameOf } from './answers'
import type { PollingDesk } from './polling-desk'
import type { Transfers } from './transfers'

export interface DownloadRequest {
  readonly deviceId: string
  readonly taskId: number
  readonly fileName: string
  readonly request: Request
  /** Ends the line. */
  readonly cut: () => void
}

export interface DownloadsParts {
  readonly desk: Pick<PollingDesk, 'activeTask'>
  readonly shelf: ArtifactShelf
  readonly transfers: Transfers
}

/** Hands software out to devices that poll: whole, from where a line broke, or in chunks. */
export class Downloads {
  readonly #parts: DownloadsParts

  constructor(parts: DownloadsParts) {
    this.#parts = parts
  }

  /**
   * Rejects with `ACTION_UNKNOWN`, `ACTION_ENDED`, `BLOB_DAMAGED`, `DOWNLOADS_FULL` and with
   * `RANGE_REFUSED`, also where a device asks from the very end on, as RAUC's agent does to learn
   * that it has all.
   */
  async answer({ deviceId, taskId, fileName, request, cut }: DownloadRequest): Promise<Response> {
    const { desk, shelf, transfers } = this.#parts
    const task = await desk.activeTask(deviceId, taskId)
    const artifact = await shelf.artifact(task.rollout.digest)
    if (fileName !== fileNameOf(task, artifact)) {
      const message = `Action ${taskId} has no file of this name.`
      throw new CodedError('ACTION_UNKNOWN', message, { taskId })
    }
    const { status, parts, headers } = bodyFor(request.headers, artifact)
    if (request.method === 'HEAD') return new Response(null, { status, headers })
    if (!transfers.hasRoom(taskId)) throw downloadsFull(taskId)
    if (!(await transfers.begin(task))) {
      throw new CodedError('ACTION_ENDED', `Action ${taskId} has just ended.`, { taskId })
    }
    // Others may have begun at the same time.
    if (!transfers.hasRoom(taskId)) throw downloadsFull(taskId)
    const body = transfers.body(task, artifact, { parts, signal: request.signal, cut })
    return new Response(body, { status, headers })
  }
}

function downloadsFull(taskId: number): CodedError {
  const message = `Action ${taskId} has too many downloads at once. Try again later.`
  return new CodedError('DOWNLOADS_FULL', message, { taskId })
}

function bodyFor(asked: Headers, { bytes, sha256 }: Artifact) {
  const etag = `"${sha256}"`
  const common = { etag, 'accept-ranges': 'bytes' }
  const range = asked.get('range')
  const ifRange = asked.get('if-range')
  // With another file in mind a range of this one would be of no use.
  if (range === null || (ifRange !== null && ifRange !== etag)) {
    const headers = {
      ...common,
      'content-type': 'application/octet-stream',
      'content-length': String(bytes.length),
    }
    return { status: 200, parts: [{ from: 0, to: bytes.length }], headers }
  }
  const ranges = readRanges(range, bytes.length)
  if (!ranges) {
    const message = `"${range.slice(0, 100)}" is no range of the ${bytes.length} bytes of the file.`
    throw new CodedError('RANGE_REFUSED', message, { bytes: bytes.length })
  }
  const { parts, bytes: length, headers } = rangedBody(ranges, bytes.length, etag)
  return {
    status: 206,
    parts,
    headers: { ...common, ...headers, 'content-length': String(length) },
  }
}
